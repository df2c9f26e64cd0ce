/** Something that `fuzz/main.ts` can run. Everything comes from the seed. */
export interface FuzzTarget {
  /** The input that belongs to `seed`, to be kept when it fails. */
  readonly inputOf: (seed: number) => Buffer;
  /** Examines that input. Returns what it counts as (`request accepted`); throws where a rule is broken. */
  readonly outcomeOf: (seed: number) => string;
}
