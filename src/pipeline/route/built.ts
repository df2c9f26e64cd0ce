/** One entry of a routing table that cannot stand, said so that its author can mend it. */
export interface RouteFault {
  /** The entry as it was spelt. */
  readonly entry: string;
  readonly message: string;
  readonly cure: string;
}

/** A table, or everything that is wrong with its entries. */
export type Built<T> = { readonly value: T } | { readonly faults: readonly RouteFault[] };
