/**
 * Feeds bytes to a pull parser (`push`, `next`) in every way they can arrive, and writes down what it
 * says as lines of text, so that a table row can hold them. Nothing here knows a protocol.
 */
import assert from 'node:assert/strict';

/** The part of a sans-I/O parser that feeding needs; event numbers as in `EVENT` of `http/h1`. */
export interface PullParser {
  readonly window: Buffer;
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly fault: { readonly kind: { readonly code: string; readonly status: number } } | null;
  readonly trailers: { entries(): Iterable<readonly [name: string, value: string]> } | null;
  push(chunk: Uint8Array, start: number, end: number): void;
  next(): number;
}

/** What is fed, and how its events become lines. */
export interface Subject<P extends PullParser> {
  /** A parser that has seen nothing. */
  readonly make: () => P;
  /** What the line of a `head` event says. */
  readonly head: (parser: P) => string;
  /** Called at each `end`; true where what follows is not for the parser (a tunnel), which ends the feeding. */
  readonly leaves?: (parser: P) => boolean;
}

/** What may follow a complete message, and the lines that it adds. */
export interface Trailing {
  readonly bytes: string;
  readonly sees: readonly string[];
}

const HEAD = 1;
const DATA = 2;
const END = 3;
const REFUSED = 4;
const EVERY_POSITION_BELOW = 400;
const CUTS_OF_MANY = 4;
const SINGLE_BYTES = 100_000;

/**
 * Feeds `bytes` in pieces that end at `cuts` (ascending offsets) and gives the lines: `head …`, `data …`
 * (data events in a row are one line), `end` or `end Name: value | …`, `refused code status`. Throws
 * when the parser says more events than the bytes could hold.
 */
export function feed<P extends PullParser>(
  subject: Subject<P>,
  bytes: Buffer,
  cuts: readonly number[],
  parser: P = subject.make(),
): string[] {
  const lines: string[] = [];
  let data = '';
  let calls = 3 * bytes.length + 4 * cuts.length + 16;
  let from = 0;
  for (let piece = 0; piece <= cuts.length; piece++) {
    const to = cuts[piece] ?? bytes.length;
    pushAmidNoise(parser, bytes, from, to);
    from = to;
    for (;;) {
      if (--calls < 0) throw new Error('the parser does not come to an end');
      const event = parser.next();
      if (event === DATA) {
        data += parser.window.toString('latin1', parser.dataStart, parser.dataEnd);
        continue;
      }
      if (event === 0) break;
      if (data !== '') lines.push(`data ${data}`);
      data = '';
      if (event === HEAD) {
        lines.push(`head ${subject.head(parser)}`);
      } else if (event === END) {
        lines.push(endLine(parser));
        if (subject.leaves?.(parser) === true) return lines;
      } else if (event === REFUSED) {
        lines.push(`refused ${parser.fault?.kind.code} ${parser.fault?.kind.status}`);
        return lines;
      }
    }
  }
  if (data !== '') lines.push(`data ${data}`);
  return lines;
}

// The piece stands in a larger buffer between bytes that end lines and messages: a parser that looks
// outside what it was given sees them.
function pushAmidNoise(parser: PullParser, bytes: Buffer, from: number, to: number): void {
  const length = to - from;
  const chunk = Buffer.allocUnsafe(length + 8);
  chunk.write('\r\n\r\n', 0, 'latin1');
  bytes.copy(chunk, 4, from, to);
  chunk.write('\r\n\r\n', 4 + length, 'latin1');
  parser.push(chunk, 4, 4 + length);
}

function endLine(parser: PullParser): string {
  if (parser.trailers === null) return 'end';
  const fields = [...parser.trailers.entries()].map(([name, value]) => `${name}: ${value}`);
  return `end ${fields.join(' | ')}`;
}

/** The cuts that let every byte come alone; what follows the first 100,000 comes as one piece. */
export function singleBytes(length: number): number[] {
  const cuts = Math.max(0, Math.min(length, SINGLE_BYTES) - 1);
  return Array.from({ length: cuts }, (_, index) => index + 1);
}

/**
 * Asserts that `bytes` (latin1) make the parser say `sees`, whole, byte by byte, and cut in two at every
 * position (at three of them where there are 400 bytes or more), alone and, where the last line is an `end`
 * or a refusal, with each of `trailing` behind. A refusal has to stay the last word.
 */
export function assertSees<P extends PullParser>(
  subject: Subject<P>,
  bytes: string,
  sees: readonly string[],
  trailing: readonly Trailing[] = [],
): void {
  assertEveryWay(subject, bytes, sees);
  const last = sees.at(-1) ?? '';
  for (const behind of trailing) {
    if (last.startsWith('end')) {
      assertEveryWay(subject, bytes + behind.bytes, [...sees, ...behind.sees]);
    } else if (last.startsWith('refused')) {
      assertEveryWay(subject, bytes + behind.bytes, sees);
    }
  }
}

function assertEveryWay<P extends PullParser>(
  subject: Subject<P>,
  text: string,
  sees: readonly string[],
): void {
  const bytes = Buffer.from(text, 'latin1');
  const shown = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
  assert.deepEqual(feed(subject, bytes, []), sees, `whole: ${shown}`);
  assert.deepEqual(feed(subject, bytes, singleBytes(bytes.length)), sees, `byte by byte: ${shown}`);
  const step = bytes.length < EVERY_POSITION_BELOW ? 1 : Math.ceil(bytes.length / CUTS_OF_MANY);
  for (let cut = step; cut < bytes.length; cut += step) {
    assert.deepEqual(feed(subject, bytes, [cut]), sees, `cut at ${cut}: ${shown}`);
  }
}
