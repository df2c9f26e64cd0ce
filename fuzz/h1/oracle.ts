/**
 * What has to hold for every input, valid or not: the parser does not throw, comes to an end, refuses
 * with a documented fault only, says the same however the bytes are cut, and agrees with
 * `reference.ts` about what was said.
 */
import {
  EVENT,
  H1_REQUEST_FAULTS,
  H1_RESPONSE_FAULTS,
  RequestParser,
  ResponseParser,
} from '../../src/http/h1/index.ts';
import type { H1Limits } from '../../src/http/h1/index.ts';
import { CALL_FAULTS } from '../../src/http/message/index.ts';
import { feed, singleBytes } from '../../test/support/feed.ts';
import type { Subject } from '../../test/support/feed.ts';
import type { Random } from '../random.ts';
import { referenceRequests, referenceResponses } from './reference.ts';
import type { Asked } from './reference.ts';

/** How an input is read. */
export interface Reading {
  readonly role: 'request' | 'response';
  readonly lenient: boolean;
  /** Small limits, which short inputs reach. */
  readonly tight: boolean;
  /** For responses, what they answer. */
  readonly asked: Asked;
}

/** What was wrong, and with which reading. */
class Finding extends Error {
  override readonly name = 'Finding';
}

const USUAL: H1Limits = { requestLine: 8192, head: 32_768, headerCount: 200 };
const TIGHT: H1Limits = { requestLine: 60, head: 160, headerCount: 5 };
const GET: Asked = { method: 'GET', upgrade: false };
const ASKED: readonly Asked[] = [
  GET,
  { method: 'HEAD', upgrade: false },
  { method: 'CONNECT', upgrade: false },
  { method: 'GET', upgrade: true },
];
const EVERY_CUT_UP_TO = 200;

/** Every reading there is, for inputs that are worth it. */
export const ALL_READINGS: readonly Reading[] = [false, true].flatMap((lenient) =>
  [false, true].flatMap((tight) => [
    { role: 'request', lenient, tight, asked: GET } as const,
    ...ASKED.map((asked) => ({ role: 'response', lenient, tight, asked }) as const),
  ]),
);

/** One of the readings in `role`, strict and of a plain GET more often than not. */
export function anyReading(role: Reading['role'], random: Random): Reading {
  const asked = random.chance(60) ? GET : random.pick(ASKED);
  return { role, lenient: random.chance(35), tight: random.chance(25), asked };
}

/**
 * Holds `bytes` against all of the above. Returns the code of the fault that the input ended with, or
 * `accepted`. Throws a `Finding` otherwise.
 */
export function examine(bytes: Buffer, reading: Reading, random: Random): string {
  const whole = observe(bytes, [], reading);
  for (const cuts of cutsOf(bytes.length, random)) {
    const other = observe(bytes, cuts, reading);
    if (!agree(whole, other)) fail('the cuts change what is said', reading, whole, other, cuts);
  }
  const limits = { ...(reading.tight ? TIGHT : USUAL), lenient: reading.lenient };
  const text = bytes.toString('latin1');
  const expected =
    reading.role === 'request'
      ? referenceRequests(text, limits)
      : referenceResponses(text, limits, reading.asked);
  const last = whole.at(-1) ?? '';
  const said = last.startsWith('refused') ? [...whole.slice(0, -1), 'refused'] : whole;
  if (!same(said, expected)) fail('the reference reads it differently', reading, whole, expected);
  return last.startsWith('refused') ? (last.split(' ')[1] ?? '') : 'accepted';
}

function* cutsOf(length: number, random: Random): Generator<readonly number[]> {
  yield singleBytes(length);
  if (length <= EVERY_CUT_UP_TO) {
    for (let cut = 1; cut < length; cut++) yield [cut];
  }
  for (let round = 0; round < 3; round++) {
    const cuts: number[] = [];
    for (let at = 1 + random.below(20); at < length; at += 1 + random.below(20)) cuts.push(at);
    yield cuts;
  }
}

/** The lines of `feed`, and behind them what the end of the connection makes of the rest. */
function observe(bytes: Buffer, cuts: readonly number[], reading: Reading): readonly string[] {
  return reading.role === 'request'
    ? observeRequests(bytes, cuts, reading)
    : observeResponses(bytes, cuts, reading);
}

function observeRequests(bytes: Buffer, cuts: readonly number[], reading: Reading): string[] {
  const subject: Subject<RequestParser> = {
    make: () => new RequestParser(reading.tight ? TIGHT : USUAL, reading.lenient),
    head: describeRequest,
    leaves: ({ head }) => head?.method === 'CONNECT',
  };
  const parser = subject.make();
  const lines = feed(subject, bytes, cuts, parser);
  const isTunnel = parser.head?.method === 'CONNECT' && lines.at(-1) === 'end';
  if (parser.fault === null && !isTunnel) atEnd(parser, lines);
  if (parser.fault !== null) {
    check(lines, H1_REQUEST_FAULTS, parser);
    parser.refusedHead();
  }
  return lines;
}

function observeResponses(bytes: Buffer, cuts: readonly number[], reading: Reading): string[] {
  const subject: Subject<ResponseParser> = {
    make: () => new ResponseParser(reading.tight ? TIGHT : USUAL, reading.lenient),
    head: describeResponse,
  };
  const parser = subject.make();
  parser.expect(reading.asked.method, reading.asked.upgrade);
  const lines = feed(subject, bytes, cuts, parser);
  if (parser.fault === null) atEnd(parser, lines);
  if (parser.fault !== null) check(lines, RESPONSE_FAULTS, parser);
  return lines;
}

function atEnd(parser: RequestParser | ResponseParser, lines: string[]): void {
  const event = parser.finish();
  if (event === EVENT.end) lines.push('end');
  else if (event === EVENT.refused) lines.push(`refused ${parser.fault?.kind.code}`);
}

function check(
  lines: readonly string[],
  kinds: Readonly<Record<string, unknown>>,
  parser: RequestParser | ResponseParser,
): void {
  const kind = parser.fault?.kind;
  const isDocumented = kind !== undefined && kinds[kind.code] === kind;
  if (!isDocumented) throw new Finding(`an undocumented refusal: ${lines.at(-1)}`);
  if (parser.next() !== EVENT.refused) throw new Finding(`reading goes on after ${kind.code}`);
}

function describeRequest({ head, keepAlive }: RequestParser): string {
  if (head === null) throw new Finding('a head event without a head');
  return JSON.stringify({ ...head, fields: [...head.fields.entries()], keepAlive });
}

function describeResponse(parser: ResponseParser): string {
  const { status, reason, length, keepAlive, tunnel } = parser;
  const fields = [...parser.headFields.entries()];
  return status < 200 && status !== 101
    ? JSON.stringify({ status, reason, fields })
    : JSON.stringify({ status, reason, fields, length, keepAlive, tunnel });
}

const RESPONSE_FAULTS = { ...H1_RESPONSE_FAULTS, ...CALL_FAULTS };

// Which of two faults is found may depend on the cuts where one of them is that a line is too long or
// does not end: a line is looked at before its end has come only when it is the first of its piece.
const FOUND_BY_LENGTH = new Set([
  'h1-body-cut',
  'h1-line-too-long',
  'h1-head-too-large',
  'h1-chunk-extension',
  'call-cut',
  'h1-response-too-large',
]);

function agree(one: readonly string[], other: readonly string[]): boolean {
  if (same(one, other)) return true;
  const ends = [one, other].map((lines) => (lines.at(-1) ?? '').split(' '));
  const bothRefuse = ends.every(([word]) => word === 'refused');
  const byLength = ends.some(([, code = '']) => FOUND_BY_LENGTH.has(code));
  return bothRefuse && byLength && same(one.slice(0, -1), other.slice(0, -1));
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}

function fail(
  what: string,
  reading: Reading,
  one: readonly string[],
  other: readonly string[],
  cuts: readonly number[] = [],
): never {
  const how = cuts.length > 8 ? `${cuts.length} cuts` : `cuts at ${cuts.join(', ')}`;
  throw new Finding(
    `${what} (${JSON.stringify(reading)}, ${how})\n  ${one.join('\n  ')}\n-- but --\n  ${other.join('\n  ')}`,
  );
}
