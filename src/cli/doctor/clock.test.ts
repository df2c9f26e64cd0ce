import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkClock } from './clock.ts';
import type { Machine } from './machine.ts';

const DAY = 86_400_000;
function level(
  state: Machine['clock']['state'],
  now = 10 * DAY,
  installed = 10 * DAY,
): string | undefined {
  return checkClock({ clock: { state, by: null, now, installed } })[0]?.level;
}

test('only a clock that nothing seems to keep is a note', () => {
  assert.deepEqual(
    (['synchronised', 'kept', 'host', 'unknown'] as const).map((state) => level(state)),
    ['ok', 'ok', 'ok', 'note'],
  );
});

test('a clock more than a day before the installation of the program is wrong, whoever keeps it', () => {
  assert.equal(level('synchronised', 9 * DAY), 'ok');
  assert.equal(level('synchronised', 9 * DAY - 1), 'problem');
  const [found] = checkClock({
    clock: { state: 'kept', by: 'chronyd', now: 0, installed: 2 * DAY },
  });
  assert.equal(
    found?.what,
    'It is 1970-01-01 by the clock, before this program was installed (1970-01-03)',
  );
});
