/**
 * What the threads of a server process know together of the servers of upstreams, in its main thread. An upstream whose
 * text stays as it is keeps what is known.
 */
import { createPeerZone, type PeerZoneHandle, repairPeerZone } from '../proxy/index.ts';
import type { Seat } from '../zone/index.ts';

/** How long a repair rests that met a thread on its way, in milliseconds. */
const RETRY_MS = 50;

interface Entry {
  readonly json: string;
  readonly zone: PeerZoneHandle;
}

/** See the head of this file. */
export class PeerBook {
  readonly #threads: number;
  #served: ReadonlyMap<string, Entry> = new Map();
  #offered: ReadonlyMap<string, Entry> = this.#served;

  /** `threads` is the number of web threads, which stays. */
  constructor(threads: number) {
    this.#threads = threads;
  }

  /** Zones for the upstreams of a configuration, by name; `serversOf` tells how many servers one has. */
  offer(
    texts: ReadonlyMap<string, string>,
    serversOf: (name: string) => number,
  ): ReadonlyMap<string, PeerZoneHandle> {
    const offered = new Map<string, Entry>();
    for (const [name, json] of texts) {
      const known = this.#served.get(name);
      if (known?.json === json) offered.set(name, known);
      else offered.set(name, { json, zone: createPeerZone(serversOf(name), this.#threads) });
    }
    this.#offered = offered;
    return new Map(Array.from(offered, ([name, { zone }]) => [name, zone]));
  }

  /** What was offered last is served. */
  commit(): void {
    this.#served = this.#offered;
  }

  /** Gives back what a thread had under way that is over. */
  repair(seat: Seat): void {
    const zones = new Set([...this.#served.values(), ...this.#offered.values()]);
    const left = [...zones].filter(({ zone }) => !repairPeerZone(zone, seat));
    if (left.length > 0) {
      setTimeout(() => {
        this.repair(seat);
      }, RETRY_MS).unref();
    }
  }
}
