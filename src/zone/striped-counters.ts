/**
 * Counters that cost nothing to count. Every thread has a stripe of its own, on cache lines of its own, and
 * adds to it with a plain load and store; a reader sums the stripes. Only the owner writes a stripe, so
 * nothing is lost between threads, and a thread that dies has either stored the sum or not: there is no
 * third state to repair.
 *
 * Doubles, because they are exact up to 2^53 and need no allocation; a BigInt64 slot makes a BigInt for
 * every reading, and 32 bits of bytes are over after 4 GiB. Node's platforms have 64 bits, where an aligned
 * double is stored at once, so a reader never sees half of one.
 *
 * Totals only grow and outlive their thread: the replacement continues the stripe. Gauges (what is open
 * now) go up and down, and are worth nothing after their thread: the main thread sets them to zero.
 */
import { Roster } from './roster.ts';
import { checkSeat, checkThreads, type Seat } from './seat.ts';
import { openSnapshot, readingOf, SnapshotWriter } from './snapshot-frame.ts';

/** Names of what is counted, by how it behaves when its thread is over. */
export interface CountersOptions<Total extends string, Gauge extends string> {
  /** Counters that only grow, such as requests or bytes; they go over into another process. */
  readonly totals: readonly Total[];
  /** Counters of what there is at the moment, such as open connections; they do not. */
  readonly gauges: readonly Gauge[];
  /** Highest index of a web thread. */
  readonly threads: number;
}

/** Counters as they are handed to a thread, in `workerData` or a message. */
export interface CountersHandle<Name extends string> {
  readonly memory: SharedArrayBuffer;
  readonly names: readonly Name[];
  /** How many of the names, from the first, are totals. */
  readonly totals: number;
  readonly threads: number;
}

// Two lines of 64 bytes: processors fetch the neighbour as well.
const LINE_BYTES = 128;

function lines(bytes: number): number {
  return Math.ceil(bytes / LINE_BYTES) * LINE_BYTES;
}

/**
 * Makes counters, all zero; for the main thread.
 *
 * @throws RangeError for a name that is there twice, or a number of threads that cannot be.
 */
export function createCounters<Total extends string, Gauge extends string>(
  options: CountersOptions<Total, Gauge>,
): CountersHandle<Total | Gauge> {
  const { totals, gauges, threads } = options;
  checkThreads(threads);
  const names = [...totals, ...gauges];
  if (new Set(names).size !== names.length) throw new RangeError('Two counters have the same name');
  // A stripe for the main thread, one a web thread, and one for what came from another process.
  const bytes = lines((threads + 1) * 4) + lines(names.length * 8) * (threads + 2);
  return { memory: new SharedArrayBuffer(bytes), names, totals: totals.length, threads };
}

/** The attachment of one thread, which adds to its own stripe and sums all of them. */
export class Counters<Name extends string> {
  readonly #handle: CountersHandle<Name>;
  readonly #roster: Roster;
  readonly #ids: ReadonlyMap<Name, number>;
  readonly #mine: Float64Array;

  /** @throws Error where the seat's predecessor was not settled; RangeError for a seat that is not there. */
  constructor(handle: CountersHandle<Name>, seat: Seat) {
    checkSeat(seat, handle.threads);
    this.#handle = handle;
    this.#roster = new Roster(new Int32Array(handle.memory), 0);
    this.#ids = new Map(handle.names.map((name, id) => [name, id]));
    this.#roster.take(seat);
    this.#mine = this.#stripe(seat.thread);
  }

  #stripe(number: number): Float64Array {
    const { memory, names, threads } = this.#handle;
    const first = lines((threads + 1) * 4) + lines(names.length * 8) * number;
    return new Float64Array(memory, first, names.length);
  }

  /** The number by which a counter is added to; to be asked once, at load. @throws RangeError for an unknown name. */
  id(name: Name): number {
    const id = this.#ids.get(name);
    if (id === undefined) throw new RangeError(`There is no counter named ${name}`);
    return id;
  }

  /** Adds to a counter; a negative amount only to a gauge. Exact while the total stays below 2^53. */
  add(id: number, amount: number): void {
    (this.#mine[id] as number) += amount;
  }

  /** The sum over all threads. While they count it is between what it was at the begin of the call and at its end. */
  value(name: Name): number {
    const id = this.id(name);
    let sum = 0;
    for (let stripe = 0; stripe <= this.#handle.threads + 1; stripe++)
      sum += this.#stripe(stripe)[id] as number;
    return sum;
  }

  /** What one thread has counted, those before it on the same index included. */
  valueOf(name: Name, thread: number): number {
    return this.#stripe(thread)[this.id(name)] as number;
  }

  /** All sums by name, in the order of declaration. */
  values(): ReadonlyMap<Name, number> {
    return new Map(this.#handle.names.map((name) => [name, this.value(name)]));
  }

  /**
   * Sets the gauges of a thread that is over to zero and frees its seat; for the main thread, after the
   * `exit` event. `false`, and nothing done, if that generation has not the seat (any more).
   */
  settle({ thread, generation }: Seat): boolean {
    if (!this.#roster.has(thread, generation)) return false;
    this.#stripe(thread).fill(0, this.#handle.totals);
    this.#roster.leave(thread, generation);
    return true;
  }

  /** The totals as bytes for another process. Gauges are not in it. */
  snapshot(): Uint8Array {
    const writer = new SnapshotWriter('counters');
    writer.int32(this.#handle.totals);
    for (const name of this.#handle.names.slice(0, this.#handle.totals)) {
      writer.text(Buffer.from(name).toString('latin1'));
      writer.float64(this.value(name));
    }
    return writer.finish();
  }

  /**
   * Counts on from the totals of a snapshot, instead of from those of the one before. Totals that the
   * snapshot does not have begin at zero; names that are no totals here are left out. For the main thread.
   * Answers `null`, or why the snapshot is refused, in which case nothing has changed.
   */
  restore(bytes: Uint8Array): string | null {
    const reader = openSnapshot(bytes, 'counters');
    if (typeof reader === 'string') return reader;
    const read = readingOf(() => {
      const totals = new Map<string, number>();
      for (let left = reader.int32(); left > 0; left--) {
        const name = Buffer.from(reader.text(), 'latin1').toString();
        const value = reader.float64();
        if (!Number.isSafeInteger(value) || value < 0)
          throw new RangeError(`The snapshot counts ${value} for ${name}`);
        totals.set(name, value);
      }
      reader.end();
      return totals;
    });
    if (typeof read === 'string') return read;
    const restored = this.#stripe(this.#handle.threads + 1);
    for (let id = 0; id < this.#handle.totals; id++)
      restored[id] = read.value.get(this.#handle.names[id] as Name) ?? 0;
    return null;
  }
}
