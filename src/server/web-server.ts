/**
 * The web threads of a server process, seen from its main thread: starts them on the sockets that it was given, gives
 * them configurations, and ends them. A configuration is prepared in every thread before it is committed in any, so it
 * is served by all or by none, and the one before goes on until then.
 *
 * A thread that ends is not replaced here: its descriptors are gone with it. Another thread listens on its sockets
 * until the supervisor, which has them all, has started another server process.
 */
import { closeSync } from 'node:fs';
import { within } from '../base/index.ts';
import { addressesOf, type ConfigModel, type SocketAddress, socketsOf } from '../config/index.ts';
import type { PeerZoneHandle } from '../proxy/index.ts';
import { type Counters, machineClock } from '../zone/index.ts';
import { BEAT_MS, type BeatsHandle, createBeats, Heart, pulseOf } from './beats.ts';
import { LimitDesk, type LimitDeskPorts } from './limit-desk.ts';
import type { LimitGrants } from './limit-grants.ts';
import type { ThreadStart } from './messages.ts';
import type { ConfigOffer, NoteLevel, SiteFault, SocketGrant, ThreadReport } from './port.ts';
import { PeerBook } from './peer-book.ts';
import { createTallies, readTallies, type TallyHandle, type TallyName } from './tallies.ts';
import { batches, type Texts, textsOf } from './texts.ts';
import { type Said, ThreadHandle } from './thread-handle.ts';
import { Watchdog } from './watchdog.ts';

/** Options of the server itself, not of what it serves. */
export interface WebServerOptions {
  /** Value of the `Server` field. */
  readonly serverName: string;
  /** Hears of threads that ended without being told to, or were given up; the others go on. */
  readonly onThreadLost: (thread: number, reason: string) => void;
  /** How limits reach other processes. */
  readonly limits: Omit<LimitDeskPorts, 'threads'>;
}

/** What threads said of themselves when they were asked. */
export type ThreadSights = readonly Said<'report'>[];

/** A configuration on its way to the threads, made once for all of them. */
interface Offer {
  readonly config: ConfigModel;
  readonly addresses: readonly SocketAddress[];
  readonly texts: Texts;
  /** What threads know together of the servers of upstreams. */
  readonly peers: ReadonlyMap<string, PeerZoneHandle>;
  readonly zones: LimitGrants;
}

/** See the head of this file. */
export class WebServer {
  /** What is counted for limits. */
  readonly limits: LimitDesk;
  readonly #options: WebServerOptions;
  #threads: readonly ThreadHandle[] = [];
  #sockets: ReadonlyMap<string, SocketGrant> = new Map();
  #tallies: TallyHandle = createTallies(1);
  #beats: BeatsHandle = createBeats(1);
  #peers = new PeerBook(1);
  #watchdog: Watchdog | null = null;
  #stuckTimeout = 0;
  #ending = false;
  // As long as the process lives: with applications, each configuration has a process of its own.
  #hasApplications = false;
  // One configuration after the other.
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: WebServerOptions) {
    this.#options = options;
    this.limits = new LimitDesk({ ...options.limits, threads: () => this.#living() });
  }

  /** Starts threads, each with its part of the sockets, and builds a configuration in them; nothing is open yet. */
  async prepare(
    offer: ConfigOffer,
    threads: number,
    sockets: readonly SocketGrant[],
  ): Promise<readonly SiteFault[]> {
    const { config } = offer;
    this.#stuckTimeout = config.stuckThreadTimeout;
    this.#hasApplications = Object.keys(config.apps).length > 0;
    this.#sockets = new Map(sockets.map((grant) => [grant.key, grant]));
    this.#tallies = createTallies(threads);
    this.#beats = createBeats(threads);
    this.#beat();
    this.#peers = new PeerBook(threads);
    this.limits.begin(threads);
    this.#threads = Array.from({ length: threads }, (_, index) => this.#spawn(index + 1, config));
    await Promise.all(this.#threads.map((thread) => thread.hear('ready')));
    return this.#prepareAll(offer);
  }

  /** Listens, and serves what was prepared. Rejects where a thread cannot. */
  async serve(): Promise<void> {
    this.#peers.commit();
    this.limits.commit();
    await Promise.all(this.#threads.map(commit));
    this.#watchdog = this.#watch(this.#stuckTimeout);
  }

  // So that the threads notice when nobody watches over them any more.
  #beat(): void {
    const clock = machineClock();
    const heart = new Heart(this.#beats, 0, clock.monotonic());
    setInterval(() => {
      heart.beat(clock.monotonic());
    }, BEAT_MS).unref();
  }

  #watch(limit: number): Watchdog {
    return new Watchdog(this.#beats, limit, {
      clock: machineClock(),
      threads: () => this.#living().map(({ number }) => number),
      stackOf: (number) => this.#threads[number - 1]?.stack() ?? Promise.resolve([]),
      onNote: (sentence) => {
        this.note('warn', sentence);
      },
      onStuck: (number, reason) => {
        this.#threads[number - 1]?.giveUp(reason);
      },
    });
  }

  /**
   * Serves another configuration of the same addresses from now on, or says why not and goes on with the one before.
   * Rejects, and goes on likewise, where a thread ends while it prepares, or all of them while they take it over.
   */
  apply(offer: ConfigOffer): Promise<readonly SiteFault[]> {
    const done = this.#turn.then(() => this.#apply(offer));
    this.#turn = done.catch(() => {});
    return done;
  }

  async #apply(offer: ConfigOffer): Promise<readonly SiteFault[]> {
    const siteFaults = await this.#prepareAll(offer);
    if (siteFaults.length > 0) return siteFaults;
    const { stuckThreadTimeout } = offer.config;
    this.#stuckTimeout = stuckThreadTimeout;
    if (this.#watchdog !== null) this.#watchdog.limit = stuckThreadTimeout;
    this.#peers.commit();
    this.limits.commit();
    // A thread that fails here ends; the others serve the configuration.
    const commits = this.#living().map(commit);
    const outcomes = await Promise.allSettled(commits);
    // With the reason of the first.
    if (!outcomes.some(({ status }) => status === 'fulfilled')) await Promise.all(commits);
    return [];
  }

  #offerOf({ config, certificates }: ConfigOffer, zones: LimitGrants): Offer {
    const addresses = socketsOf(addressesOf(Object.entries(config.sites)).values());
    const texts = {
      certificates: textsOf(certificates),
      sites: textsOf(config.sites),
      upstreams: textsOf(config.upstreams),
    };
    const serversOf = (name: string): number => config.upstreams[name]?.servers.length ?? 0;
    const peers = this.#peers.offer(texts.upstreams, serversOf);
    return { config, addresses, texts, zones, peers };
  }

  #living(): readonly ThreadHandle[] {
    return this.#threads.filter(({ over }) => !over);
  }

  // Empty where every thread is ready to serve the configuration; otherwise none of them keeps any of it.
  async #prepareAll(given: ConfigOffer): Promise<readonly SiteFault[]> {
    const threads = this.#living();
    if (threads.length === 0) throw new Error('No web thread is left');
    const { faults, ...zones } = this.limits.offer(given.config);
    if (faults.length > 0) {
      this.limits.discard();
      return faults;
    }
    const offer = this.#offerOf(given, zones);
    const outcomes = await Promise.allSettled(threads.map((thread) => this.#offer(thread, offer)));
    const failures: unknown[] = [];
    const siteFaults: SiteFault[] = [];
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') siteFaults.push(...outcome.value);
      else failures.push(outcome.reason);
    }
    // Threads that are to end must not begin anew.
    if (failures.length === 0 && siteFaults.length === 0 && !this.#ending) return [];
    this.limits.discard();
    for (const thread of threads) thread.say({ type: 'discard' });
    for (const failure of failures) throw failure;
    if (siteFaults.length === 0) throw new Error('The server is ending');
    return siteFaults;
  }

  async #offer(
    thread: ThreadHandle,
    { config, addresses, texts, zones, peers }: Offer,
  ): Promise<readonly SiteFault[]> {
    const { limits, hotFileMemory, apps, logs, stuckThreadTimeout } = config;
    const own = addresses.map((address) => {
      const descriptors = this.#sockets.get(address.key)?.descriptors[thread.number - 1] ?? [];
      return { ...address, descriptors };
    });
    thread.say({
      type: 'model',
      addresses: own,
      limits,
      hotFileMemory,
      apps,
      logs,
      zones,
      stuckThreadTimeout,
    });
    for (const kind of ['certificates', 'upstreams', 'sites'] as const) {
      const known = kind === 'upstreams' ? peers : undefined;
      for (const some of batches(texts[kind], thread.serves?.[kind] ?? null, known)) {
        // oxlint-disable-next-line no-await-in-loop -- a batch is sent when the one before was dealt with
        await thread.ask({ type: 'texts', kind, texts: some }, 'more');
      }
    }
    thread.offered = texts;
    return (await thread.ask({ type: 'prepare' }, 'prepared')).siteFaults;
  }

  #spawn(number: number, { threadHeap }: ConfigModel): ThreadHandle {
    const seat = { thread: number, generation: 1 };
    const start: ThreadStart = {
      ...seat,
      serverName: this.#options.serverName,
      tallies: this.#tallies,
      beats: this.#beats,
    };
    const thread = new ThreadHandle(start, threadHeap, {
      onExit: () => {
        readTallies(this.#tallies).settle(seat);
        this.#peers.repair(seat);
        this.limits.lost(number);
      },
      onLost: (reason) => {
        if (this.#ending) return;
        this.#options.onThreadLost(number, reason);
        this.#giveAway(number);
      },
    });
    thread.onLimits = (message) => {
      this.limits.hear(number, message);
    };
    return thread;
  }

  // Who waits in the sockets of a lost thread is served by another one.
  #giveAway(lost: number): void {
    const heirs = this.#living().filter(({ serves }) => serves !== null);
    const heir = heirs[lost % heirs.length];
    if (heir === undefined) return;
    for (const { key, spares } of this.#sockets.values()) {
      const descriptors = spares[lost - 1]?.splice(0) ?? [];
      if (descriptors.length > 0) heir.say({ type: 'adopt', key, descriptors });
    }
  }

  /** Writes a line to the error log of the configuration. */
  note(level: NoteLevel, text: string): void {
    const now = machineClock().monotonic();
    const isWell = ({ number }: ThreadHandle): boolean =>
      pulseOf(this.#beats, number, now)?.stall === 0;
    const threads = this.#living();
    (threads.find(isWell) ?? threads[0])?.say({ type: 'note', level, text });
  }

  /** The counters of all threads together. */
  get counters(): Counters<TallyName> {
    return readTallies(this.#tallies);
  }

  /** How each thread is doing; what it cannot say itself is in memory. */
  threadReports(): readonly ThreadReport[] {
    const [counters, now] = [this.counters, machineClock().monotonic()];
    return this.#threads.map(({ number, over }): ThreadReport => {
      const pulse = pulseOf(this.#beats, number, now);
      return {
        thread: number,
        state: over ? 'lost' : (pulse?.stall ?? 0) > STUCK_MS ? 'stuck' : 'serving',
        connections: counters.valueOf('open_connections', number),
        requests: counters.valueOf('requests', number),
        stall: Math.round(pulse?.longest ?? 0),
      };
    });
  }

  /** What threads say of their connections and upstreams; one that stands still says nothing. */
  async sights(): Promise<ThreadSights> {
    const said: Said<'report'>[] = [];
    const asked = this.#living().map(async (thread) => {
      said.push(await thread.ask({ type: 'report' }, 'report'));
    });
    await within(REPORT_MS, Promise.allSettled(asked));
    return said;
  }

  /** Opens the log files again, after they were renamed. */
  reopenLogs(): void {
    for (const thread of this.#threads) thread.say({ type: 'reopen-logs' });
  }

  /**
   * Stops accepting and resolves when all connections have ended, or after `limit` milliseconds. For `idle`
   * milliseconds connections that wait for a request stay open for a last one. `onClosed` hears when nothing is
   * accepted any more.
   */
  async drain(idle: number, limit: number, onClosed: () => void): Promise<void> {
    this.#ending = true;
    for (const { spares } of this.#sockets.values())
      for (const descriptor of spares.flatMap((own) => own.splice(0))) closeSync(descriptor);
    const threads = this.#living();
    const ended = Promise.allSettled(threads.map((thread) => thread.hear('idle')));
    const message = { type: idle > 0 ? 'wind-down' : 'retire' } as const;
    const closed = Promise.allSettled(threads.map((thread) => thread.ask(message, 'closed')));
    // A thread that stands still does not hold the others up.
    await within(CLOSE_MS, closed);
    onClosed();
    if (idle > 0) {
      await within(Math.min(idle, limit), ended);
      for (const thread of threads) thread.say({ type: 'retire' });
    }
    await within(limit - idle, ended);
  }

  /** Ends the applications, writes the logs and ends the threads, whatever they do. */
  async stop(): Promise<void> {
    this.#ending = true;
    this.#watchdog?.stop();
    const threads = this.#living();
    if (this.#hasApplications) {
      const ended = threads.map((thread) =>
        thread.ask({ type: 'end-applications' }, 'applications-ended'),
      );
      await within(APPLICATIONS_MS, Promise.allSettled(ended));
    }
    await within(
      LOG_WRITE_MS,
      Promise.allSettled(threads.map((thread) => thread.ask({ type: 'stop' }, 'stopped'))),
    );
    await Promise.all(threads.map((thread) => thread.end('it was stopped')));
  }
}

/** A stall from which on a thread is shown as stuck, in milliseconds. */
const STUCK_MS = 1000;
/** How long threads have to tell what they see, in milliseconds. */
const REPORT_MS = 1000;
/** How long threads have to close their listening sockets, in milliseconds. */
const CLOSE_MS = 1000;
/** How long the end waits for applications, which bound their own time at less, in milliseconds. */
const APPLICATIONS_MS = 2500;
/** How long the end waits for logs whose disk or reader does not take them. */
const LOG_WRITE_MS = 2000;

async function commit(thread: ThreadHandle): Promise<void> {
  await thread.ask({ type: 'commit' }, 'committed');
  thread.serves = thread.offered;
}
