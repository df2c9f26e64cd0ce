import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counterFamilies } from './counter-families.ts';

test('a counter is a family without labels, explained where it is known', () => {
  assert.deepEqual(counterFamilies({ requests: 5 }, new Set()), [
    {
      name: 'daemun_requests',
      type: 'counter',
      unit: null,
      help: 'Requests of clients.',
      samples: [{ labels: [], value: 5 }],
    },
  ]);
});

test('classes of responses are one family with a label', () => {
  const [family, ...others] = counterFamilies(
    { responses_1xx: 1, responses_2xx: 2, responses_5xx: 5 },
    new Set(),
  );
  assert.equal(others.length, 0);
  assert.equal(family?.name, 'daemun_responses');
  assert.equal(family.help, 'Responses to clients by the first digit of their status.');
  assert.deepEqual(
    family.samples.map(({ labels, value }) => [...labels, value]),
    [
      [['class', '1xx'], 1],
      [['class', '2xx'], 2],
      [['class', '5xx'], 5],
    ],
  );
});

test('a name that ends with a unit has that unit', () => {
  const units = counterFamilies(
    { sent_bytes: 1, tls_seconds: 1, bytes: 1, bytes_lost: 1, kilobytes: 1 },
    new Set(),
  ).map(({ unit }) => unit);
  assert.deepEqual(units, ['bytes', 'seconds', 'bytes', null, null]);
});

test('every spelling comes to a name that collectors take', () => {
  const names = ['cacheHits', 'cache-misses', 'h2.streams', 'retries_total', 'http2Frames'].map(
    (name) => counterFamilies({ [name]: 1 }, new Set())[0]?.name,
  );
  assert.deepEqual(names, [
    'daemun_cache_hits',
    'daemun_cache_misses',
    'daemun_h2_streams',
    'daemun_retries',
    'daemun_http2_frames',
  ]);
});

test('a counter that nobody explained is called by its name', () => {
  const [family] = counterFamilies({ cacheHits: 1 }, new Set());
  assert.equal(family?.help, 'Counter cache hits of the server.');
  const [odd] = counterFamilies({ constructor: 1 }, new Set());
  assert.equal(odd?.help, 'Counter constructor of the server.');
});

test('a counter that somebody else tells is left out', () => {
  const families = counterFamilies({ reloads: 9, requests: 1 }, new Set(['daemun_reloads']));
  assert.deepEqual(
    families.map(({ name }) => name),
    ['daemun_requests'],
  );
});
