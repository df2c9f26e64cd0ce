/**
 * Where everything lies in the memory of a table, in 32-bit words:
 *
 *     secrets · roster · shard · shard · …
 *     shard = lock · undo log · list ends, free list, counts · a bucket for each entry · entries
 *     entry = next in chain · hash · newer · older · length of key · key · fields · times
 *
 * A shard is a small table of its own with a lock of its own, so that threads seldom meet, what a dead
 * thread may have torn is small, and copying one out takes a fraction of a millisecond. The price: where a
 * table is nearly full, some shards are full before others (from about nine tenths on).
 */
import { undoLogWords } from './undo-log.ts';

/** Bytes of a key that are kept as they are; of a longer one a keyed SHA-256 is kept. */
export const KEY_BYTES = 48;
/** 32-bit words of an entry that are kept for its key, `KEY_BYTES` long. */
export const KEY_WORDS = KEY_BYTES / 4;

/** Words of the two secrets: 2 for the hash, 8 for the digest of long keys. */
export const SECRET_WORDS = 10;

/** Where the parts of a record lie, in words from its beginning, up to its fields. */
export const ENTRY = { chain: 0, hash: 1, newer: 2, older: 3, length: 4, key: 5 } as const;
/** Offset of the first field in an entry. */
export const FIELDS_AT = ENTRY.key + KEY_WORDS;

/** A group of changes of one entry never takes more, besides one for each word of its fields and times. */
const UNDO_PAIRS = 16;
const LINE_WORDS = 16;
/** Entries that a shard has at least, where the table has that many. */
const SHARD_ENTRIES = 1024;

/** What decides about the layout of a table. */
export interface TableShape {
  /** Memory in bytes; the number of keys follows from it. */
  readonly bytes: number;
  /** 32-bit numbers of a record. */
  readonly fields: number;
  /** Moments of a record, in milliseconds. */
  readonly times: number;
  /** Highest index of a web thread. */
  readonly threads: number;
}

/** The measures of a table; all but the last two in words. */
export interface TableLayout {
  readonly roster: number;
  readonly shards: number;
  /** First word of the first shard. */
  readonly firstShard: number;
  readonly shardWords: number;
  readonly entryWords: number;
  /** Offsets in a shard. */
  readonly log: number;
  readonly undoPairs: number;
  readonly newest: number;
  readonly oldest: number;
  readonly free: number;
  readonly unused: number;
  readonly used: number;
  readonly forced: number;
  readonly buckets: number;
  readonly entries: number;
  /** Entries of a shard. */
  readonly shardEntries: number;
  /** Bytes that one more key takes. */
  readonly entryBytes: number;
}

function lines(words: number): number {
  return Math.ceil(words / LINE_WORDS) * LINE_WORDS;
}

/** Lays a table out. @throws RangeError for memory without room for a single key, or more than 8 GiB. */
export function tableLayout({ bytes, fields, times, threads }: TableShape): TableLayout {
  const words = Math.floor(bytes / 4);
  if (words > 0x7fff_ffff) throw new RangeError('A zone has at most 8 GiB');
  const entryWords = FIELDS_AT + fields + 2 * times;
  const undoPairs = UNDO_PAIRS + fields + 2 * times;
  const roster = lines(SECRET_WORDS);
  const firstShard = roster + lines(threads + 1);
  // The lock is alone on its line: those that wait for it do not slow its holder down.
  const log = LINE_WORDS;
  const newest = log + undoLogWords(undoPairs);
  const buckets = lines(newest + 6);
  const room = words - firstShard;
  const wanted = Math.max(1, Math.floor(room / (SHARD_ENTRIES * (entryWords + 1) + buckets)));
  const shards = 2 ** Math.floor(Math.log2(wanted));
  const shardWords = Math.floor(room / shards / LINE_WORDS) * LINE_WORDS;
  const shardEntries = Math.floor((shardWords - buckets) / (entryWords + 1));
  if (shardEntries < 1) throw new RangeError(`A zone of ${bytes} bytes has no room for a key`);
  return {
    roster,
    shards,
    firstShard,
    shardWords,
    entryWords,
    log,
    undoPairs,
    newest,
    oldest: newest + 1,
    free: newest + 2,
    unused: newest + 3,
    used: newest + 4,
    forced: newest + 5,
    buckets,
    entries: buckets + shardEntries,
    shardEntries,
    entryBytes: (entryWords + 1) * 4,
  };
}
