import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fields } from '../../http/message/index.ts';
import { LEAST_PACKET, MOST_PACKET, TEXT_ATTRIBUTES } from './codes.ts';
import { type AjpRequest, forwardRequest, readForwardRequest } from './forward-request.ts';
import { Payload, textPiece, word } from './payload.ts';

const PLAIN: AjpRequest = {
  method: 'GET',
  protocol: 'HTTP/1.1',
  uri: '/a',
  remoteAddress: '192.0.2.7',
  remoteHost: null,
  serverName: 'x.test',
  serverPort: 80,
  secure: false,
  fields: new Fields(),
  attributes: {},
  keySize: 0,
  named: [],
};

/** What is read of a packet's payload behind its code. */
function read(payload: string): ReturnType<typeof readForwardRequest> {
  return readForwardRequest(new Payload(payload));
}

function written(request: AjpRequest, largest = LEAST_PACKET): string {
  const packet = forwardRequest(request, largest);
  assert.ok(packet !== null);
  assert.equal(packet.slice(0, 4), `\x12\x34${word(packet.length - 4)}`);
  assert.equal(packet[4], '\x02');
  return packet.slice(5);
}

/** The request as it is after a journey. */
function passed(request: AjpRequest, largest = LEAST_PACKET): object {
  const { request: arrived } = read(written(request, largest));
  assert.ok(arrived !== null);
  return { ...arrived, fields: [...arrived.fields.entries()] };
}

function same(request: AjpRequest): object {
  return { ...request, fields: [...request.fields.entries()] };
}

// Bytes of a request as mod_jk and mod_proxy_ajp write it, put together by hand from the description of the protocol.
const BY_HAND =
  '\x02' + // GET
  '\0\x08HTTP/1.1\0' +
  '\0\x09/docs/a b\0'.replace(' ', '+') +
  '\0\x09127.0.0.1\0' +
  '\xff\xff' +
  '\0\x09localhost\0' +
  '\x1f\x90' + // 8080
  '\0' +
  '\0\x03' +
  '\xa0\x0b\0\x0elocalhost:8080\0' +
  '\xa0\x0e\0\x04curl\0' +
  '\0\x03X-A\0\0\x01b\0' +
  '\x05\0\x03q=1\0' +
  '\x0a\0\x0fAJP_REMOTE_PORT\0\0\x0549152\0' +
  '\xff';

test('bytes that were put together by hand are the request that they say', () => {
  const { request } = read(BY_HAND);
  assert.deepEqual(request && { ...request, fields: [...request.fields.entries()] }, {
    method: 'GET',
    protocol: 'HTTP/1.1',
    uri: '/docs/a+b',
    remoteAddress: '127.0.0.1',
    remoteHost: null,
    serverName: 'localhost',
    serverPort: 8080,
    secure: false,
    fields: [
      ['Host', 'localhost:8080'],
      ['User-Agent', 'curl'],
      ['X-A', 'b'],
    ],
    attributes: { query: 'q=1' },
    keySize: 0,
    named: [['AJP_REMOTE_PORT', '49152']],
  });
});

test('a request is written as it was put together by hand', () => {
  const { request } = read(BY_HAND);
  assert.ok(request !== null);
  assert.equal(written(request), BY_HAND);
});

const CODED = [
  'OPTIONS GET HEAD POST PUT DELETE TRACE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK ACL REPORT',
  'VERSION-CONTROL CHECKIN CHECKOUT UNCHECKOUT SEARCH MKWORKSPACE UPDATE LABEL MERGE BASELINE-CONTROL MKACTIVITY',
].flatMap((line) => line.split(' '));

test('the 27 methods that have a code are written by it, in the order of the codes', () => {
  for (const [at, method] of CODED.entries()) {
    assert.equal(written({ ...PLAIN, method }).charCodeAt(0), at + 1);
    assert.deepEqual(passed({ ...PLAIN, method }), same({ ...PLAIN, method }));
  }
  assert.equal(CODED.length, 27);
});

for (const method of ['PATCH', 'get', 'PURGE', 'X-!#$%'])
  test(`${method} has no code and arrives all the same`, () => {
    assert.equal(written({ ...PLAIN, method }).charCodeAt(0), 0xff);
    assert.deepEqual(passed({ ...PLAIN, method }), same({ ...PLAIN, method }));
  });

const FIELD_CODES = [
  'Accept Accept-Charset Accept-Encoding Accept-Language Authorization Connection Content-Type',
  'Content-Length Cookie Cookie2 Host Pragma Referer User-Agent',
].flatMap((line) => line.split(' '));

test('the 14 fields that have a code are written by it, in whatever case they came', () => {
  for (const [at, name] of FIELD_CODES.entries()) {
    for (const spelt of [name, name.toUpperCase(), name.toLowerCase()]) {
      const fields = Fields.of([spelt, '1']);
      assert.ok(
        written({ ...PLAIN, fields }).includes(`\xa0${String.fromCharCode(at + 1)}\0\x011\0`),
      );
      assert.deepEqual(
        passed({ ...PLAIN, fields }),
        same({ ...PLAIN, fields: Fields.of([name, '1']) }),
      );
    }
  }
  assert.equal(FIELD_CODES.length, 14);
});

test('every attribute arrives, alone and with all others', () => {
  const names = Object.keys(TEXT_ATTRIBUTES).filter((name) => name !== 'method');
  const all: Record<string, string> = {};
  for (const name of names) {
    all[name] = `value of ${name}`;
    const request = { ...PLAIN, attributes: { [name]: `value of ${name}` } };
    assert.deepEqual(passed(request), same(request));
  }
  const request = {
    ...PLAIN,
    method: 'PURGE',
    secure: true,
    attributes: all,
    keySize: 256,
    named: [
      ['AJP_LOCAL_ADDR', '127.0.0.1'],
      ['twice', 'a'],
      ['twice', ''],
    ] as const,
  };
  assert.deepEqual(passed(request), same(request));
});

test('what may be missing arrives as missing, and the empty text as empty', () => {
  for (const text of [null, '']) {
    const request = { ...PLAIN, remoteAddress: text, remoteHost: text, serverName: text };
    assert.deepEqual(passed(request), same(request));
  }
});

test('bytes above ASCII, ports and key sizes arrive as they were', () => {
  const fields = Fields.of(['X-A', 'caf\xe9 \xff\x80'], ['X-B', '\ta b ']);
  for (const serverPort of [0, 1, 80, 255, 256, 65_535]) {
    const request = { ...PLAIN, uri: '/caf\xe9/%00', serverPort, fields, keySize: serverPort };
    const arrived = {
      ...same(request),
      fields: [
        ['X-A', 'caf\xe9 \xff\x80'],
        ['X-B', 'a b'],
      ],
    };
    assert.deepEqual(passed(request), arrived, 'blanks around a value are none of it');
  }
});

for (const largest of [LEAST_PACKET, 16_384, MOST_PACKET])
  test(`a head of ${largest} bytes leaves, one of a byte more does not`, () => {
    const withField = (length: number): AjpRequest => ({
      ...PLAIN,
      fields: Fields.of(['X-Long', 'x'.repeat(length)]),
    });
    const fits = largest - written(withField(0)).length - 5;
    assert.equal(forwardRequest(withField(fits), largest)?.length, largest);
    assert.equal(forwardRequest(withField(fits + 1), largest), null);
    assert.deepEqual(passed(withField(fits), largest), same(withField(fits)));
  });

test('a packet that ends anywhere before its end is refused', () => {
  for (let end = 0; end < BY_HAND.length; end++)
    assert.equal(read(BY_HAND.slice(0, end)).request, null, `at ${end}`);
});

const fieldsOf = (fields: string): string =>
  BY_HAND.replace(/\0\x03\xa0[^]*X-A\0\0\x01b\0/, fields);
const attributesOf = (attributes: string): string =>
  BY_HAND.slice(0, BY_HAND.indexOf('\x05\0\x03q')) + attributes;
const WRONG: readonly (readonly [what: string, payload: string, flaw: RegExp])[] = [
  ['bytes behind the end', `${BY_HAND}\0`, /length/],
  ['two ends', `${BY_HAND}\xff`, /length/],
  ['the method 0', `\0${BY_HAND.slice(1)}`, /method/],
  ['the method 28', `\x1c${BY_HAND.slice(1)}`, /method/],
  ['the method 254', `\xfe${BY_HAND.slice(1)}`, /method/],
  ['a method to come that does not', `\xff${BY_HAND.slice(1)}`, /method/],
  [
    'a method to come that is no token',
    `\xff${attributesOf('\x0d\0\x03A B\0\xff').slice(1)}`,
    /method/,
  ],
  ['two methods', attributesOf('\x0d\0\x04POST\0\xff'), /two methods/],
  ['no protocol', BY_HAND.replace('\0\x08HTTP/1.1\0', '\xff\xff'), /protocol/],
  ['a protocol with a line end', BY_HAND.replace('HTTP/1.1', 'HTTP\r\n.1'), /protocol/],
  ['no path', BY_HAND.replace('\0\x09/docs/a+b\0', '\xff\xff'), /path/],
  ['an empty path', BY_HAND.replace('\0\x09/docs/a+b\0', '\0\0\0'), /path/],
  ['a path with its query', BY_HAND.replace('a+b', 'a?b'), /path/],
  ['a path with a fragment', BY_HAND.replace('a+b', 'a#b'), /path/],
  ['a path with a blank', BY_HAND.replace('a+b', 'a b'), /path/],
  ['a path with a DEL', BY_HAND.replace('a+b', 'a\x7fb'), /path/],
  ['a path with a line end', BY_HAND.replace('a+b', 'a\nb'), /path/],
  ['a path with a NUL', BY_HAND.replace('a+b', 'a\0b'), /path/],
  ['an address with a line end', BY_HAND.replace('127.0.0.1', '127.0\r\n.1'), /address/],
  ['a server name with a NUL', BY_HAND.replace('localhost\0\x1f', 'localh\0st\0\x1f'), /address/],
  ['TLS of 2', BY_HAND.replace('\x1f\x90\0', '\x1f\x90\x02'), /TLS/],
  ['a text that does not end in NUL', BY_HAND.replace('127.0.0.1\0', '127.0.0.1x'), /./],
  ['a length beyond the end', BY_HAND.replace('\0\x09/docs', '\x7f\x09/docs'), /./],
  ['a length of 65534 in place of none', BY_HAND.replace('\xff\xff', '\xff\xfe'), /./],
  ['a length of 65534', BY_HAND.replace('\0\x09/docs', '\xff\xfe/docs'), /./],
  ['more fields than there are', BY_HAND.replace('\0\x03\xa0', '\0\x04\xa0'), /./],
  ['65535 fields', BY_HAND.replace('\0\x03\xa0', '\xff\xff\xa0'), /field/],
  ['fewer fields than there are', BY_HAND.replace('\0\x03\xa0', '\0\x02\xa0'), /./],
  ['the field A000', fieldsOf('\0\x01\xa0\0\0\x01b\0'), /field/],
  ['the field A00F', fieldsOf('\0\x01\xa0\x0f\0\x01b\0'), /field/],
  ['the field A0FF', fieldsOf('\0\x01\xa0\xff\0\x01b\0'), /field/],
  ['a field without a name', fieldsOf('\0\x01\xff\xff\0\x01b\0'), /field/],
  ['a field with an empty name', fieldsOf('\0\x01\0\0\0\0\x01b\0'), /field/],
  ['a field name with a colon', fieldsOf('\0\x01\0\x02a:\0\0\x01b\0'), /field/],
  ['a field name with a blank', fieldsOf('\0\x01\0\x02a \0\0\x01b\0'), /field/],
  ['a field value with a line end', fieldsOf('\0\x01\0\x01a\0\0\x04b\r\nc\0'), /field/],
  ['a field value with a NUL', fieldsOf('\0\x01\0\x01a\0\0\x03b\0c\0'), /field/],
  ['two lengths', fieldsOf('\0\x02\xa0\x08\0\x011\0\xa0\x08\0\x012\0'), /framing/],
  [
    'two equal lengths',
    fieldsOf('\0\x02\xa0\x08\0\x011\0\0\x0econtent-length\0\0\x011\0'),
    /framing/,
  ],
  [
    'a length and a coding',
    fieldsOf(`\0\x02\xa0\x08\0\x011\0${textPiece('Transfer-Encoding')}${textPiece('chunked')}`),
    /framing/,
  ],
  [
    'two codings',
    fieldsOf(`\0\x02${`${textPiece('transfer-encoding')}${textPiece('chunked')}`.repeat(2)}`),
    /framing/,
  ],
  ['the attribute 0', attributesOf('\0\0\x01a\0\xff'), /code 0/],
  ['the attribute 14', attributesOf('\x0e\0\x01a\0\xff'), /code 14/],
  ['the attribute 254', attributesOf('\xfe\0\x01a\0\xff'), /code 254/],
  ['two queries', attributesOf('\x05\0\x01a\0\x05\0\x01a\0\xff'), /twice/],
  ['two secrets', attributesOf('\x0c\0\x01a\0\x0c\0\x01b\0\xff'), /twice/],
  ['two key sizes', attributesOf('\x0b\0\0\x0b\0\x01\xff'), /twice/],
  ['a query with a line end', attributesOf('\x05\0\x02a\n\0\xff'), /query/],
  ['a user with a NUL', attributesOf('\x03\0\x02a\0\0\xff'), /remoteUser/],
  ['a named attribute without a name', attributesOf('\x0a\xff\xff\0\x01a\0\xff'), /named/],
  ['a named attribute with an empty name', attributesOf('\x0a\0\0\0\0\x01a\0\xff'), /named/],
  ['a named attribute with a line end', attributesOf('\x0a\0\x01a\0\0\x02\r\n\0\xff'), /named/],
];
for (const [what, payload, flaw] of WRONG)
  test(`refused: ${what}`, () => {
    assert.notEqual(payload, BY_HAND);
    const found = read(payload);
    assert.ok(found.request === null);
    assert.match(found.flaw, flaw);
  });

test('a certificate keeps its lines', () => {
  const request = { ...PLAIN, attributes: { certificate: '-----BEGIN\r\nA\n-----END' } };
  assert.deepEqual(passed(request), same(request));
});
