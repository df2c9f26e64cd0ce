/** The zones of a configuration as one web thread knows them; those that did not change go over to the next one. */
import type { Template } from '../pipeline/index.ts';
import { ConcurrencyZone, RateZone, type Seat } from '../zone/index.ts';
import { LimitZone } from '../web/index.ts';
import type { LimitGrants, ZoneGrant } from './limit-grants.ts';

/** Which record of the configuration a zone is in. */
export type ZoneKind = 'rateZones' | 'connectionZones';

interface Entry<Z, H> {
  readonly grant: ZoneGrant<H>;
  readonly zone: LimitZone<Z>;
  readonly isNew: boolean;
}

type Entries<Z, H> = ReadonlyMap<string, Entry<Z, H>>;

/** Where the routes of a configuration find their zones. */
export interface ZoneLookUp {
  rate(name: string): LimitZone<RateZone> | undefined;
  connections(name: string): LimitZone<ConcurrencyZone> | undefined;
}

/** See the head of this file. */
export class ThreadZones implements ZoneLookUp {
  readonly #rates: Entries<RateZone, LimitGrants['rates'][number]['handle']>;
  readonly #connections: Entries<ConcurrencyZone, LimitGrants['connections'][number]['handle']>;

  /** The zones of a configuration beside those of the one before. */
  constructor(grants: Pick<LimitGrants, 'rates' | 'connections'>, before: ThreadZones | null) {
    this.#rates = entriesOf(grants.rates, before === null ? null : before.#rates);
    this.#connections = entriesOf(grants.connections, before === null ? null : before.#connections);
  }

  rate(name: string): LimitZone<RateZone> | undefined {
    return this.#rates.get(name)?.zone;
  }

  connections(name: string): LimitZone<ConcurrencyZone> | undefined {
    return this.#connections.get(name)?.zone;
  }

  /** Whether a name is the very same zone here and there, so that a site that uses it can stay. */
  hasSame(kind: ZoneKind, name: string, other: ThreadZones | null): boolean {
    if (other === null) return false;
    return kind === 'rateZones'
      ? this.rate(name) === other.rate(name)
      : this.connections(name) === other.connections(name);
  }

  /** Compiles the keys of new zones; to be done when the variables of all sites are known. */
  compileKeys(compile: (kind: ZoneKind, name: string, key: string) => Template | null): void {
    for (const [kind, entries] of [
      ['rateZones', this.#rates],
      ['connectionZones', this.#connections],
    ] as const)
      for (const [name, { grant, zone, isNew }] of entries) {
        const key = isNew ? compile(kind, name, grant.key) : null;
        if (key !== null) zone.key = key;
      }
  }

  /** Takes the thread's seat in new zones: from now on it counts in them. */
  attach(seat: Seat): void {
    for (const { grant, zone, isNew } of this.#rates.values())
      if (isNew) zone.counts = new RateZone(grant.handle, seat);
    for (const { grant, zone, isNew } of this.#connections.values())
      if (isNew) zone.counts = new ConcurrencyZone(grant.handle, seat, { whenBusy: 'tell' });
  }

  /** Gives back what could not be given back at once. */
  settle(): void {
    for (const { zone } of this.#connections.values()) zone.counts.settle();
  }
}

function entriesOf<Z, H extends { readonly name: string }>(
  grants: readonly ZoneGrant<H>[],
  before: Entries<Z, H> | null,
): Entries<Z, H> {
  return new Map(
    grants.map((grant): readonly [string, Entry<Z, H>] => {
      const { name } = grant.handle;
      const known = before?.get(name);
      if (known?.grant.serial === grant.serial) return [name, { ...known, isNew: false }];
      return [name, { grant, zone: new LimitZone<Z>(name, grant.identity), isNew: true }];
    }),
  );
}
