import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainAddress } from './plain-address.ts';

const ADDRESSES: readonly (readonly [seen: string | undefined, known: string])[] = [
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['::1', '::1'],
  ['::', '::'],
  // Only the mapped prefix stands for an IPv4 address, and only in front of one.
  ['::ffff:1', '::ffff:1'],
  ['::ffff:0:1.2.3.4', '::ffff:0:1.2.3.4'],
  ['::1.2.3.4', '::1.2.3.4'],
  ['64:ff9b::1.2.3.4', '64:ff9b::1.2.3.4'],
  ['2001:db8::ffff:1', '2001:db8::ffff:1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['fe80::1%1', 'fe80::1'],
  ['fe80::1', 'fe80::1'],
  [undefined, ''],
];
for (const [seen, known] of ADDRESSES)
  test(`${seen} is known as ${known === '' ? 'nothing' : known}`, () => {
    assert.equal(plainAddress(seen), known);
  });
