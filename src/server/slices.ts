/**
 * Long work in a thread that serves requests: done in slices, so that the event loop never stands still
 * for longer than one of them.
 */
const SLICE_MS = 5;
/**
 * How long the work rests behind a slice. Requests get half of the thread meanwhile, and so does the
 * collector: where much is built without a rest, it falls behind and then stops the thread to catch up.
 */
const REST_MS = 5;

/**
 * Calls `step` for each item, and lets the event loop turn for a while whenever a slice of 5 ms is used up.
 * `now` is a monotonic clock in milliseconds.
 */
export async function inSlices<T>(
  items: Iterable<T>,
  step: (item: T) => void,
  now: () => number,
): Promise<void> {
  let until = now() + SLICE_MS;
  for (const item of items) {
    step(item);
    if (now() < until) continue;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    until = now() + SLICE_MS;
  }
}
