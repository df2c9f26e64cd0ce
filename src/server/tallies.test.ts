import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTallies, readTallies, ThreadTally, totalsOf } from './tallies.ts';

test('what threads count is summed, and what they have open is told', () => {
  const handle = createTallies(2);
  const [one, two] = [1, 2].map((thread) => new ThreadTally(handle, { thread, generation: 1 }));
  one?.accepted();
  one?.accepted();
  one?.closed();
  one?.refused();
  two?.accepted();
  one?.received(100);
  two?.received(23);
  two?.sent(1000);
  for (const status of [0, 101, 200, 299, 301, 404, 500, 599]) {
    one?.begun();
    one?.finished(status);
  }
  two?.begun();
  const counters = readTallies(handle);
  assert.deepEqual(totalsOf(counters), {
    connections: 3,
    connections_refused: 1,
    received_bytes: 123,
    sent_bytes: 1000,
    requests: 9,
    responses_1xx: 1,
    responses_2xx: 2,
    responses_3xx: 1,
    responses_4xx: 1,
    responses_5xx: 2,
    requests_unanswered: 1,
  });
  assert.deepEqual([counters.value('open_connections'), counters.value('active_requests')], [2, 1]);
  assert.deepEqual(
    [counters.valueOf('open_connections', 1), counters.valueOf('open_connections', 2)],
    [1, 1],
  );
});

test('a status that no protocol knows is counted as a request alone', () => {
  const handle = createTallies(1);
  const tally = new ThreadTally(handle, { thread: 1, generation: 1 });
  tally.begun();
  tally.finished(999);
  const totals = totalsOf(readTallies(handle));
  assert.equal(totals['requests'], 1);
  assert.equal(readTallies(handle).value('active_requests'), 0);
});
