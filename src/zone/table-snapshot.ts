/**
 * Tables as bytes for another process. Times are written as ages with the date beside them, because a
 * monotonic clock means nothing elsewhere: whoever reads them adds what has passed since by the date. Of
 * long keys the digests travel, and with them the secret of the digests; the secret of the hash does not,
 * each process has its own. A snapshot is as secret as the memory that it is from.
 */
import type { Clock } from '../base/index.ts';
import { type KeptKey, NEVER_SET, type SharedTable } from './shared-table.ts';
import { openSnapshot, readingOf, type SnapshotReader, SnapshotWriter } from './snapshot-frame.ts';
import { KEY_BYTES, SECRET_WORDS } from './table-layout.ts';

const DIGEST_BYTES = 32;

interface Kept {
  readonly key: KeptKey;
  readonly fields: readonly number[];
  /** Ages at the time of the snapshot; infinite for a time that was never set. */
  readonly ages: readonly number[];
}

interface Content {
  readonly wall: number;
  readonly secret: Int32Array;
  readonly entries: Kept[];
}

/**
 * Copies a table out, one shard after the other, each as it is at one moment. `null` where a shard stayed
 * locked: to be tried again. `clock` is the one of the table's times.
 */
export function snapshotTable(table: SharedTable, clock: Clock): Uint8Array | null {
  const { fields, times } = table.handle.shape;
  const now = Math.floor(clock.monotonic());
  const writer = new SnapshotWriter('table');
  writer.int32(fields);
  writer.int32(times);
  writer.float64(clock.wall());
  for (const word of table.digestSecret) writer.int32(word);
  for (let shard = 0; shard < table.shards; shard++) {
    if (!table.lockShard(shard)) return null;
    try {
      for (let entry = table.oldest(); entry !== 0; entry = table.newer(entry)) {
        const { bytes, digested } = table.keyOf(entry);
        writer.uint16(digested ? 2 : 1);
        writer.text(bytes);
        for (let i = 0; i < fields; i++) writer.int32(table.field(entry, i));
        for (let i = 0; i < times; i++) writer.float64(now - table.time(entry, i));
      }
    } finally {
      table.unlock();
    }
  }
  writer.uint16(0);
  return writer.finish();
}

/**
 * Fills an empty table that no web thread uses yet from a snapshot of one with the same fields and times;
 * for the main thread. Where it has less room, the least recently used leave. Answers `null`, or why the
 * snapshot is refused, in which case nothing has changed.
 */
export function restoreTable(table: SharedTable, bytes: Uint8Array, clock: Clock): string | null {
  if (!table.isUnused || table.size !== 0)
    return 'Only an empty zone that no thread uses is restored';
  const reader = openSnapshot(bytes, 'table');
  if (typeof reader === 'string') return reader;
  const read = readingOf(() => readContent(table, reader));
  if (typeof read === 'string') return read;
  const { wall, secret, entries } = read.value;
  table.digestSecret.set(secret);
  const now = Math.floor(clock.monotonic());
  // A date that went back in between adds nothing: a limit is rather forgotten late than early.
  const since = Math.max(0, Math.floor(clock.wall() - wall));
  // Shards follow one another in the snapshot; the oldest of all is to come first.
  entries.sort((a, b) => age(b) - age(a));
  for (const { key, fields, ages } of entries) {
    if (!table.lockKept(key)) throw new Error('A zone is used while it is restored');
    try {
      const entry = table.insert(now, false);
      if (entry === 0) continue;
      for (const [i, value] of fields.entries()) table.setField(entry, i, value);
      for (const [i, value] of ages.entries())
        table.setTime(entry, i, value === Infinity ? NEVER_SET : now - since - value);
      table.commit();
    } finally {
      table.unlock();
    }
  }
  return null;
}

function age({ ages }: Kept): number {
  // Two infinities have no difference that sorts.
  return Math.min(ages[0] ?? 0, Number.MAX_VALUE);
}

function readContent(table: SharedTable, reader: SnapshotReader): Content {
  const { fields, times } = table.handle.shape;
  const written = { fields: reader.int32(), times: reader.int32() };
  if (written.fields !== fields || written.times !== times)
    throw new RangeError(
      `The snapshot has records of ${written.fields} numbers and ${written.times} times, not ${fields} and ${times}`,
    );
  const wall = reader.float64();
  if (!Number.isFinite(wall)) throw new RangeError('The snapshot has no date');
  const secret = Int32Array.from({ length: SECRET_WORDS - 2 }, () => reader.int32());
  const entries: Kept[] = [];
  const seen = new Set<string>();
  for (let kind = reader.uint16(); kind !== 0; kind = reader.uint16()) {
    const key = { bytes: reader.text(), digested: kind === 2 };
    if (
      kind > 2 ||
      key.bytes.length > KEY_BYTES ||
      (kind === 2 && key.bytes.length !== DIGEST_BYTES)
    )
      throw new RangeError('The snapshot has a key that cannot be');
    const name = `${kind}${key.bytes}`;
    if (seen.has(name)) throw new RangeError('The snapshot has a key twice');
    seen.add(name);
    // Plain loops: there may be very many, and requests wait while one process takes the place of another.
    const numbers: number[] = [];
    for (let i = 0; i < fields; i++) numbers.push(reader.int32());
    const ages: number[] = [];
    for (let i = 0; i < times; i++) ages.push(reader.float64());
    if (ages.some((value) => value !== Infinity && !Number.isSafeInteger(value)))
      throw new RangeError('The snapshot has a time that cannot be');
    entries.push({ key, fields: numbers, ages });
  }
  reader.end();
  return { wall, secret, entries };
}
