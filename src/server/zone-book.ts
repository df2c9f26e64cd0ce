/**
 * The zones of a server process, in its main thread: makes those that a configuration adds or changes, keeps those that
 * it leaves as they are, with all that they have counted, and repairs them when a thread is over.
 *
 * A zone stays as it is where its key and its size do; another rate is the rate of what was counted before, as in nginx.
 */
import type { ConfigModel } from '../config/index.ts';
import {
  ConcurrencyZone,
  type ConcurrencyZoneHandle,
  createConcurrencyZone,
  createRateZone,
  MAIN_SEAT,
  RateZone,
  type RateZoneHandle,
  type Seat,
} from '../zone/index.ts';
import { zoneIdentity, type ZoneName } from '../web/index.ts';
import type { LimitGrants, ZoneGrant } from './limit-grants.ts';
import type { SiteFault } from './port.ts';

/** How long a repair rests that met a thread on its way, in milliseconds. */
const RETRY_MS = 50;

/** No thread of a process is replaced, so each index has one generation. */
const GENERATION = 1;

/** The seat of a web thread, by its number from 1. */
export function seatOf(thread: number): Seat {
  return { thread, generation: GENERATION };
}

/** A zone with the main thread's attachments. */
interface RateEntry {
  readonly grant: ZoneGrant<RateZoneHandle>;
  readonly view: RateZone;
}

interface ConnectionEntry {
  readonly grant: ZoneGrant<ConcurrencyZoneHandle>;
  readonly view: ConcurrencyZone;
  /** Holds what requests of other processes hold here. */
  readonly guests: ConcurrencyZone;
}

interface Zones {
  readonly rates: ReadonlyMap<string, RateEntry>;
  readonly connections: ReadonlyMap<string, ConnectionEntry>;
}

const NO_ZONES: Zones = { rates: new Map(), connections: new Map() };

/** See the head of this file. */
export class ZoneBook {
  readonly #threads: number;
  readonly #gate = new SharedArrayBuffer(4);
  readonly #gateWord = new Int32Array(this.#gate);
  #serial = 0;
  #served = NO_ZONES;
  #offered: Zones | null = null;

  /** `threads` is the number of web threads, which stays. */
  constructor(threads: number) {
    this.#threads = threads;
  }

  /** Makes what a configuration needs; it counts once `commit` says so, and is gone with `discard` or the next offer. */
  offer({
    rateZones,
    connectionZones,
  }: ConfigModel): LimitGrants & { readonly faults: readonly SiteFault[] } {
    const faults: SiteFault[] = [];
    const make = <E>(
      kind: string,
      name: string,
      maker: () => E,
    ): readonly (readonly [string, E])[] => {
      try {
        return [[name, maker()]];
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        faults.push({
          path: [kind, name],
          message: `The zone cannot be made: ${error.message}`,
          cure: 'Change its `size`, or the number of `threads`',
        });
        return [];
      }
    };
    this.#offered = {
      rates: new Map(
        Object.entries(rateZones).flatMap(([name, model]) =>
          make('rateZones', name, () => this.#rateEntry(name, model)),
        ),
      ),
      connections: new Map(
        Object.entries(connectionZones).flatMap(([name, model]) =>
          make('connectionZones', name, () => this.#connectionEntry(name, model)),
        ),
      ),
    };
    const { rates, connections } = this.#offered;
    return {
      gate: this.#gate,
      rates: Array.from(rates.values(), ({ grant }) => grant),
      connections: Array.from(connections.values(), ({ grant }) => grant),
      faults,
    };
  }

  #rateEntry(name: string, model: ConfigModel['rateZones'][string]): RateEntry {
    const { key, rate, size } = model;
    const identity = zoneIdentity(model);
    const known = this.#served.rates.get(name);
    if (known?.grant.identity === identity && known.view.rate === rate) return known;
    // Of the same room.
    const handle =
      known?.grant.identity === identity
        ? { ...known.grant.handle, rate }
        : createRateZone({ name, bytes: size, rate, threads: this.#threads });
    const grant = { serial: ++this.#serial, key, identity, handle };
    return { grant, view: new RateZone(handle, MAIN_SEAT) };
  }

  #connectionEntry(name: string, model: ConfigModel['connectionZones'][string]): ConnectionEntry {
    const identity = zoneIdentity(model);
    const known = this.#served.connections.get(name);
    if (known?.grant.identity === identity) return known;
    // One seat more, for guests.
    const threads = this.#threads + 1;
    const handle = createConcurrencyZone({ name, bytes: model.size, threads });
    const grant = { serial: ++this.#serial, key: model.key, identity, handle };
    return {
      grant,
      view: new ConcurrencyZone(handle, MAIN_SEAT),
      guests: new ConcurrencyZone(handle, seatOf(threads), { whenBusy: 'tell' }),
    };
  }

  /** What was offered is served from now on. */
  commit(): void {
    this.#served = this.#offered ?? this.#served;
    this.#offered = null;
  }

  /** What was offered is refused. */
  discard(): void {
    this.#offered = null;
  }

  /** Gives back what a thread held that is over. */
  repair(thread: number): void {
    const seat = seatOf(thread);
    const views = [this.#served, this.#offered ?? NO_ZONES].flatMap(({ rates, connections }) =>
      [...rates.values(), ...connections.values()].map(({ view }) => view),
    );
    const left = views.filter((view) => !view.repair(seat));
    // What is in the way may be a thread of which nobody knows yet that it is over.
    if (left.length > 0)
      setTimeout(() => {
        this.repair(thread);
      }, RETRY_MS).unref();
  }

  /** The zone of rates that is meant; undefined where it is not there, or counts something else. */
  rateZone({ zone, identity }: ZoneName): RateZone | undefined {
    const entry = this.#served.rates.get(zone);
    return entry?.grant.identity === identity ? entry.view : undefined;
  }

  /** The attachment for guests to the zone of connections that is meant; undefined as above. */
  guestsOf({ zone, identity }: ZoneName): ConcurrencyZone | undefined {
    const entry = this.#served.connections.get(zone);
    return entry?.grant.identity === identity ? entry.guests : undefined;
  }

  /** Whether nothing is counted. */
  get isEmpty(): boolean {
    return this.#served.rates.size + this.#served.connections.size === 0;
  }

  /** Whether the threads are to leave every decision to another process. */
  set isAway(away: boolean) {
    Atomics.store(this.#gateWord, 0, away ? 1 : 0);
  }

  /** The rates of all zones as bytes; one that a thread stands still on is left out. */
  snapshots(): readonly (ZoneName & { readonly bytes: string })[] {
    return Array.from(this.#served.rates, ([zone, { grant, view }]) => {
      const bytes = view.snapshot();
      if (bytes === null) return [];
      return [{ zone, identity: grant.identity, bytes: Buffer.from(bytes).toString('base64') }];
    }).flat();
  }

  /** Fills the zones that were offered, before a thread uses them; those that count something else begin anew. */
  restore(snapshots: readonly (ZoneName & { readonly bytes: string })[]): void {
    for (const { zone, identity, bytes } of snapshots) {
      const entry = this.#offered?.rates.get(zone);
      if (entry?.grant.identity === identity) entry.view.restore(Buffer.from(bytes, 'base64'));
    }
  }
}
