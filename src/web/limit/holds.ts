/** The shares of zones that the requests of one thread hold, so that they can be told to another process. */
import type { EndWork } from '../../pipeline/index.ts';
import { type ConcurrencyZone, UNCOUNTED } from '../../zone/index.ts';
import type { AwayLimits, HeldShare } from './away.ts';
import { LimitZone } from './limit-zone.ts';

type Zone = LimitZone<ConcurrencyZone>;

/** In the place of a zone that is not held any more, so that its memory can go. */
const NO_ZONE: Zone = new LimitZone('', '');

/** What one request holds. It is used again for another request when that one is over. */
export class Hold implements EndWork {
  nextEndWork: EndWork | null = null;
  /** Neighbours in the list of holds; for `Holds`. */
  before: Hold | null = null;
  after: Hold | null = null;
  /** By which another process knows it; 0 where none does. */
  id = 0;
  /** How many of the lists' places are used. */
  count = 0;
  readonly zones: Zone[] = [];
  readonly tokens: number[] = [];
  readonly keys: string[] = [];
  readonly #holds: Holds;

  constructor(holds: Holds) {
    this.#holds = holds;
  }

  /** Holds a token of a zone too. */
  add(zone: Zone, token: number, key: string): void {
    const at = this.count++;
    this.zones[at] = zone;
    this.tokens[at] = token;
    this.keys[at] = key;
  }

  onRequestEnd(): void {
    this.#holds.release(this);
  }
}

/** Gives out what requests note their tokens in, uses it again, and knows at any time which are out. */
export class Holds {
  readonly #away: AwayLimits;
  #first: Hold | null = null;
  #free: Hold | null = null;

  constructor(away: AwayLimits) {
    this.#away = away;
  }

  /** A hold of nothing yet. */
  take(): Hold {
    const hold = this.#free ?? new Hold(this);
    if (this.#free !== null) this.#free = hold.after;
    hold.before = null;
    hold.after = this.#first;
    if (this.#first !== null) this.#first.before = hold;
    this.#first = hold;
    return hold;
  }

  /** Gives all back, here and where it is known by its id. */
  release(hold: Hold): void {
    for (let at = 0; at < hold.count; at++) {
      const token = hold.tokens[at] ?? UNCOUNTED;
      if (token !== UNCOUNTED) hold.zones[at]?.counts.release(token);
      hold.zones[at] = NO_ZONE;
      hold.keys[at] = '';
    }
    hold.count = 0;
    if (hold.before === null) this.#first = hold.after;
    else hold.before.after = hold.after;
    if (hold.after !== null) hold.after.before = hold.before;
    hold.before = null;
    hold.after = this.#free;
    this.#free = hold;
    const { id } = hold;
    hold.id = 0;
    if (id !== 0) this.#away.giveBack(id);
  }

  /** Gives every hold an id of `nextId`, and tells what it holds: for the process that counts from now on. */
  handOver(nextId: () => number): readonly HeldShare[] {
    const held: HeldShare[] = [];
    for (let hold = this.#first; hold !== null; hold = hold.after) {
      if (hold.id !== 0) continue;
      hold.id = nextId();
      const { keys } = hold;
      const shares = hold.zones.slice(0, hold.count).map(({ name, identity }, at) => {
        return { zone: name, identity, key: keys[at] ?? '' };
      });
      held.push({ id: hold.id, shares });
    }
    return held;
  }

  /** No other process counts the holds after all. */
  takeBack(): void {
    for (let hold = this.#first; hold !== null; hold = hold.after) hold.id = 0;
  }
}
