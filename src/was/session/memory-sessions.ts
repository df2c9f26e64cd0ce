/** Sessions of one application in the memory of this process. */
import type { Clock } from '../../base/index.ts';
import type { ServletContext } from '../api/index.ts';
import { Session, type SessionKeeper } from './session.ts';
import { newSessionId, type RandomBytes } from './session-id.ts';

/** Milliseconds between two searches for sessions that nobody came back to. */
const SWEEP_EVERY = 10_000;

/** What keeping sessions needs. */
export interface SessionPorts {
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** See the head of this file. */
export class MemorySessions implements SessionKeeper {
  readonly context: ServletContext;
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #maxInactive: number;
  readonly #sessions = new Map<string, Session>();
  #sweptAt: number;

  /** New sessions end after `maxInactive` seconds without a request; 0 or less for never. */
  constructor(context: ServletContext, maxInactive: number, { clock, random }: SessionPorts) {
    this.context = context;
    this.#maxInactive = maxInactive;
    this.#clock = clock;
    this.#random = random;
    this.#sweptAt = clock.wall();
  }

  /** How many there are, those included that ended by time and were not looked for since. */
  get size(): number {
    return this.#sessions.size;
  }

  /** The session with an id, for a request that begins; null where there is none (any more). */
  find(id: string): Session | null {
    const session = this.#sessions.get(id);
    if (session === undefined) return null;
    const now = this.#clock.wall();
    if (session.isExpired(now)) {
      this.#expire(session);
      return null;
    }
    session.access(now);
    return session;
  }

  /** Makes a session whose id nobody had before. */
  create(): Session {
    const now = this.#clock.wall();
    this.#sweep(now);
    const session = new Session(this, this.#freeId(), now, this.#maxInactive);
    this.#sessions.set(session.getId(), session);
    return session;
  }

  /** Gives a session another id: who knew the old one, having given it to the user, knows nothing now. */
  changeId(session: Session): string {
    this.#sessions.delete(session.getId());
    session.rename(this.#freeId());
    this.#sessions.set(session.getId(), session);
    return session.getId();
  }

  forget(session: Session): void {
    this.#sessions.delete(session.getId());
  }

  #freeId(): string {
    let id = newSessionId(this.#random);
    while (this.#sessions.has(id)) id = newSessionId(this.#random);
    return id;
  }

  // Only new sessions make the memory grow, so they are what clears it.
  #sweep(now: number): void {
    if (now - this.#sweptAt < SWEEP_EVERY) return;
    this.#sweptAt = now;
    for (const session of this.#sessions.values()) {
      if (session.isExpired(now)) this.#expire(session);
    }
  }

  #expire(session: Session): void {
    session.end();
    this.forget(session);
  }
}
