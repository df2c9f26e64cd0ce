/**
 * Finds the name that somebody probably meant. The distance counts swapped neighbours as one slip
 * (optimal string alignment), because `shpo` for `shop` is the commonest kind of typing mistake.
 */

/** The number of slips between two names: insertions, deletions, substitutions and swaps. */
export function slips(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

/**
 * The known name nearest to `name`, or undefined when none is near: more than a third of its
 * letters (at least one slip is always allowed) would have to be wrong. Case alone never counts.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  return nearestNames(name, known, 1)[0];
}

/**
 * Up to `most` known names, each once, the nearest first: what `nearest` would give, and those that are at
 * most one slip farther away than that.
 */
export function nearestNames(
  name: string,
  known: Iterable<string>,
  most: number,
): readonly string[] {
  // A longer text is no slip of the hand, and the distance of two long texts takes long to count.
  if (name.length > 100) return [];
  const wanted = name.toLowerCase();
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  const found: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of new Set(known)) {
    if (Math.abs(candidate.length - name.length) > allowed) continue;
    const distance = slips(wanted, candidate.toLowerCase());
    if (distance <= allowed) found.push({ candidate, distance });
  }
  const least = Math.min(...found.map(({ distance }) => distance));
  return found
    .filter(({ distance }) => distance <= least + 1)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}
