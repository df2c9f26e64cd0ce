import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEAST_PACKET, MOST_PACKET, TO_CONTAINER, TO_SERVER } from './codes.ts';
import { PacketReader } from './packet-reader.ts';
import { word } from './payload.ts';

function packet(payload: string, magic = TO_CONTAINER): string {
  return word(magic) + word(payload.length) + payload;
}

/** Reads pieces that come one after the other through one buffer, as those of a thread do. */
function read(reader: PacketReader, pieces: readonly string[]): readonly string[] {
  const found: string[] = [];
  const shared = Buffer.alloc(MOST_PACKET * 2);
  for (const piece of pieces) {
    shared.fill(0x77);
    shared.write(piece, 3, 'latin1');
    reader.push(shared, 3, 3 + piece.length);
    while (reader.next())
      found.push(Buffer.from(reader.bytes).toString('latin1', reader.start, reader.end));
  }
  return found;
}

const PAYLOADS = ['', 'a', 'bc', '', 'x'.repeat(300), '\x12\x34\0\0'];
const WHOLE = PAYLOADS.map((payload) => packet(payload)).join('');

test('packets are found however what comes is cut in two or in three', () => {
  for (let first = 0; first <= WHOLE.length; first++) {
    const reader = new PacketReader(TO_CONTAINER, LEAST_PACKET);
    assert.deepEqual(read(reader, [WHOLE.slice(0, first), WHOLE.slice(first)]), PAYLOADS);
    assert.ok(reader.idle);
  }
  for (let first = 0; first < 30; first++) {
    for (let second = first; second < 30; second++) {
      const reader = new PacketReader(TO_CONTAINER, LEAST_PACKET);
      const pieces = [WHOLE.slice(0, first), WHOLE.slice(first, second), WHOLE.slice(second)];
      assert.deepEqual(read(reader, pieces), PAYLOADS);
    }
  }
});

test('packets are found byte by byte', () => {
  const reader = new PacketReader(TO_CONTAINER, LEAST_PACKET);
  assert.deepEqual(read(reader, WHOLE.split('')), PAYLOADS);
});

test('a packet that is not there as a whole is waited for, and is no idle connection', () => {
  for (const part of ['\x12', '\x12\x34\0', packet('abc').slice(0, -1)]) {
    const reader = new PacketReader(TO_CONTAINER, LEAST_PACKET);
    assert.deepEqual(read(reader, [part]), []);
    assert.equal(reader.flaw, null);
    assert.equal(reader.idle, false);
  }
});

for (const largest of [LEAST_PACKET, 16_384, MOST_PACKET])
  for (const cut of [null, 2, 4, 5000])
    test(`of at most ${largest} bytes, ${cut ?? 'not'} cut: the longest passes, and one byte more is refused`, () => {
      const pieces = (text: string): readonly string[] =>
        cut === null ? [text] : [text.slice(0, cut), text.slice(cut)];
      const reader = new PacketReader(TO_CONTAINER, largest);
      const longest = 'y'.repeat(Math.min(largest - 4, 65_535));
      assert.deepEqual(read(reader, pieces(packet(longest) + packet('z'))), [longest, 'z']);
      if (largest - 4 + 1 > 65_535) return;
      const other = new PacketReader(TO_CONTAINER, largest);
      assert.deepEqual(read(other, pieces(packet(`${longest}y`) + packet('z'))), []);
      assert.equal(other.flaw, 'too-large');
      assert.deepEqual(read(other, [packet('z')]), [], 'nothing is found behind it');
    });

for (const magic of [TO_SERVER, 0x1235, 0x0234, 0x3412, 0])
  test(`what begins with ${magic.toString(16)} is refused, wherever it is cut`, () => {
    const text = packet('a') + packet('b', magic) + packet('c');
    for (let cut = 0; cut <= text.length; cut++) {
      const reader = new PacketReader(TO_CONTAINER, LEAST_PACKET);
      assert.deepEqual(read(reader, [text.slice(0, cut), text.slice(cut)]), ['a']);
      assert.equal(reader.flaw, 'magic');
    }
  });

test('what is not read yet can be kept when its buffer is used again', () => {
  const reader = new PacketReader(TO_CONTAINER, LEAST_PACKET);
  const shared = Buffer.from(
    packet('first') + packet('second') + packet('third').slice(0, 6),
    'latin1',
  );
  reader.push(shared, 0, shared.length);
  assert.ok(reader.next());
  reader.keepUnread();
  shared.fill(0);
  assert.ok(reader.next());
  assert.equal(Buffer.from(reader.bytes).toString('latin1', reader.start, reader.end), 'second');
  assert.equal(reader.next(), false);
  assert.deepEqual(read(reader, [packet('third').slice(6)]), ['third']);
});

function payloadOf(reader: PacketReader): string {
  return Buffer.from(reader.bytes).toString('latin1', reader.start, reader.end);
}

test('what comes while packets are unread follows them', () => {
  for (let cut = 1; cut < WHOLE.length; cut++) {
    const reader = new PacketReader(TO_CONTAINER, LEAST_PACKET);
    const [first, second] = [WHOLE.slice(0, cut), WHOLE.slice(cut)].map((text) =>
      Buffer.from(text, 'latin1'),
    ) as [Buffer, Buffer];
    reader.push(first, 0, first.length);
    const all = reader.next() ? [payloadOf(reader)] : [];
    reader.push(second, 0, second.length);
    while (reader.next()) all.push(payloadOf(reader));
    assert.deepEqual(all, PAYLOADS, `cut at ${cut}`);
    assert.ok(reader.idle);
  }
});

test('a packet that was found can be kept, with what follows it', () => {
  for (const cut of [0, 2, 7]) {
    const reader = new PacketReader(TO_CONTAINER, LEAST_PACKET);
    const text = packet('first') + packet('second') + packet('third').slice(0, 5);
    const begun = Buffer.from(text.slice(0, cut), 'latin1');
    reader.push(begun, 0, begun.length);
    assert.equal(reader.next(), false);
    const shared = Buffer.from(text.slice(cut), 'latin1');
    reader.push(shared, 0, shared.length);
    assert.ok(reader.next());
    reader.keepAll();
    shared.fill(0x77);
    const { bytes, start, end } = reader;
    assert.equal(payloadOf(reader), 'first');
    assert.ok(reader.next());
    assert.equal(payloadOf(reader), 'second');
    assert.equal(reader.next(), false);
    assert.ok(reader.held >= 5);
    assert.deepEqual(read(reader, [packet('third').slice(5)]), ['third']);
    assert.equal(reader.held, 0);
    assert.equal(Buffer.from(bytes).toString('latin1', start, end), 'first');
  }
});
