import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleStatus, type Status } from '../../../test/support/admin-view.ts';
import { type ReadFamily, readExposition } from '../../../test/support/exposition-reader.ts';
import { exposition } from './exposition.ts';
import { families } from './families.ts';

function read(report: Status, ready = true): ReadonlyMap<string, ReadFamily> {
  return readExposition(exposition(families(report, ready), 'openmetrics'), 'openmetrics');
}

function numbers(report: Status, name: string): Readonly<Record<string, number>> {
  return Object.fromEntries(read(report).get(name)?.samples ?? []);
}

test('the server: version, readiness, age, memory, reloads', () => {
  const all = read(sampleStatus(), false);
  const one = (name: string): readonly unknown[] => {
    const { type, unit, samples } = all.get(name) ?? {};
    return [type, unit, ...(samples ?? [])];
  };
  assert.deepEqual(one('daemun_build'), ['info', null, ['version="1.2.3"', 1]]);
  assert.deepEqual(one('daemun_ready'), ['gauge', null, ['', 0]]);
  assert.deepEqual(one('daemun_uptime_seconds'), ['gauge', 'seconds', ['', 273_600]]);
  assert.deepEqual(one('daemun_config_age_seconds'), ['gauge', 'seconds', ['', 720]]);
  assert.deepEqual(one('daemun_resident_memory_bytes'), ['gauge', 'bytes', ['', 123_456_789]]);
  assert.deepEqual(one('daemun_reloads'), [
    'counter',
    null,
    ['result="taken"', 3],
    ['result="refused"', 1],
  ]);
  assert.deepEqual(one('daemun_hand_overs'), ['counter', null, ['', 2]]);
  assert.deepEqual(one('daemun_process_crashes'), ['counter', null, ['', 0]]);
  assert.deepEqual([...(read(sampleStatus()).get('daemun_ready')?.samples ?? [])], [['', 1]]);
});

test('processes: how many in each state, and what is known of each', () => {
  const report = sampleStatus();
  assert.deepEqual(numbers(report, 'daemun_processes'), {
    'state="serving"': 1,
    'state="draining"': 2,
  });
  assert.deepEqual(numbers(report, 'daemun_process_age_seconds'), {
    'generation="3"': 720,
    'generation="2"': 90_000,
    'generation="1"': 273_600,
  });
  assert.deepEqual(
    numbers(report, 'daemun_process_connections'),
    { 'generation="3"': 1536, 'generation="2"': 2 },
    'one that does not answer has no number',
  );
});

test('threads: state as a set of states, connections, requests, stall in seconds', () => {
  const report = sampleStatus();
  assert.deepEqual(numbers(report, 'daemun_thread_state'), {
    'thread="1",daemun_thread_state="serving"': 1,
    'thread="1",daemun_thread_state="stuck"': 0,
    'thread="1",daemun_thread_state="lost"': 0,
    'thread="2",daemun_thread_state="serving"': 0,
    'thread="2",daemun_thread_state="stuck"': 1,
    'thread="2",daemun_thread_state="lost"': 0,
  });
  assert.deepEqual(numbers(report, 'daemun_thread_connections'), {
    'thread="1"': 1024,
    'thread="2"': 512,
  });
  assert.deepEqual(numbers(report, 'daemun_thread_requests'), {
    'thread="1"': 900_000,
    'thread="2"': 300_000,
  });
  assert.deepEqual(numbers(report, 'daemun_thread_stall_seconds'), {
    'thread="1"': 0.0015,
    'thread="2"': 2.25,
  });
});

test('upstreams: state, requests under way, requests and failures of each peer', () => {
  const report = sampleStatus();
  const [first, second] = ['1', '2'].map(
    (end) => `upstream="shop",peer="ajp://10.0.0.${end}:8009"`,
  );
  assert.deepEqual(numbers(report, 'daemun_upstream_peer_state'), {
    [`${first},daemun_upstream_peer_state="up"`]: 1,
    [`${first},daemun_upstream_peer_state="failed"`]: 0,
    [`${second},daemun_upstream_peer_state="up"`]: 0,
    [`${second},daemun_upstream_peer_state="failed"`]: 1,
  });
  const expected = { in_flight: [12, 0], requests: [5000, 4000], failures: [3, 40] };
  for (const [name, [one, two]] of Object.entries(expected)) {
    assert.deepEqual(numbers(report, `daemun_upstream_peer_${name}`), {
      [`${first}`]: one,
      [`${second}`]: two,
    });
  }
});

test('counters follow; one that is told already is not told twice', () => {
  const report = sampleStatus({ counters: { requests: 7, responses_2xx: 6, reloads: 99 } });
  assert.deepEqual(numbers(report, 'daemun_requests'), { '': 7 });
  assert.deepEqual(numbers(report, 'daemun_responses'), { 'class="2xx"': 6 });
  assert.deepEqual(Object.values(numbers(report, 'daemun_reloads')), [3, 1]);
});

test('a server without processes, threads, upstreams and counters has metrics all the same', () => {
  const empty = sampleStatus({ threads: [], upstreams: [], counters: {} });
  const all = read({ ...empty, supervisor: { ...empty.supervisor, processes: [] } });
  assert.equal(all.has('daemun_thread_state'), false);
  assert.equal(all.get('daemun_ready')?.samples.size, 1);
});

test('both formats can be read, whatever an upstream is called', () => {
  const odd = 'a"b\\c\nd\u{1f600}';
  const peer = { url: odd, state: 'up', inFlight: 0, requests: 1, failures: 0 } as const;
  const report = sampleStatus({ upstreams: [{ name: odd, peers: [peer] }] });
  for (const format of ['openmetrics', 'prometheus'] as const) {
    const all = readExposition(exposition(families(report, true), format), format);
    const name = `daemun_upstream_peer_requests${format === 'prometheus' ? '_total' : ''}`;
    assert.deepEqual([...(all.get(name)?.samples ?? [])], [[`upstream="${odd}",peer="${odd}"`, 1]]);
  }
});
