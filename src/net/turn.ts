/**
 * One turn of the event loop, as far as writing is concerned: everything that protocols queue while an
 * event is handled leaves in one system call a connection, when the event has been dealt with. A request
 * and its response, or twenty pipelined ones, cost one read and one write.
 */

import type { TurnClock } from './turn-clock.ts';

/**
 * How often one turn goes round the flushing. A client that takes bytes as fast as a file is read would
 * else have the thread for itself; eight chunks of a file are 2 MiB. nginx: `sendfile_max_chunk`.
 */
const ROUNDS = 8;

/** Something with bytes to send at the end of the turn. */
export interface Flushable {
  flush(): void;
}

/** The turn of one thread; its connections share it, so that one event flushes all that it touched. */
export class Turn {
  #depth = 0;
  #scheduled = false;
  #putOff = false;
  readonly #dirty: Flushable[] = [];
  readonly #clock: TurnClock;
  readonly #onDefect: (error: unknown) => void;

  /** `clock` stands still while a turn lasts; `onDefect` hears of errors thrown while an event was handled or bytes were flushed. */
  constructor(clock: TurnClock, onDefect: (error: unknown) => void) {
    this.#clock = clock;
    this.#onDefect = onDefect;
  }

  /** Begins to handle an event. Turns may nest; the outermost one flushes. */
  enter(): void {
    if (this.#depth++ === 0) this.#clock.begin();
  }

  /** The event has been dealt with. */
  leave(): void {
    if (--this.#depth > 0) return;
    if (this.#dirty.length > 0) this.#flush();
    this.#clock.end();
  }

  /** Handles an event in a turn of its own; what that throws is reported and goes no further. */
  run(act: () => void): void {
    this.enter();
    try {
      act();
    } catch (error) {
      this.failed(error);
    }
    this.leave();
  }

  /** Reports an error that the handling of an event let through. */
  failed(error: unknown): void {
    this.#onDefect(error);
  }

  /** Flushes `item` at the end of the turn; outside of one, before the loop goes on. */
  add(item: Flushable): void {
    this.#dirty.push(item);
    if (this.#depth > 0 || this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.enter();
      this.leave();
    });
  }

  // What is flushed may queue more (the next pipelined response, the next piece of a file): go on, a few
  // times round, inside of a turn of its own so that it does not nest. What is left then is put off until
  // the event loop has looked at the other connections.
  #flush(): void {
    const dirty = this.#dirty;
    let at = 0;
    this.#depth++;
    for (let round = 0; round < ROUNDS && at < dirty.length; round++) {
      for (const end = dirty.length; at < end; at++) {
        try {
          dirty[at]?.flush();
        } catch (error) {
          this.#onDefect(error);
        }
      }
    }
    this.#depth--;
    if (at === dirty.length) {
      // Mostly it is one; a length that is set is a call into the runtime.
      while (dirty.length > 0) dirty.pop();
      return;
    }
    dirty.splice(0, at);
    if (this.#putOff) return;
    this.#putOff = true;
    setImmediate(() => {
      this.#putOff = false;
      this.enter();
      this.leave();
    });
  }
}
