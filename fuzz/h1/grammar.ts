/** Makes HTTP/1.1 messages that are valid, or nearly: the material that `mutate` then spoils. */
import type { Random } from '../random.ts';

const METHODS = [
  'GET',
  'GET',
  'POST',
  'POST',
  'PUT',
  'HEAD',
  'OPTIONS',
  'DELETE',
  'get',
  'M-SEARCH',
];
const TARGETS = [
  '/',
  '/',
  '/a',
  '/a/b?c=d',
  '/?',
  '//x',
  '/%2e%2e/\xe9',
  '/a?b?c',
  '*',
  'http://a/',
  'http://a',
  'HTTPS://a:80/x?y',
  'http://a?q',
  'a:443',
];
const VERSIONS = [
  ...Array.from({ length: 20 }, () => '1.1'),
  '1.0',
  '1.0',
  '1.0',
  '1.2',
  '2.0',
  '0.9',
];
const HOSTS = ['a', 'a', 'a', 'a', 'A', 'a:80', 'a:443', '[::1]:8', '[1::]', 'a.b.', '', '1.2.3.4'];
const FIELDS = [
  'Connection: close',
  'Connection: keep-alive',
  'Connection: Upgrade, keep-alive',
  'Connection: x,\tclose ,',
  'Upgrade: websocket',
  'Upgrade: h2c, WebSocket',
  'Expect: 100-continue',
  'X: y',
  'X:',
  'x-empty: \t ',
  'X_Y: z',
  'Cookie: a=b; c="d"',
  'Accept: */*',
  'User-Agent: fuzz (\xe9)',
  '__proto__: x',
  'Set-Cookie: a',
  'TE: trailers',
  'Trailer: X',
];
const CODINGS = [
  'chunked',
  'chunked',
  'chunked',
  'Chunked',
  ' chunked\t',
  'gzip, chunked',
  'identity',
];
const SIZES_OF_BODY = [0, 1, 1, 2, 3, 5, 9, 10, 16, 17, 40];
const BODY_BYTES = [
  'a',
  '0',
  '\r',
  '\n',
  '\r\n',
  '0\r\n\r\n',
  'GET / HTTP/1.1\r\n',
  '\0',
  '\xff',
  ';',
];
const EXTENSIONS = [
  '',
  '',
  '',
  '',
  ';',
  ';a',
  ';a=b',
  ' ;a="b;c"',
  ';\t\xff',
  `;${'e'.repeat(30)}`,
];
const FINAL = ['200', '200', '200', '404', '500', '999'];
const BODILESS = ['204', '304', '100', '103', '101'];
const REASONS = [' OK', ' OK', '', ' ', ' Not \xe9 Found', '  x\t'];

/** A connection's worth of requests: one to three, now and then with empty lines between them. */
export function requestStream(random: Random): string {
  return stream(random, request);
}

/** A connection's worth of responses: one to three. */
export function responseStream(random: Random): string {
  return stream(random, response);
}

function stream(random: Random, message: (random: Random) => string): string {
  let text = random.chance(5) ? '\r\n' : '';
  const count = random.chance(60) ? 1 : 2 + random.below(2);
  for (let i = 0; i < count; i++) {
    text += message(random);
    if (random.chance(5)) text += '\r\n';
  }
  return text;
}

function request(random: Random): string {
  let method = random.pick(METHODS);
  const target = random.pick(TARGETS);
  if (target === '*') method = 'OPTIONS';
  if (target === 'a:443') method = 'CONNECT';
  const fields: string[] = [];
  if (random.chance(97)) {
    const absolute = /^(?:https?:\/\/)?(a[:0-9]*)/i.exec(target);
    fields.push(`Host: ${absolute?.[1] ?? random.pick(HOSTS)}`);
  }
  const body = framed(random, fields, random.chance(method === 'GET' ? 10 : 60));
  const start = `${method} ${target} HTTP/${random.pick(VERSIONS)}\r\n`;
  return start + section(random, fields) + body;
}

function response(random: Random): string {
  const fields: string[] = [];
  const isFinal = random.chance(75);
  const body = framed(random, fields, random.chance(isFinal ? 85 : 10));
  const status = random.pick(isFinal ? FINAL : BODILESS);
  const start = `HTTP/${random.pick(VERSIONS)} ${status}${random.pick(REASONS)}\r\n`;
  return start + section(random, fields) + body;
}

/** The body; what frames it is added to `fields`. */
function framed(random: Random, fields: string[], hasBody: boolean): string {
  if (!hasBody) return '';
  const data = bodyData(random);
  if (random.chance(50)) {
    fields.push(`Content-Length: ${random.chance(5) ? '0' : ''}${data.length}`);
    return data;
  }
  fields.push(`Transfer-Encoding: ${random.pick(CODINGS)}`);
  return chunked(random, data);
}

function bodyData(random: Random): string {
  const length = random.pick(SIZES_OF_BODY);
  let data = '';
  while (data.length < length) data += random.pick(BODY_BYTES);
  return data.slice(0, length);
}

function chunked(random: Random, data: string): string {
  let text = '';
  for (let at = 0; at < data.length;) {
    const size = 1 + random.below(data.length - at);
    text += `${digits(random, size)}${extension(random)}\r\n${data.slice(at, at + size)}\r\n`;
    at += size;
  }
  const trailers = random.chance(20) ? [random.pick(FIELDS)] : [];
  return `${text}${digits(random, 0)}${extension(random)}\r\n${section(random, trailers, 0)}`;
}

// Now and then one that has all the 4096 bytes that a body may have, or half of them, or one more or less.
function extension(random: Random): string {
  if (!random.chance(1)) return random.pick(EXTENSIONS);
  return `;${'e'.repeat(random.pick([2047, 4095]) + random.below(3) - 1)}`;
}

function digits(random: Random, size: number): string {
  const hex = size.toString(16).padStart(random.chance(5) ? 16 : 1, '0');
  return random.chance(50) ? hex : hex.toUpperCase();
}

function section(random: Random, fields: readonly string[], others = 4): string {
  const all = [...fields];
  for (let count = random.below(others); count > 0; count--) {
    all.splice(random.below(all.length + 1), 0, random.pick(FIELDS));
  }
  return `${all.map((field) => `${field}\r\n`).join('')}\r\n`;
}
