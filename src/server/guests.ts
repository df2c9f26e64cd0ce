/**
 * Requests of other processes, about which this one decides: those of processes whose place it has taken. What each holds
 * is kept by whose it is, so that all of it can be given back when that thread or process is over, and handed on.
 */
import {
  type AskedRate,
  type AskedShare,
  type HeldShare,
  type LimitQuestion,
  type LimitVerdict,
  rateLimitsOf,
} from '../web/index.ts';
import { BUSY, type ConcurrencyZone, PASS, REFUSED, REJECT } from '../zone/index.ts';
import type { GuestShares, ThreadPlace } from './port.ts';
import type { ZoneBook } from './zone-book.ts';

/** How long giving back rests that met a thread on its way, in milliseconds. */
const RETRY_MS = 50;
/** A limit that nothing reaches: of what was let in before. */
const NO_LIMIT = 0x7fff_ffff;

interface Share {
  readonly zone: ConcurrencyZone;
  readonly token: number;
}

interface Guest {
  readonly held: HeldShare;
  readonly shares: readonly Share[];
}

const PASSED: LimitVerdict = { wait: PASS, limit: -1, excess: 0 };

/** See the head of this file. */
export class Guests {
  readonly #zones: () => Pick<ZoneBook, 'rateZone' | 'guestsOf'>;
  readonly #places = new Map<string, ThreadPlace>();
  readonly #guests = new Map<string, Map<number, Guest>>();
  readonly #owing = new Set<ConcurrencyZone>();

  /** `zones` are those of now. */
  constructor(zones: () => Pick<ZoneBook, 'rateZone' | 'guestsOf'>) {
    this.#zones = zones;
  }

  /**
   * Decides a question. What it gets is held under its id until that is given back. Null where a thread stands still on a key: to
   * be asked again.
   */
  decide(from: ThreadPlace, id: number, question: LimitQuestion): LimitVerdict | null {
    return question.kind === 'requests'
      ? this.#decideRate(question.limits)
      : this.#decideShares(from, id, question.limits);
  }

  #decideRate(limits: readonly AskedRate[]): LimitVerdict | null {
    const places = limits.flatMap((limit, index) => {
      const zone = this.#zones().rateZone(limit);
      return zone === undefined ? [] : [{ index, key: limit.key, limit: { ...limit, zone } }];
    });
    const checks = rateLimitsOf(places.map(({ limit }) => limit));
    const wait = checks.check(places.map(({ key }) => key));
    if (wait === BUSY) return null;
    return { wait, limit: places[checks.limit]?.index ?? -1, excess: checks.excess };
  }

  #decideShares(from: ThreadPlace, id: number, limits: readonly AskedShare[]): LimitVerdict | null {
    const shares: Share[] = [];
    for (const [limit, asked] of limits.entries()) {
      const zone = this.#zones().guestsOf(asked);
      if (zone === undefined || asked.key === '') continue;
      const token = zone.acquire(asked.key, asked.max);
      if (token === REFUSED || token === BUSY) {
        this.#release(shares);
        return token === BUSY ? null : { wait: REJECT, limit, excess: 0 };
      }
      shares.push({ zone, token });
    }
    this.#keep(from, { held: { id, shares: limits }, shares });
    return PASSED;
  }

  #keep(from: ThreadPlace, guest: Guest): void {
    const place = nameOf(from);
    this.#places.set(place, from);
    const guests = this.#guests.get(place) ?? new Map<number, Guest>();
    this.#guests.set(place, guests.set(guest.held.id, guest));
  }

  /** Takes over what the requests of a thread hold already, whatever the limits are. */
  take({ from, held }: GuestShares): void {
    for (const one of held) {
      const shares = one.shares.flatMap((share) => {
        const zone = share.key === '' ? undefined : this.#zones().guestsOf(share);
        if (zone === undefined) return [];
        const token = zone.acquire(share.key, NO_LIMIT);
        return token === REFUSED || token === BUSY ? [] : [{ zone, token }];
      });
      this.#keep(from, { held: one, shares });
    }
  }

  /** A request of a guest is over. Nothing where it holds nothing. */
  giveBack(from: ThreadPlace, id: number): void {
    const guests = this.#guests.get(nameOf(from));
    const guest = guests?.get(id);
    guests?.delete(id);
    if (guest !== undefined) this.#release(guest.shares);
  }

  /** A process is over, or, where `thread` is not null, that thread of it. */
  leave(generation: number, thread: number | null): void {
    for (const [name, place] of this.#places) {
      if (place.generation !== generation || (thread !== null && place.thread !== thread)) continue;
      for (const { shares } of this.#guests.get(name)?.values() ?? []) this.#release(shares);
      this.#guests.delete(name);
      this.#places.delete(name);
    }
  }

  #release(shares: readonly Share[]): void {
    for (const { zone, token } of shares) {
      zone.release(token);
      if (!zone.settle()) this.#settleLater(zone);
    }
  }

  // The seat of guests has no sweep of its own.
  #settleLater(zone: ConcurrencyZone): void {
    if (this.#owing.has(zone)) return;
    this.#owing.add(zone);
    setTimeout(() => {
      this.#owing.delete(zone);
      if (!zone.settle()) this.#settleLater(zone);
    }, RETRY_MS).unref();
  }

  /** What all guests hold: for the process that decides next. */
  shares(): readonly GuestShares[] {
    return Array.from(this.#places, ([name, from]) => ({
      from,
      held: Array.from(this.#guests.get(name)?.values() ?? [], ({ held }) => held),
    }));
  }
}

function nameOf({ generation, thread }: ThreadPlace): string {
  return `${generation}.${thread}`;
}
