import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../base/index.ts';
import { type ConnectionFacts, Fields, UNKNOWN_LENGTH } from '../../http/message/index.ts';
import { Bench, GET, requestIn } from '../../../test/support/ajp-client-bench.ts';
import { Answer, TIMEOUTS } from '../../../test/support/client-bench.ts';
import type { AjpClientSettings } from './client-settings.ts';
import type { AjpRequest } from './forward-request.ts';

const CLIENT: ConnectionFacts = {
  id: 1,
  remoteAddress: '192.0.2.7',
  remotePort: 40_000,
  localAddress: '198.51.100.1',
  localPort: 443,
  secure: true,
  requests: 1,
  peerEnded: false,
};

function packet(request: Partial<typeof GET>, settings: Partial<AjpClientSettings> = {}): string {
  const bench = new Bench(settings);
  bench.connection.open({ ...GET, ...request }, new Answer(), TIMEOUTS);
  return bench.sent();
}

function sent(
  request: Partial<typeof GET>,
  settings: Partial<AjpClientSettings> = {},
): AjpRequest & { readonly list: readonly (readonly [string, string])[] } {
  const read = requestIn(packet(request, settings));
  return { ...read, list: [...read.fields.entries()] };
}

test('a request is written as the container is to see it', () => {
  const fields = Fields.of(['X-A', '1'], ['Cookie', 'a=b'], ['x-a', '2']);
  const { list, ...rest } = sent({ target: '/a%20b;c?d=e?f', authority: 'x.test', fields });
  assert.deepEqual(list, [
    ['Host', 'x.test'],
    ['X-A', '1'],
    ['Cookie', 'a=b'],
    ['x-a', '2'],
  ]);
  assert.equal(rest.method, 'GET');
  assert.equal(rest.protocol, 'HTTP/1.1');
  assert.equal(rest.uri, '/a%20b;c');
  assert.deepEqual(rest.attributes, { query: 'd=e?f' });
  assert.deepEqual(rest.named, []);
});

for (const [target, uri, query] of [
  ['/', '/', undefined],
  ['/?', '/', ''],
  ['/a?', '/a', ''],
  ['*', '*', undefined],
] as const) {
  test(`the target ${target} is the path ${uri} and ${query === undefined ? 'no query' : `the query "${query}"`}`, () => {
    const { attributes, ...read } = sent({ target });
    assert.deepEqual([read.uri, attributes.query], [uri, query]);
  });
}

for (const [method, length, framing] of [
  ['GET', 0, []],
  ['DELETE', 0, []],
  ['POST', 0, [['Content-Length', '0']]],
  ['PUT', 0, [['Content-Length', '0']]],
  ['PATCH', 0, [['Content-Length', '0']]],
  ['POST', 7, [['Content-Length', '7']]],
  ['GET', 7, [['Content-Length', '7']]],
  ['POST', UNKNOWN_LENGTH, [['Transfer-Encoding', 'chunked']]],
] as const) {
  test(`a ${method} with a body of ${length < 0 ? 'unknown length' : `${length} bytes`} announces it`, () => {
    const { list, ...read } = sent({ method, length });
    assert.equal(read.method, method);
    assert.deepEqual(list, [['Host', 'back:81'], ...framing]);
  });
}

for (const [authority, secure, name, port] of [
  ['x.test', false, 'x.test', 80],
  ['x.test', true, 'x.test', 443],
  ['X.test:8443', true, 'x.test', 8443],
  ['[2001:db8::1]', false, '[2001:db8::1]', 80],
  ['[2001:db8::1]:65535', false, '[2001:db8::1]', 65_535],
  ['192.0.2.1:81', false, '192.0.2.1', 81],
] as const) {
  test(`of ${authority}${secure ? ' over TLS' : ''} the server is ${name}, port ${port}`, () => {
    const read = sent({ authority, client: { ...CLIENT, secure } });
    assert.deepEqual([read.serverName, read.serverPort, read.secure], [name, port, secure]);
    assert.deepEqual(read.list, [['Host', authority]]);
  });
}

test('the client is told, with what only named attributes have a place for', () => {
  const read = sent({ client: CLIENT });
  assert.equal(read.remoteAddress, '192.0.2.7');
  assert.equal(read.remoteHost, null);
  assert.deepEqual(read.named, [
    ['AJP_REMOTE_PORT', '40000'],
    ['AJP_LOCAL_ADDR', '198.51.100.1'],
  ]);
});

test('without a client, or with one of a unix socket, the address is that of this machine', () => {
  const local = { ...CLIENT, remoteAddress: 'unix:', remotePort: 0, localAddress: '/run/x.sock' };
  for (const client of [null, local]) {
    const read = sent({ client });
    assert.equal(read.remoteAddress, '127.0.0.1');
    assert.deepEqual(read.named, []);
  }
});

test('secret and route are attributes', () => {
  const { attributes } = sent({ target: '/' }, { secret: 's3cret', route: 'node1' });
  assert.deepEqual(attributes, { route: 'node1', secret: 's3cret' });
});

test('a method without a code is written as it is', () => {
  assert.equal(sent({ method: 'PATCH' }).method, 'PATCH');
  assert.equal(sent({ method: 'get' }).method, 'get');
});

for (const [what, request] of [
  ['a line end in the target', { target: '/a\r\nX: y' }],
  ['a blank in the target', { target: '/a b' }],
  ['no target', { target: '' }],
  ['a line end in the authority', { authority: 'a\nb' }],
  ['a blank in the method', { method: 'GET /x' }],
  ['a character that is no byte', { target: '/\u20ac' }],
  ['CONNECT', { method: 'CONNECT', target: 'far:443', upgrade: 'connect' }],
] as const) {
  test(`a request with ${what} is refused before a byte is sent`, () => {
    const bench = new Bench();
    assert.throws(
      () => bench.connection.open({ ...GET, ...request }, new Answer(), TIMEOUTS),
      TypeError,
    );
    assert.equal(bench.wire.queued, 0);
    assert.ok(bench.connection.usable);
  });
}

for (const packetSize of [8192, 65_536]) {
  test(`a head fits into a packet of ${packetSize} bytes to its last one, and with one more is refused with 431`, () => {
    const { length } = packet({ fields: Fields.of(['X', '']) }, { packetSize });
    const filled = (more: number): Fields =>
      Fields.of(['X', 'x'.repeat(packetSize - length + more)]);
    assert.equal(packet({ fields: filled(0) }, { packetSize }).length, packetSize);
    assert.equal(packet({ fields: filled(-1) }, { packetSize }).length, packetSize - 1);
    const bench = new Bench({ packetSize });
    assert.throws(
      () => bench.connection.open({ ...GET, fields: filled(1) }, new Answer(), TIMEOUTS),
      (error) => error instanceof Fault && error.kind.status === 431,
    );
    assert.equal(bench.wire.queued, 0);
    assert.ok(bench.connection.usable, 'the connection is still good for others');
  });
}

test('a field name whose length would be read as a code is refused with 431', () => {
  for (const length of [40_959, 40_960, 41_215, 41_216, 50_000]) {
    const fields = Fields.of(['x'.repeat(length), 'v']);
    const bench = new Bench({ packetSize: 65_536 });
    const open = (): unknown => bench.connection.open({ ...GET, fields }, new Answer(), TIMEOUTS);
    if (length < 40_960) {
      open();
      assert.equal([...requestIn(bench.sent()).fields.entries()].length, 2);
    } else assert.throws(open, (error) => error instanceof Fault && error.kind.status === 431);
  }
});
