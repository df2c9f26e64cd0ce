import type { Clock } from '../base/index.ts';

/**
 * A clock that is read once in a turn of events: everything that happens in one turn happens at the same
 * time, as it does in nginx. A request asks for the time in half a dozen places, and each look at the
 * machine's clock costs as much as finding its virtual host. Outside of a turn it is the clock behind it.
 */
export class TurnClock implements Clock {
  readonly #source: Clock;
  #inTurn = false;
  #monotonic = -1;
  #wall = -1;

  constructor(source: Clock) {
    this.#source = source;
  }

  monotonic(): number {
    if (!this.#inTurn) return this.#source.monotonic();
    if (this.#monotonic < 0) this.#monotonic = this.#source.monotonic();
    return this.#monotonic;
  }

  wall(): number {
    if (!this.#inTurn) return this.#source.wall();
    if (this.#wall < 0) this.#wall = this.#source.wall();
    return this.#wall;
  }

  /** A turn begins: the time of the last one is forgotten. */
  begin(): void {
    this.#inTurn = true;
    this.#monotonic = -1;
    this.#wall = -1;
  }

  /** The turn is over. */
  end(): void {
    this.#inTurn = false;
  }
}
