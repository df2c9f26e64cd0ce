import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IdleConnection, IdleConnections } from './idle-connections.ts';

class Connection implements IdleConnection {
  older: IdleConnection | null = null;
  newer: IdleConnection | null = null;
  retired = false;
  retire(): void {
    this.retired = true;
  }
}

test('above the limit the connection that has been idle longest is closed', () => {
  const idle = new IdleConnections(2);
  const [a, b, c] = [new Connection(), new Connection(), new Connection()];
  idle.add(a);
  idle.add(b);
  idle.remove(a);
  idle.add(a);
  idle.add(c);
  assert.deepEqual([a.retired, b.retired, c.retired], [false, true, false]);
  assert.equal(idle.size, 2);
});

test('a limit of nothing keeps none', () => {
  const idle = new IdleConnections(0);
  const only = new Connection();
  idle.add(only);
  assert.equal(only.retired, true);
  assert.equal(idle.size, 0);
});

test('the order stays right whichever connection is taken out, and taking out twice is harmless', () => {
  for (let first = 0; first < 4; first++) {
    for (let second = 0; second < 4; second++) {
      const idle = new IdleConnections(4);
      const all = [new Connection(), new Connection(), new Connection(), new Connection()];
      for (const connection of all) idle.add(connection);
      const kept = all.filter((_, at) => at !== first && at !== second);
      for (const at of [first, second]) {
        const connection = all[at];
        if (connection !== undefined) idle.remove(connection);
      }
      assert.equal(idle.size, kept.length);
      // One in after the other, until each that was kept has been the oldest.
      const retired: Connection[] = [];
      while (retired.length < kept.length) {
        idle.add(new Connection());
        for (const connection of kept) {
          if (connection.retired && !retired.includes(connection)) retired.push(connection);
        }
      }
      assert.deepEqual(retired, kept);
      assert.equal(idle.size, 4);
    }
  }
});
