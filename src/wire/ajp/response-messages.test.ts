import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fields } from '../../http/message/index.ts';
import { LEAST_PACKET, MOST_PACKET, TO_CONTAINER, TO_SERVER } from './codes.ts';
import { PacketReader } from './packet-reader.ts';
import { word } from './payload.ts';
import {
  bodyChunkHead,
  type ContainerMessage,
  CPING,
  CPONG,
  endResponse,
  FLUSH,
  getBodyChunk,
  LAST_BODY_PACKET,
  mostRequestBody,
  mostResponseBody,
  readContainerMessage,
  requestBodyHead,
  responseHead,
} from './response-messages.ts';

/** What a web server reads of a whole packet. */
function arrived(packet: string): ContainerMessage | null {
  const reader = new PacketReader(TO_SERVER, MOST_PACKET);
  const bytes = Buffer.from(`?${packet}`, 'latin1');
  reader.push(bytes, 1, bytes.length);
  assert.ok(reader.next());
  assert.ok(reader.idle, 'one packet');
  return readContainerMessage(reader.bytes, reader.start, reader.end);
}

function payload(text: string): ContainerMessage | null {
  return arrived(word(TO_SERVER) + word(text.length) + text);
}

test('the fixed packets are those of the protocol, byte by byte', () => {
  const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
  assert.equal(hex(CPING), '123400010a');
  assert.equal(hex(CPONG), '4142000109');
  assert.equal(hex(LAST_BODY_PACKET), '12340000');
  assert.equal(hex(FLUSH), '4142000403000000');
  assert.equal(hex(endResponse(true)), '414200020501');
  assert.equal(hex(endResponse(false)), '414200020500');
  assert.equal(hex(getBodyChunk(8186)), '41420003061ffa');
  assert.equal(hex(requestBodyHead(5)), '123400070005');
  assert.equal(hex(bodyChunkHead(5)), '41420009030005');
});

test('a packet holds so much of a body that with what surrounds it it is as large as it may be', () => {
  for (const largest of [LEAST_PACKET, 16_384, MOST_PACKET]) {
    const [request, response] = [mostRequestBody(largest), mostResponseBody(largest)];
    assert.equal(requestBodyHead(request).length + request, largest);
    assert.equal(bodyChunkHead(response).length + response + 1, largest);
  }
  assert.deepEqual([mostRequestBody(8192), mostResponseBody(8192)], [8186, 8184]);
});

const NAMES = [
  'Content-Type Content-Language Content-Length Date Last-Modified Location Set-Cookie Set-Cookie2',
  'Servlet-Engine Status WWW-Authenticate',
].flatMap((line) => line.split(' '));

test('the 11 fields that have a code are written by it, in whatever case they are', () => {
  for (const [at, name] of NAMES.entries()) {
    for (const spelt of [name, name.toLowerCase()]) {
      const head = responseHead(200, 'OK', Fields.of([spelt, 'x']), LEAST_PACKET);
      assert.ok(head !== null);
      assert.ok(head.endsWith(`\xa0${String.fromCharCode(at + 1)}\0\x01x\0`));
      const message = arrived(head);
      assert.ok(message?.type === 'headers');
      assert.deepEqual([...message.fields.entries()], [[name, 'x']]);
    }
  }
  assert.equal(NAMES.length, 11);
});

test('a head arrives with its status, its reason and all fields in their order', () => {
  const fields = Fields.of(
    ['X-B', ''],
    ['Set-Cookie', 'a=1'],
    ['x-b', 'caf\xe9'],
    ['Set-Cookie', 'b=2'],
  );
  for (const status of [100, 200, 404, 599, 999]) {
    for (const reason of ['', 'OK', 'Nicht gefunden \xfc']) {
      const message = arrived(responseHead(status, reason, fields, LEAST_PACKET) ?? '');
      assert.ok(message?.type === 'headers');
      assert.deepEqual([message.status, message.reason], [status, reason]);
      assert.deepEqual([...message.fields.entries()], [...fields.entries()]);
    }
  }
});

for (const largest of [LEAST_PACKET, MOST_PACKET])
  test(`a head of ${largest} bytes leaves, one of a byte more does not`, () => {
    const head = (length: number): string | null =>
      responseHead(200, 'OK', Fields.of(['X-Long', 'x'.repeat(length)]), largest);
    const fits = largest - (head(0)?.length ?? 0);
    assert.equal(head(fits)?.length, largest);
    assert.equal(head(fits + 1), null);
    assert.equal(arrived(head(fits) ?? '')?.type, 'headers');
  });

test('chunks, the end, what is asked for and CPONG arrive', () => {
  assert.deepEqual(arrived(`${bodyChunkHead(3)}abc\0`), { type: 'body', start: 8, end: 11 });
  assert.deepEqual(arrived(FLUSH), { type: 'body', start: 8, end: 8 });
  assert.deepEqual(arrived(endResponse(true)), { type: 'end', reuse: true });
  assert.deepEqual(arrived(endResponse(false)), { type: 'end', reuse: false });
  for (const most of [0, 1, 8186, 65_535])
    assert.deepEqual(arrived(getBodyChunk(most)), { type: 'get-body', most });
  assert.deepEqual(arrived(CPONG), { type: 'cpong' });
});

test('a chunk without the NUL behind it is one too', () => {
  assert.deepEqual(payload('\x03\0\x03abc'), { type: 'body', start: 8, end: 11 });
  assert.deepEqual(payload('\x03\0\0'), { type: 'body', start: 8, end: 8 });
});

const HEAD = '\x04\0\xc8\0\x02OK\0\0\x01\xa0\x01\0\x0atext/plain\0';

test('bytes that were put together by hand are the head that they say, and end nowhere else', () => {
  const message = payload(HEAD);
  assert.ok(message?.type === 'headers');
  assert.deepEqual([message.status, message.reason], [200, 'OK']);
  assert.deepEqual([...message.fields.entries()], [['Content-Type', 'text/plain']]);
  for (let end = 1; end < HEAD.length; end++) assert.equal(payload(HEAD.slice(0, end)), null);
});

const WRONG: readonly (readonly [what: string, payload: string])[] = [
  ['nothing', ''],
  ['no code', '\0'],
  ['the code of a request', '\x02'],
  ['CPING', '\x0a'],
  ['the code 255', '\xff'],
  ['a chunk without its length', '\x03\0'],
  ['a chunk that says more than there is', '\x03\0\x04abc'],
  ['a chunk that says less than there is', '\x03\0\x01abc'],
  ['a chunk of 65535', '\x03\xff\xffabc\0'],
  ['bytes behind a head', `${HEAD}\0`],
  ['a head with the status 99', HEAD.replace('\0\xc8', '\0\x63')],
  ['a head with the status 1000', HEAD.replace('\0\xc8', '\x03\xe8')],
  ['a head with a line end in its reason', HEAD.replace('OK', '\r\n')],
  ['a head with a line end in a field', HEAD.replace('text/plain', 'text\r\nain')],
  ['a head with a NUL in a field', HEAD.replace('text/plain', 'text\0plain')],
  ['a head with the field A00C', HEAD.replace('\xa0\x01', '\xa0\x0c')],
  ['a head with the field A000', HEAD.replace('\xa0\x01', '\xa0\0')],
  ['a head with more fields than there are', HEAD.replace('\0\x01\xa0', '\0\x02\xa0')],
  ['a head with fewer fields than there are', HEAD.replace('\0\x01\xa0', '\0\0\xa0')],
  ['an end without a word about the connection', '\x05'],
  ['an end that says 2 about the connection', '\x05\x02'],
  ['bytes behind the end', '\x05\x01\0'],
  ['a question for a body without a number', '\x06\0'],
  ['bytes behind a question for a body', '\x06\0\x01\0'],
  ['bytes behind CPONG', '\x09\0'],
];
for (const [what, text] of WRONG)
  test(`refused: ${what}`, () => {
    assert.equal(payload(text), null);
  });

test('a request body is in packets to the container', () => {
  const reader = new PacketReader(TO_CONTAINER, LEAST_PACKET);
  const bytes = Buffer.from(`${requestBodyHead(3)}abc${LAST_BODY_PACKET}`, 'latin1');
  reader.push(bytes, 0, bytes.length);
  assert.ok(reader.next());
  assert.equal(bytes.toString('latin1', reader.start, reader.end), '\0\x03abc');
  assert.ok(reader.next());
  assert.equal(reader.start, reader.end);
});

test('a field name whose length would be read as a code is written in no head', () => {
  const head = (length: number): string | null =>
    responseHead(200, '', Fields.of(['x'.repeat(length), '']), 65_536);
  assert.notEqual(head(40_959), null);
  for (const length of [40_960, 41_215, 41_216]) assert.equal(head(length), null);
});
