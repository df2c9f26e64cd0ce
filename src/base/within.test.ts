import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from './within.ts';

const NEVER = new Promise(() => {});

test('work that is done or has failed is waited for no longer, and no timer stays', async () => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  await within(1_000_000, Promise.resolve());
  await within(1_000_000, Promise.reject(new Error('failed')));
  assert.equal(timers(), before);
});

test('work that takes longer is left', async () => {
  await within(5, NEVER);
});

test('without any time nothing is waited for, and a failure is still nobody’s', async () => {
  let fails: (error: Error) => void = () => {};
  const work = new Promise((_resolve, reject) => {
    fails = reject;
  });
  for (const ms of [0, -1, -Infinity]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await within(ms, work);
  }
  fails(new Error('failed'));
});
