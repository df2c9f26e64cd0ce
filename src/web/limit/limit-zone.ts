import type { Template } from '../../pipeline/index.ts';

/**
 * A zone of the configuration as the handlers of one thread know it. Handlers are built before their thread may use what
 * lies in shared memory, and before all variables are known: both are filled in when the configuration is served.
 */
export class LimitZone<Z> {
  readonly name: string;
  /** See `zoneIdentity`. */
  readonly identity: string;
  #key: Template | null = null;
  #counts: Z | null = null;

  constructor(name: string, identity: string) {
    this.name = name;
    this.identity = identity;
  }

  /** What is counted apart. @throws TypeError before it was filled in. */
  get key(): Template {
    return this.#key ?? this.#missing();
  }

  set key(key: Template) {
    this.#key = key;
  }

  /** The shared memory. @throws TypeError before it was filled in. */
  get counts(): Z {
    return this.#counts ?? this.#missing();
  }

  set counts(counts: Z) {
    this.#counts = counts;
  }

  #missing(): never {
    throw new TypeError(`The zone ${this.name} is not ready`);
  }
}
