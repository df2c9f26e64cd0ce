import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleCount } from './idle-connections.ts';

test('ten thousand connections are opened where the descriptors allow it', () => {
  assert.equal(idleCount(20_000), 10_000);
  assert.equal(idleCount(11_000), 10_000);
  assert.equal(idleCount(10_999), 9_999);
  assert.equal(idleCount(1024), 24);
  assert.equal(idleCount(1000), 0);
  assert.equal(idleCount(256), 0);
});
