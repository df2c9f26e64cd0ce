import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, MemoryBudget } from '../base/index.ts';
import { H1ClientConnection } from '../http/h1/index.ts';
import { h1ClientTestSettings } from '../../test/conformance/h1-back.ts';
import { MemoryWire } from '../../test/conformance/memory-wire.ts';
import { IdleConnections } from './idle-connections.ts';

function connection(idle: IdleConnections): H1ClientConnection {
  const made: H1ClientConnection = new H1ClientConnection(
    new MemoryWire(),
    h1ClientTestSettings(new ManualClock(), new MemoryBudget(1000), []),
    { onIdle: () => {}, onUnusable: () => idle.remove(made) },
  );
  return made;
}

test('above the limit the connection that has been idle longest is closed', () => {
  const idle = new IdleConnections(2);
  const [a, b, c] = [connection(idle), connection(idle), connection(idle)];
  idle.add(a);
  idle.add(b);
  idle.remove(a);
  idle.add(a);
  idle.add(c);
  assert.deepEqual([a.usable, b.usable, c.usable], [true, false, true]);
  assert.equal(idle.size, 2);
});

test('a limit of nothing keeps none', () => {
  const idle = new IdleConnections(0);
  const only = connection(idle);
  idle.add(only);
  assert.equal(only.usable, false);
  assert.equal(idle.size, 0);
});
