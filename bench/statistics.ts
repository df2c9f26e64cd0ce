/**
 * The middle of the values; of an even number of them the mean of the two in the middle.
 * @throws RangeError where there are none.
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('No values, no median');
  return (lower + upper) / 2;
}

/** How far the values lie apart, as a share of their median: the noise of a measurement. 0 for a single one. */
export function spread(values: readonly number[]): number {
  const middle = median(values);
  const range = Math.max(...values) - Math.min(...values);
  return range === 0 ? 0 : range / Math.abs(middle);
}
