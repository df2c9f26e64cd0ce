/**
 * Makes a group of stores all or nothing for a thread that may die between any two of them. Before a word
 * is changed under a lock, its index and old value are written to the log of that lock, then the length of
 * the log, then the word. A finished group sets the length to 0. If the thread died in between, whoever
 * mends writes the old values back, youngest first: the state is the one before the group. A pair that is
 * not counted yet belongs to a word that is not changed yet; a pair that is counted for a word that is not
 * changed yet restores what is there. Restoring twice is the same as once.
 *
 * Undo and not redo: then the words themselves are always the newest state, and what reads them under the
 * lock needs no look into a log. Not a sequence lock: that tells that a record is torn, not what it was.
 *
 * The stores are plain. Live threads are ordered by the lock; the only reader of an unfinished group is the
 * main thread after the writer's end, and the engine keeps one thread's stores to an array in their order.
 */

/** Words that a log with room for `pairs` changed words takes. */
export function undoLogWords(pairs: number): number {
  return 1 + 2 * pairs;
}

/** The logs of one zone; each is named by the index of its first word, which must be 0 at the beginning. */
export class UndoLog {
  readonly #words: Int32Array;
  readonly #pairs: number;

  /** Every log in `words` has room for `pairs` changes. */
  constructor(words: Int32Array, pairs: number) {
    this.#words = words;
    this.#pairs = pairs;
  }

  /**
   * Changes a word so that it can be undone.
   *
   * @throws RangeError where the group is larger than the log: a defect of the caller.
   */
  change(log: number, index: number, value: number): void {
    const words = this.#words;
    const length = words[log] as number;
    if (length >= this.#pairs)
      throw new RangeError('More changes in a group than its log can hold');
    const pair = log + 1 + 2 * length;
    words[pair] = index;
    words[pair + 1] = words[index] as number;
    words[log] = length + 1;
    words[index] = value;
  }

  /** Ends a group: its changes stay. */
  commit(log: number): void {
    this.#words[log] = 0;
  }

  /** Takes the changes of an unfinished group back; whether there were any. */
  rollback(log: number): boolean {
    const words = this.#words;
    const length = words[log] as number;
    for (let pair = log + 1 + 2 * (length - 1); pair > log; pair -= 2)
      words[words[pair] as number] = words[pair + 1] as number;
    words[log] = 0;
    return length > 0;
  }
}
