import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  endpointText,
  isHostName,
  parseHost,
  parseListen,
  parseNetwork,
  parsePeer,
  parsePort,
  parseUnixPath,
} from './address.ts';

const tcp = (host: string, port: number): unknown => ({ kind: 'tcp', host, port });
const unix = (path: string): unknown => ({ kind: 'unix', path });

const LISTEN: readonly (readonly [string, unknown])[] = [
  ['80', tcp('*', 80)],
  ['*:80', tcp('*', 80)],
  ['0', tcp('*', 0)],
  ['127.0.0.1:8080', tcp('127.0.0.1', 8080)],
  ['127.0.0.1:65535', tcp('127.0.0.1', 65535)],
  ['[::1]:8080', tcp('::1', 8080)],
  ['[::]:80', tcp('::', 80)],
  ['localhost:80', tcp('localhost', 80)],
  ['unix:/run/x.sock', unix('/run/x.sock')],
  [`unix:/${'x'.repeat(106)}`, unix(`/${'x'.repeat(106)}`)],
];
for (const [text, endpoint] of LISTEN)
  test(`listening on ${text} is understood`, () => {
    assert.deepEqual(parseListen(text), { value: endpoint });
  });

const SPELLINGS: readonly (readonly [one: string, ...others: string[]])[] = [
  ['[::1]:80', '[0:0::1]:80', '[0000:0:0:0:0:0:0:1]:80'],
  ['[fe80::1]:80', '[FE80:0::1]:80'],
  ['[fe80::1%eth0]:80', '[FE80:0::1%eth0]:80'],
  ['[fe80::1%eth1]:80'],
  ['127.0.0.1:80', '[::ffff:127.0.0.1]:80', '[::FFFF:7f00:1]:80'],
  ['[::ffff:0:1]:80', '[0::FFFF:0:1]:80'],
  ['localhost:80', 'LocalHost:80'],
  ['*:80', '80'],
  ['unix:/run/X'],
];
test('an endpoint has one text, however it is spelt, and no other has it', () => {
  const texts = SPELLINGS.map((spellings) => {
    const all = spellings.map((text) => {
      const parsed = parseListen(text);
      assert.ok('value' in parsed, text);
      return endpointText(parsed.value);
    });
    assert.equal(new Set(all).size, 1, spellings.join(' '));
    return all[0];
  });
  assert.equal(new Set(texts).size, SPELLINGS.length);
  assert.equal(texts[0], '[::1]:80');
});

const NO_LISTEN: readonly (readonly [string, RegExp])[] = [
  ['65536', /Port 65536 is out of range/],
  ['127.0.0.1:65536', /Port 65536/],
  ['127.0.0.1', /has no port/],
  ['127.0.0.1:', /"" is not a port/],
  ['127.0.0.1:8o', /"8o" is not a port/],
  ['127.0.0.1:-1', /"-1" is not a port/],
  ['300.0.0.1:80', /neither an IP address nor a host name/],
  ['1.2.3:80', /neither an IP address nor a host name/],
  ['::1:80', /ambiguous/],
  ['[::1]', /has no port/],
  ['[::1', /no closing bracket/],
  ['[::1]80', /has no port|not an IPv6/],
  ['[127.0.0.1]:80', /not an IPv6 address/],
  ['[xyz]:80', /not an IPv6 address/],
  [':80', /neither a port nor an address/],
  ['80x', /neither a port nor an address/],
  ['80x:', /not a port/],
  ['', /has no port/],
  ['a b:80', /neither/],
  ['http://x:80', /address of a page/],
  ['::1:80', /ambiguous/],
  ['unix:run/x.sock', /must be absolute/],
  ['unix:', /must be absolute/],
  [`unix:/${'x'.repeat(107)}`, /too long: 108 bytes, 107 are possible/],
  [`unix:/${'é'.repeat(54)}`, /too long: 109 bytes/],
  ['unix:/a\0b', /NUL/],
];
for (const [text, message] of NO_LISTEN)
  test(`listening on ${JSON.stringify(text.slice(0, 30))} is refused: ${message.source}`, () => {
    const parsed = parseListen(text);
    assert.ok('message' in parsed);
    assert.match(parsed.message, message);
    assert.notEqual(parsed.cure, '');
  });

const PEERS: readonly (readonly [text: string, endpoint: unknown, protocol?: 'ajp'])[] = [
  ['http://127.0.0.1:9001', tcp('127.0.0.1', 9001)],
  ['http://127.0.0.1', tcp('127.0.0.1', 80)],
  ['http://127.0.0.1/', tcp('127.0.0.1', 80)],
  ['http://app-1.internal:1', tcp('app-1.internal', 1)],
  ['http://[fd00::1]:9001', tcp('fd00::1', 9001)],
  ['http://[fd00::1]', tcp('fd00::1', 80)],
  ['unix:/run/app.sock', unix('/run/app.sock')],
  ['ajp://127.0.0.1', tcp('127.0.0.1', 8009), 'ajp'],
  ['ajp://127.0.0.1:8010/', tcp('127.0.0.1', 8010), 'ajp'],
  ['ajp://[fd00::1]', tcp('fd00::1', 8009), 'ajp'],
  ['ajp+unix:/run/app.sock', unix('/run/app.sock'), 'ajp'],
];
for (const [text, endpoint, protocol = 'http'] of PEERS)
  test(`the peer ${text} is understood`, () => {
    assert.deepEqual(parsePeer(text), { value: { protocol, endpoint } });
  });

const NO_PEERS: readonly (readonly [string, RegExp])[] = [
  ['https://127.0.0.1', /https are not available in this version|speak https/],
  ['ajp://127.0.0.1:0', /Port 0 is out of range/],
  ['ajp://127.0.0.1:8009/app', /has no path/],
  ['ajp+unix:app.sock', /must be absolute/],
  ['ajp:/run/app.sock', /not the address of a peer/],
  ['127.0.0.1:9001', /not the address of a peer/],
  ['gopher://x', /not the address of a peer/],
  ['http://127.0.0.1:0', /Port 0 is out of range/],
  ['http://127.0.0.1:9001/app', /has no path, got "\/app"/],
  ['http://127.0.0.1?x', /has no path/],
  ['http://user:pw@127.0.0.1', /no user and password/],
  ['http://*:80', /an address of its own/],
  ['http://', /neither/],
  ['http://:80', /neither/],
  ['unix:app.sock', /must be absolute/],
];
for (const [text, message] of NO_PEERS)
  test(`the peer ${text} is refused: ${message.source}`, () => {
    const parsed = parsePeer(text);
    assert.ok('message' in parsed);
    assert.match(parsed.message, message);
  });

const NETWORKS: readonly (readonly [string, unknown])[] = [
  ['10.0.0.0/8', { address: '10.0.0.0', bits: 8, family: 4 }],
  ['10.0.0.1', { address: '10.0.0.1', bits: 32, family: 4 }],
  ['0.0.0.0/0', { address: '0.0.0.0', bits: 0, family: 4 }],
  ['fd00::/8', { address: 'fd00::', bits: 8, family: 6 }],
  ['::1', { address: '::1', bits: 128, family: 6 }],
];
for (const [text, network] of NETWORKS)
  test(`the network ${text} is understood`, () => {
    assert.deepEqual(parseNetwork(text), { value: network });
  });
for (const text of [
  '',
  '10.0.0.0/33',
  '::/129',
  '10.0.0.0/',
  '10.0.0.0/-1',
  '10.0.0/8',
  'x/8',
  '10.0.0.0/8/8',
])
  test(`${JSON.stringify(text)} is no network`, () => {
    assert.ok('message' in parseNetwork(text));
  });

test('host names have labels of 1 to 63 letters, 253 together, and are no numbers', () => {
  for (const name of ['a', 'a.b', 'a.b.', 'xn--x', 'my_app', 'a1', '1a', `${'x'.repeat(63)}.a`])
    assert.ok(isHostName(name), name);
  for (const name of [
    '',
    '.',
    'a..b',
    '-a',
    'a-',
    '1',
    'a.1',
    `${'x'.repeat(64)}.a`,
    'é',
    'a.'.repeat(127) + 'ab',
  ])
    assert.ok(!isHostName(name), name);
});

test('a port is digits from the lowest to 65535', () => {
  assert.deepEqual(parsePort('1', 1), { value: 1 });
  assert.ok('message' in parsePort('0', 1));
  assert.deepEqual(parsePort('0', 0), { value: 0 });
  for (const text of ['', '1e3', '0x50', ' 80', '80 ', '٨٠'])
    assert.ok('message' in parsePort(text, 0));
});

test('a host may be a bare IPv6 address', () => {
  assert.deepEqual(parseHost('::1'), { value: '::1' });
});

test('no text makes a parser throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const parse of [parseListen, parsePeer, parseNetwork, parseUnixPath, parseHost]) {
        const parsed = parse(text);
        assert.ok('value' in parsed || parsed.message !== '');
      }
    }),
  );
});
