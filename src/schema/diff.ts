/** What differs between two resolved models: a reload decides by it what to keep. */
import { type Path, renderPath } from './problem.ts';

/** One path at which two models are not equal, and what happened there. */
export interface Difference {
  readonly path: Path;
  /** `path` as TypeScript writes it. */
  readonly object: string;
  readonly kind: 'added' | 'removed' | 'changed';
}

function children(value: unknown): ReadonlyMap<string | number, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return new Map(value.map((item: unknown, index) => [index, item]));
  return new Map(Object.entries(value));
}

/**
 * The paths at which two plain models differ, each as deep as possible, in the order of `before`,
 * then what is new in `after`. A key with the value undefined counts as absent. Lists are compared
 * item by item at the same index, since their order has a meaning wherever options take a list.
 */
export function diff(before: unknown, after: unknown): readonly Difference[] {
  const found: Difference[] = [];
  compare(before, after, [], found);
  return found;
}

function compare(before: unknown, after: unknown, path: Path, found: Difference[]): void {
  if (Object.is(before, after)) return;
  const note = (kind: Difference['kind']): unknown =>
    found.push({ path, object: renderPath(path), kind });
  if (before === undefined) return void note('added');
  if (after === undefined) return void note('removed');
  const old = children(before);
  const young = children(after);
  if (old === undefined || young === undefined || Array.isArray(before) !== Array.isArray(after))
    return void note('changed');
  for (const [key, value] of old) compare(value, young.get(key), [...path, key], found);
  for (const [key, value] of young)
    if (!old.has(key)) compare(undefined, value, [...path, key], found);
}
