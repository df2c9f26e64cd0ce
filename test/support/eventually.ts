import assert from 'node:assert/strict';

/**
 * Waits until `holds` answers true, looking again and again; for in-memory peers it holds at once. Fails
 * with `what` after 10 seconds, which is no expectation of speed, only an end for a test that hangs.
 */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 2000; i++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, i < 20 ? 0 : 5));
  }
  assert.fail(`never happened: ${what}`);
}
