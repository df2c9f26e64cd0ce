import assert from 'node:assert/strict';
import { Fields } from '../../src/http/message/index.ts';
import { compileTemplate, type Variables } from '../../src/pipeline/index.ts';
import { type Alarm, LimitZone, limitVariables, zoneIdentity } from '../../src/web/index.ts';
import {
  ConcurrencyZone,
  createConcurrencyZone,
  createRateZone,
  RateZone,
  SharedTable,
  type TableHandle,
} from '../../src/zone/index.ts';
import { MemorySite, says, type MemoryLocation } from './memory-site.ts';

const SEAT = { thread: 1, generation: 1 };
const PATIENCE = { spins: 1, sleeps: 0, sleepMs: 0 };
const BYTES = 32 * 1024;
/** The key of all zones here: what a request says in its field `X-Key`. */
const KEY = '$http_x_key';

/** A clock for zones that a test moves. */
export class ZoneClock {
  now = 1_000_000;
  monotonic(): number {
    return this.now;
  }
  wall(): number {
    return 0;
  }
}

/** An alarm that rings when a test says so. */
export class ManualAlarm {
  readonly waiting = new Map<
    number,
    { readonly milliseconds: number; readonly wake: () => void }
  >();
  #next = 0;

  readonly alarm: Alarm = (milliseconds, wake) => {
    const id = ++this.#next;
    this.waiting.set(id, { milliseconds, wake });
    return () => {
      this.waiting.delete(id);
    };
  };

  /** How long each waits, in the order in which they began. */
  get times(): readonly number[] {
    return [...this.waiting.values()].map(({ milliseconds }) => milliseconds);
  }

  /** Rings for all. */
  ring(): void {
    const waking = [...this.waiting.values()];
    this.waiting.clear();
    for (const { wake } of waking) wake();
  }
}

function keyed<Z>(zone: LimitZone<Z>, variables: Variables): LimitZone<Z> {
  const key = compileTemplate(KEY, variables);
  assert.ok('value' in key);
  zone.key = key.value;
  return zone;
}

/** Zones of one thread, and a site whose variables their keys are made of. */
export class LimitBench {
  readonly clock = new ZoneClock();
  readonly timers = new ManualAlarm();
  readonly #tables = new Map<string, TableHandle>();
  readonly #variables = new MemorySite({ x: {} }).variables;

  /** A zone of rates, in thousandths of a request a second. */
  rate(rate: number, name = 'z'): LimitZone<RateZone> {
    const handle = createRateZone({ name, bytes: BYTES, rate, threads: 2 });
    const zone = new LimitZone<RateZone>(name, zoneIdentity({ key: KEY, size: BYTES }));
    zone.counts = new RateZone(handle, SEAT, { clock: this.clock, patience: PATIENCE });
    this.#tables.set(name, handle.table);
    return keyed(zone, this.#variables);
  }

  /** A zone of connections. */
  connections(name = 'c', bytes = BYTES): LimitZone<ConcurrencyZone> {
    const handle = createConcurrencyZone({ name, bytes, threads: 2 });
    const zone = new LimitZone<ConcurrencyZone>(name, zoneIdentity({ key: KEY, size: bytes }));
    zone.counts = new ConcurrencyZone(handle, SEAT, { whenBusy: 'tell', patience: PATIENCE });
    this.#tables.set(name, handle.table);
    return keyed(zone, this.#variables);
  }

  /** Another thread stands still on the key `k` of a zone, until what is returned is called. */
  block(name: string): () => void {
    const handle = this.#tables.get(name);
    assert.ok(handle !== undefined);
    const table = new SharedTable(handle, { thread: 2, generation: 1 });
    assert.ok(table.lock('k'));
    return () => {
      table.unlock();
    };
  }

  /** A site of these locations, whose access log says status and what limits came to. */
  site(locations: Readonly<Record<string, MemoryLocation>>): MemorySite {
    return new MemorySite(
      { 'a.example': locations },
      { definitions: limitVariables(), format: '$status $limit_req_status $limit_conn_status' },
    );
  }
}

/** The handler behind limits. */
export const OK = says('ok');

/** The fields of a request with a key; none for an empty one. */
export function keyFields(key: string): Fields {
  return key === '' ? new Fields() : Fields.of(['X-Key', key]);
}
