import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleStatus, type Status } from '../../test/support/admin-view.ts';
import { nextTop, openConnections, peerKey, threadKey, type TopState } from './top-state.ts';

function counted(counters: Status['counters'], changes: Partial<Status> = {}): Status {
  return sampleStatus({ counters, ...changes });
}

function after(first: Status, second: Status, elapsed = 2000): TopState {
  return nextTop(nextTop(null, first, 1000), second, 1000 + elapsed);
}

test('a first report has numbers and no rates', () => {
  const state = nextTop(null, sampleStatus(), 5);
  assert.equal(state.rates.requests, null);
  assert.deepEqual([...state.threadRates, ...state.peerRates], []);
  assert.deepEqual([state.requests, state.open], [[null], [1538]]);
});

test('a rate is what was counted over the time between, whatever that was', () => {
  const { rates, requests, received, sent } = after(
    counted({ requests: 100, sent_bytes: 0, received_bytes: 7 }),
    counted({ requests: 103, sent_bytes: 1000, received_bytes: 7 }),
  );
  assert.deepEqual([rates.requests, rates.sent_bytes, rates.received_bytes], [1.5, 500, 0]);
  assert.deepEqual(
    [requests, received, sent],
    [
      [null, 1.5],
      [null, 0],
      [null, 500],
    ],
  );
});

test('what is not counted, is counted from new, or was not there before, is not known', () => {
  const { rates } = after(
    counted({ requests: 100, received_bytes: 5 }),
    counted({ requests: 99, sent_bytes: 5 }),
  );
  assert.deepEqual([rates.requests, rates.received_bytes, rates.sent_bytes], [null, null, null]);
  assert.equal(after(sampleStatus(), sampleStatus(), 0).rates.requests, null);
});

test('another server has no rates from the one before, and no history', () => {
  const other = { ...sampleStatus().supervisor, pid: 9 };
  const state = after(counted({ requests: 1 }), counted({ requests: 5 }, { supervisor: other }));
  assert.equal(state.rates.requests, null);
  assert.deepEqual(state.requests, [null]);
});

test('threads have rates by themselves, those of another process none', () => {
  const thread = { thread: 1, state: 'serving', connections: 0, requests: 10, stall: 0 } as const;
  const first = sampleStatus({ threads: [thread] });
  const threads = [
    { ...thread, requests: 30 },
    { ...thread, thread: 2 },
  ];
  const second = sampleStatus({ threads });
  const { threadRates } = after(first, second);
  assert.deepEqual([...threadRates], [[threadKey(second, 1), 10]]);
  assert.deepEqual([...after(first, sampleStatus({ threads, pid: 77 })).threadRates], []);
});

test('servers of an upstream have rates by upstream and address', () => {
  const peer = { url: 'http://a', state: 'up', inFlight: 0, requests: 10, failures: 0 } as const;
  const upstreams = (one: number, two: number): Status['upstreams'] => [
    { name: 'one', peers: [{ ...peer, requests: one }] },
    { name: 'two', peers: [{ ...peer, requests: two }] },
  ];
  const { peerRates } = after(
    sampleStatus({ upstreams: upstreams(0, 5) }),
    sampleStatus({ upstreams: upstreams(2, 9) }),
  );
  assert.equal(peerRates.get(peerKey('one', 'http://a')), 1);
  assert.equal(peerRates.get(peerKey('two', 'http://a')), 2);
});

test('open connections are those of the threads and of processes that drain', () => {
  assert.equal(openConnections(sampleStatus()), 1024 + 512 + 2);
});

test('the history ends', () => {
  let state = nextTop(null, counted({ requests: 0 }), 0);
  for (let i = 1; i <= 600; i++) state = nextTop(state, counted({ requests: i }), i * 1000);
  assert.equal(state.requests.length, 512);
  assert.equal(
    state.requests.every((rate) => rate === 1),
    true,
  );
});
