/**
 * Resolves when the work is done or has failed, or after `ms` milliseconds where it takes longer; at once where `ms` is
 * not positive. The work itself goes on, and what it fails with is nobody's any more.
 */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const settled = Promise.allSettled([work]);
  if (ms <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([settled, late]);
  clearTimeout(timer);
}
