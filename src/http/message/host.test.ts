import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { parseHost } from './host.ts';

function accept(rows: readonly (readonly [string, string, number])[]): void {
  for (const [value, name, port] of rows) assert.deepEqual(parseHost(value), { name, port }, value);
}

function refuse(values: readonly string[]): void {
  for (const value of values) assert.equal(parseHost(value), null, JSON.stringify(value));
}

test('a name is taken with or without a port, in lower case', () => {
  accept([
    ['example.com', 'example.com', -1],
    ['Example.COM:8080', 'example.com', 8080],
    ['a', 'a', -1],
    ['localhost:80', 'localhost', 80],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example', -1],
    ['a_b-c~d', 'a_b-c~d', -1],
    ["!$&'()*+;=", "!$&'()*+;=", -1],
    ['192.0.2.1:443', '192.0.2.1', 443],
    ['192.0.2.1', '192.0.2.1', -1],
    ['a%2Fb', 'a%2fb', -1],
    ['%41', '%41', -1],
  ]);
});

test('the port has one to five digits and ends at 65535; an empty one is none', () => {
  accept([
    ['a:', 'a', -1],
    ['[::1]:', '[::1]', -1],
    ['a:0', 'a', 0],
    ['a:1', 'a', 1],
    ['a:9', 'a', 9],
    ['a:49999', 'a', 49999],
    ['a:00080', 'a', 80],
    ['a:65535', 'a', 65535],
    ['[::1]:65535', '[::1]', 65535],
  ]);
  refuse([
    'a:65536',
    'a:99999',
    'a:000080',
    'a:100000',
    'a:-1',
    'a:+1',
    'a:8 0',
    'a: 80',
    'a:80 ',
    'a:x',
    'a:0x50',
    'a:80:90',
    'a::80',
    'a:8\xb2',
    '[::1]:65536',
    '[::1]:x',
  ]);
});

test('one trailing dot is dropped and empty labels are refused', () => {
  accept([
    ['a.b.', 'a.b', -1],
    ['a.b.:80', 'a.b', 80],
    ['192.0.2.1.', '192.0.2.1', -1],
  ]);
  refuse(['.', '..', 'a..', 'a..b', '.a', '.:80', 'a..:80']);
});

test('an empty name and bytes outside a name are refused', () => {
  refuse([
    '',
    ':',
    ':80',
    ' ',
    'a b',
    ' a',
    'a ',
    'a\t',
    'a,b',
    'a, b',
    'u@b',
    'u:p@b',
    '@',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    'a"b',
    'a<b',
    'a>b',
    'a^b',
    'a`b',
    'a{b',
    'a|b',
    'a]b',
    'a[b',
    '[',
    ']',
    'a\0',
    'a\r\n',
    'a\x7f',
    '\xe9.com',
    'a\xa0',
    'http://a',
    '\u0130.com',
  ]);
});

test('percent forms have two hexadecimal digits and are not decoded', () => {
  refuse(['%41/', '%41,b', 'a%41@b', '%', 'a%', 'a%4', 'a%4:80', 'a%4g', 'a%g4', 'a%%41', '%4.1']);
  accept([['a%C3%A9.b:1', 'a%c3%a9.b', 1]]);
});

test('IPv6 addresses stand in brackets', () => {
  for (const address of [
    '::',
    '::1',
    '1::',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '1::8',
    '2001:db8::ffff:0:1',
    'fe80::abcd',
    '::ffff:192.0.2.1',
    '1:2:3:4:5:6:192.0.2.1',
    '1::192.0.2.1',
    '::0.0.0.0',
    '0001:0002::',
    '1:2:3:4:5::192.0.2.1',
  ]) {
    accept([
      [`[${address}]`, `[${address}]`, -1],
      [`[${address}]:8`, `[${address}]`, 8],
    ]);
  }
  accept([['[2001:DB8::A]:443', '[2001:db8::a]', 443]]);
});

test('malformed IPv6 addresses are refused', () => {
  for (const address of [
    '',
    ':',
    ':::',
    '1',
    '1:',
    ':1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1::2::3',
    '1:::2',
    '12345::',
    'g::',
    '::g',
    '1:2:3:4:5:6:7:192.0.2.1',
    '192.0.2.1',
    '::192.0.2',
    '::192.0.2.1.1',
    '::192.0.2.256',
    '::192.0.2.01',
    '::192.0.2.1:1',
    '::1.2.3.',
    '::1.2x3.4',
    '::1.2-3.4',
    '::192.0:2.1',
    '::1234.2.3.4',
    '::a.2.3.4',
    '1:2:3:4:5:6::192.0.2.1',
    'fe80::1%eth0',
    'fe80::1%25eth0',
    ' ::1',
    '::1 ',
    'v1.x',
    'zz',
    '::1]',
    '[::1',
  ]) {
    refuse([`[${address}]`]);
  }
  refuse([
    '[::1',
    '::1',
    '[::1]x',
    '[::1].',
    '[::1]80',
    'a[::1]',
    '[::1]]',
    '[[::1]]',
    '[::1][::1]',
    '[::1]@a',
  ]);
});

test('IPv6 reading agrees with the platform', async () => {
  const { isIPv6 } = await import('node:net');
  const piece = fc.constantFrom('1', 'a', 'ffff', '12345', ':', '::', '1.2.3.4', '0', '.');
  const joined = fc.oneof(
    fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')),
    fc
      .array(fc.constantFrom('1', 'ab', '', 'ffff', '1.2.3.4'), { maxLength: 9 })
      .map((p) => p.join(':')),
    fc.ipV6(),
  );
  fc.assert(
    fc.property(joined, (address) => {
      assert.equal(parseHost(`[${address}]`) !== null, isIPv6(address), address);
    }),
    { numRuns: 2000 },
  );
});

test('a result read again is itself, whatever the bytes', () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    fc.constantFrom('a', 'Z', '.', ':', '80', '[', ']', '::', '1', '%41'),
  );
  fc.assert(
    fc.property(fc.string({ unit }), (value) => {
      const host = parseHost(value);
      if (host === null) return;
      assert.ok(host.port >= -1 && host.port <= 65535);
      const again = host.port === -1 ? host.name : `${host.name}:${host.port}`;
      assert.deepEqual(parseHost(again), host);
    }),
    { numRuns: 500 },
  );
});
