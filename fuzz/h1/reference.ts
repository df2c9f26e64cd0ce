/**
 * A second reading of RFC 9112, as slow and plain as it can be: whole input, strings, regular
 * expressions, and an exception for every refusal. It shares no code with `src/http/h1`, so where the
 * two differ, one of them is wrong.
 *
 * It writes the lines that `observe` in `oracle.ts` writes of the parser.
 */
import { isIPv6 } from 'node:net';

/** How a stream is read. */
export interface ReferenceOptions {
  readonly lenient: boolean;
  readonly requestLine: number;
  readonly head: number;
  readonly headerCount: number;
}

/** What the request was that the responses of a stream answer. */
export interface Asked {
  readonly method: string;
  readonly upgrade: boolean;
}

type Field = readonly [name: string, value: string];

class Refusal extends Error {}

class Reader {
  at = 0;
  readonly text: string;
  readonly options: ReferenceOptions;

  constructor(text: string, options: ReferenceOptions) {
    this.text = text;
    this.options = options;
  }

  line(lenient: boolean): string {
    const end = this.text.indexOf('\n', this.at);
    if (end < 0) throw new Refusal('the line does not end');
    const line = this.text.slice(this.at, end);
    this.at = end + 1;
    if (line.endsWith('\r')) return line.slice(0, -1);
    if (!lenient) throw new Refusal('LF alone');
    return line;
  }

  skipEmptyLines(): void {
    for (;;) {
      if (this.text.startsWith('\r\n', this.at)) this.at += 2;
      else if (this.options.lenient && this.text.startsWith('\n', this.at)) this.at++;
      else return;
    }
  }

  take(bytes: number): string {
    const taken = this.text.slice(this.at, Math.min(this.at + bytes, this.text.length));
    this.at += taken.length;
    return taken;
  }

  hasEnded(): boolean {
    return this.at >= this.text.length;
  }
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const FIELD_LINE = new RegExp(`^(${TOKEN}):[\\t ]*([\\t\\x20-\\x7e\\x80-\\xff]*)$`);
const REQUEST_LINE = new RegExp(
  `^(${TOKEN}) ([\\x21\\x22\\x24-\\x7e\\x80-\\xff]+) HTTP/1\\.([0-9])$`,
);
const STATUS_LINE = /^HTTP\/1\.([0-9]) ([1-9][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const CHUNK_LINE = /^([0-9A-Fa-f]{1,16})([\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/;
const REG_NAME = /^(?:[A-Za-z0-9\-_~!$&'()*+;=.]|%[0-9A-Fa-f]{2})+$/;
const LARGEST = 2n ** 53n - 1n;

/** The lines for a connection that sent `text` and then ended its side. */
export function referenceRequests(text: string, options: ReferenceOptions): string[] {
  return gather(text, options, (reader, lines) => {
    while (!reader.hasEnded()) {
      reader.skipEmptyLines();
      if (reader.hasEnded()) return;
      if (oneRequest(reader, lines) === 'CONNECT') return;
    }
  });
}

/** The lines for a back end that answered `text` to requests of one kind and then closed. */
export function referenceResponses(
  text: string,
  options: ReferenceOptions,
  asked: Asked,
): string[] {
  return gather(text, options, (reader, lines) => {
    let interim = false;
    while (!reader.hasEnded() || interim) {
      reader.skipEmptyLines();
      if (reader.hasEnded() && !interim) return;
      interim = oneResponse(reader, lines, asked);
    }
  });
}

function gather(
  text: string,
  options: ReferenceOptions,
  read: (reader: Reader, lines: string[]) => void,
): string[] {
  const lines: string[] = [];
  try {
    read(new Reader(text, options), lines);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    lines.push('refused');
  }
  return lines;
}

function startLine(reader: Reader): string {
  const line = reader.line(reader.options.lenient);
  if (line.length > reader.options.requestLine) throw new Refusal('start line too long');
  return line;
}

function section(reader: Reader, start: number): Field[] {
  const fields: Field[] = [];
  for (;;) {
    const line = reader.line(reader.options.lenient);
    if (reader.at - start > reader.options.head) throw new Refusal('section too large');
    if (line === '') return fields;
    const match = FIELD_LINE.exec(line);
    if (match === null) throw new Refusal('no field line');
    const [, name = '', value = ''] = match;
    if (!name.includes('_')) fields.push([name, withoutBlankEnd(value)]);
    if (fields.length > reader.options.headerCount) throw new Refusal('too many fields');
  }
}

function withoutBlankEnd(text: string): string {
  return /[\t ]$/.test(text) ? withoutBlankEnd(text.slice(0, -1)) : text;
}

function values(fields: readonly Field[], wanted: string): string[] {
  return fields.filter(([name]) => lower(name) === wanted).map(([, value]) => value);
}

function lower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function tokens(fields: readonly Field[], wanted: string): string[] {
  const list = values(fields, wanted).join(',').split(',');
  return list.map((token) => lower(withoutBlankEnd(token.replace(/^[\t ]+/, ''))));
}

function keepsAlive(fields: readonly Field[], minor: string): boolean {
  const connection = tokens(fields, 'connection');
  if (connection.includes('close')) return false;
  return minor !== '0' || connection.includes('keep-alive');
}

/** The announced length, `null` for none. */
function contentLength(fields: readonly Field[]): number | null {
  const lengths = values(fields, 'content-length');
  if (lengths.length === 0) return null;
  const [length = ''] = lengths;
  if (lengths.length > 1 || !/^[0-9]+$/.test(length)) throw new Refusal('Content-Length');
  if (BigInt(length) > LARGEST) throw new Refusal('Content-Length too large');
  return Number(BigInt(length));
}

/** Whether the body is chunked, by the one spelling that is accepted. */
function isChunked(fields: readonly Field[], minor: string): boolean {
  const codings = values(fields, 'transfer-encoding');
  if (codings.length === 0) return false;
  if (codings.length > 1 || lower(codings[0] ?? '') !== 'chunked') throw new Refusal('coding');
  if (minor === '0') throw new Refusal('coding in HTTP/1.0');
  if (values(fields, 'content-length').length > 0) throw new Refusal('coding and length');
  return true;
}

interface HostParts {
  readonly name: string;
  readonly port: number;
}

function hostOf(text: string): HostParts {
  const match = /^(\[[0-9A-Fa-f:.]*\]|[^:[\]]*)(?::([0-9]{0,5}))?$/.exec(text);
  if (match === null) throw new Refusal('no host');
  const [, host = '', port = ''] = match;
  if (host.startsWith('[')) {
    if (!isIPv6(host.slice(1, -1))) throw new Refusal('no IPv6 address');
  } else if (!REG_NAME.test(host) || host.startsWith('.') || host.includes('..')) {
    throw new Refusal('no name');
  }
  if (port !== '' && Number(port) > 65_535) throw new Refusal('no port');
  const name = lower(host.endsWith('.') ? host.slice(0, -1) : host);
  return { name, port: port === '' ? -1 : Number(port) };
}

interface TargetParts {
  readonly path: string;
  readonly query: string | null;
  readonly authority: string;
}

function targetOf(method: string, target: string): TargetParts {
  if (method === 'CONNECT') {
    if (hostOf(target).port < 1) throw new Refusal('CONNECT without a port');
    return { path: '', query: null, authority: target };
  }
  if (target === '*') {
    if (method !== 'OPTIONS') throw new Refusal('asterisk');
    return { path: '*', query: null, authority: '' };
  }
  const match = /^(?:https?:\/\/([^/?]*))?(\/[^?]*)?(?:\?(.*))?$/is.exec(target);
  if (match === null) throw new Refusal('no form of a target');
  const authority = match[1];
  const path = match[2];
  const query = match[3] ?? null;
  if (authority === undefined) {
    if (path === undefined) throw new Refusal('no path');
    return { path, query, authority: '' };
  }
  hostOf(authority);
  const root = method === 'OPTIONS' && query === null ? '*' : '/';
  return { path: path ?? root, query, authority };
}

function oneRequest(reader: Reader, lines: string[]): string {
  const start = reader.at;
  const match = REQUEST_LINE.exec(startLine(reader));
  if (match === null) throw new Refusal('no request line');
  const [, method = '', target = '', minor = ''] = match;
  if (method.length > 64) throw new Refusal('method too long');
  const fields = section(reader, start);

  const chunked = isChunked(fields, minor);
  const length = contentLength(fields) ?? 0;
  const expectations = values(fields, 'expect');
  if (expectations.some((expected) => lower(expected) !== '100-continue')) {
    throw new Refusal('another expectation');
  }
  const { path, query, authority } = targetOf(method, target);
  const hosts = values(fields, 'host');
  if (hosts.length > 1 || (hosts.length === 0 && minor !== '0')) throw new Refusal('Host');
  const named = hosts[0] ?? authority;
  const host = named === '' ? null : hostOf(named);
  if (authority !== '') {
    const asked = hostOf(authority);
    if (host === null || host.name !== asked.name || host.port !== asked.port) {
      throw new Refusal('Host is not the target');
    }
  }
  const hasBody = chunked || length > 0;
  if (method === 'CONNECT' && hasBody) throw new Refusal('CONNECT with a body');
  const offered = values(fields, 'upgrade').join(', ');
  const upgrades =
    minor !== '0' && !hasBody && offered !== '' && tokens(fields, 'connection').includes('upgrade');
  const offer = upgrades ? lower(offered) : null;
  lines.push(
    `head ${JSON.stringify({
      method,
      target,
      path,
      query,
      version: minor === '0' ? 10 : 11,
      host,
      authority: named,
      fields,
      contentLength: chunked ? -1 : length,
      expectsContinue: minor !== '0' && hasBody && expectations.length > 0,
      upgrade: method === 'CONNECT' ? 'connect' : offer,
      keepAlive: keepsAlive(fields, minor),
    })}`,
  );
  body(reader, lines, chunked, length);
  return method;
}

/** Whether it was an interim response. */
function oneResponse(reader: Reader, lines: string[], asked: Asked): boolean {
  const start = reader.at;
  const match = STATUS_LINE.exec(startLine(reader));
  if (match === null) throw new Refusal('no status line');
  const [, minor = '', digits = '', reason = ''] = match;
  const fields = section(reader, start);
  const status = Number(digits);
  if (status < 200 && status !== 101) {
    lines.push(`head ${JSON.stringify({ status, reason, fields })}`);
    return true;
  }
  const tunnel = status === 101 || (asked.method === 'CONNECT' && status < 300);
  if (status === 101 && !asked.upgrade) throw new Refusal('101 unasked');
  if (tunnel) {
    const head = { status, reason, fields, length: -1, keepAlive: false, tunnel };
    lines.push(`head ${JSON.stringify(head)}`);
    untilClose(reader, lines);
    return false;
  }
  const chunked = isChunked(fields, minor);
  const announced = contentLength(fields);
  const bodiless = asked.method === 'HEAD' || status === 204 || status === 304;
  const close = !bodiless && !chunked && announced === null;
  const length = status === 204 ? 0 : (announced ?? -1);
  const keepAlive = !close && keepsAlive(fields, minor);
  lines.push(`head ${JSON.stringify({ status, reason, fields, length, keepAlive, tunnel })}`);
  if (bodiless) lines.push('end');
  else if (close) untilClose(reader, lines);
  else body(reader, lines, chunked, announced ?? 0);
  return false;
}

function untilClose(reader: Reader, lines: string[]): void {
  const data = reader.take(reader.text.length);
  if (data !== '') lines.push(`data ${data}`);
  lines.push('end');
}

function body(reader: Reader, lines: string[], chunked: boolean, length: number): void {
  if (chunked) {
    const trailers = chunks(reader, lines).map(([name, value]) => `${name}: ${value}`);
    lines.push(trailers.length === 0 ? 'end' : `end ${trailers.join(' | ')}`);
    return;
  }
  const data = reader.take(length);
  if (data !== '') lines.push(`data ${data}`);
  if (data.length < length) throw new Refusal('the body was cut');
  lines.push('end');
}

function chunks(reader: Reader, lines: string[]): Field[] {
  let data = '';
  let extensions = 0;
  let sum = 0n;
  try {
    for (;;) {
      const match = CHUNK_LINE.exec(reader.line(false));
      if (match === null) throw new Refusal('no chunk size');
      const size = BigInt(`0x${match[1] ?? ''}`);
      extensions += match[2]?.length ?? 0;
      sum += size;
      if (sum > LARGEST) throw new Refusal('chunks too large');
      if (extensions > 4096) throw new Refusal('extensions too long');
      if (size === 0n) return section(reader, reader.at);
      const piece = reader.take(Number(size));
      data += piece;
      if (BigInt(piece.length) < size) throw new Refusal('the chunk was cut');
      if (reader.take(2) !== '\r\n') throw new Refusal('no line end behind the chunk');
    }
  } finally {
    if (data !== '') lines.push(`data ${data}`);
  }
}
