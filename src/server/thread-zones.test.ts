import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileTemplate, Variables } from '../pipeline/index.ts';
import { createConcurrencyZone, createRateZone } from '../zone/index.ts';
import type { LimitGrants } from './limit-grants.ts';
import { ThreadZones } from './thread-zones.ts';
import { seatOf } from './zone-book.ts';

const BYTES = 32 * 1024;
const VARIABLES = new Variables([], []);

type Grants = Pick<LimitGrants, 'rates' | 'connections'>;

function granted(serials: readonly [rate: number, connection: number]): Grants {
  const [rate, connection] = serials;
  return {
    rates: [
      {
        serial: rate,
        key: 'one',
        identity: 'r',
        handle: createRateZone({ name: 'z', bytes: BYTES, rate: 16, threads: 2 }),
      },
    ],
    connections: [
      {
        serial: connection,
        key: 'two',
        identity: 'c',
        handle: createConcurrencyZone({ name: 'z', bytes: BYTES, threads: 2 }),
      },
    ],
  };
}

function served(
  grants: Grants,
  before: ThreadZones | null,
): { zones: ThreadZones; keys: string[] } {
  const zones = new ThreadZones(grants, before);
  const keys: string[] = [];
  zones.compileKeys((kind, name, key) => {
    keys.push(`${kind} ${name} ${key}`);
    const compiled = compileTemplate(key, VARIABLES);
    return 'value' in compiled ? compiled.value : null;
  });
  zones.attach(seatOf(1));
  return { zones, keys };
}

test('zones of both kinds may have one name, and are ready when the thread is attached', () => {
  const { zones, keys } = served(granted([1, 2]), null);
  assert.deepEqual(keys, ['rateZones z one', 'connectionZones z two']);
  assert.equal(zones.rate('z')?.counts.rate, 16);
  assert.notEqual(zones.connections('z')?.counts.acquire('k', 1), -1);
  assert.deepEqual([zones.rate('other'), zones.connections('other')], [undefined, undefined]);
  zones.settle();
});

test('a zone is not ready before', () => {
  const zones = new ThreadZones(granted([1, 2]), null);
  assert.throws(() => zones.rate('z')?.counts, /not ready/);
  assert.throws(() => zones.rate('z')?.key, /not ready/);
});

test('a zone that did not change goes over to the next configuration as it is', () => {
  const grants = granted([1, 2]);
  const first = served(grants, null).zones;
  // As after a message: the same memory, in other objects.
  const next = granted([1, 3]);
  const { zones: second, keys } = served(next, first);
  assert.deepEqual(keys, ['connectionZones z two']);
  assert.equal(second.rate('z'), first.rate('z'));
  assert.notEqual(second.connections('z'), first.connections('z'));
  assert.deepEqual(
    [second.hasSame('rateZones', 'z', first), second.hasSame('connectionZones', 'z', first)],
    [true, false],
  );
  assert.equal(first.hasSame('rateZones', 'z', null), false);
});
