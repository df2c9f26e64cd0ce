import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOf, parseWrk } from './wrk.ts';

const CLEAN = `Running 4s test @ http://127.0.0.1:22001/1k.txt
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   702.12us  151.01us   6.10ms   92.00%
    Req/Sec    90.10k     2.11k   93.50k    75.00%
  Latency Distribution
     50%  685.00us
     75%  712.00us
     90%    0.95ms
     99%    1.25ms
  360400 requests in 4.00s, 441.10MB read
Requests/sec:  90100.00
Transfer/sec:    110.27MB
`;

test('requests, time and latency are read', () => {
  assert.deepEqual(parseWrk(CLEAN), {
    requests: 360_400,
    bytes: 462_526_873.6,
    seconds: 4,
    requestsPerSecond: 90_100,
    p50: 685,
    p99: 1250,
    badAnswers: 0,
    socketErrors: 0,
  });
  assert.equal(faultOf(parseWrk(CLEAN)), undefined);
});

test('times in seconds and minutes are read', () => {
  const slow = CLEAN.replace('1.25ms', '2.50s ').replace('in 4.00s', 'in 1.50m');
  assert.equal(parseWrk(slow).p99, 2_500_000);
  assert.equal(parseWrk(slow).seconds, 90);
});

test('bytes are read in all units', () => {
  const bytes = (size: string): number => parseWrk(CLEAN.replace('441.10MB', size)).bytes;
  assert.equal(bytes('12.00B'), 12);
  assert.equal(bytes('1.50KB'), 1536);
  assert.equal(bytes('20.25GB'), 20.25 * 1024 ** 3);
  assert.equal(bytes('1.00TB'), 1024 ** 4);
});

test('error answers are counted and make the run void', () => {
  const result = parseWrk(`${CLEAN}  Non-2xx or 3xx responses: 12\n`);
  assert.equal(result.badAnswers, 12);
  assert.equal(faultOf(result), '12 answers with an error status');
});

test('socket errors of all kinds are counted and make the run void', () => {
  const result = parseWrk(`${CLEAN}  Socket errors: connect 1, read 20, write 300, timeout 4000\n`);
  assert.equal(result.socketErrors, 4321);
  assert.equal(faultOf(result), '4321 socket errors');
});

test('a run without a finished request is void', () => {
  const none = parseWrk(CLEAN.replace('360400 requests', '0 requests'));
  assert.equal(faultOf(none), 'no request was finished');
});

test('an output without its figures is an error that shows it', () => {
  assert.throws(() => parseWrk('unable to connect to 127.0.0.1:1'), /unable to connect/);
  assert.throws(() => parseWrk(CLEAN.replace('99%', '98%')), /something else/);
  assert.throws(() => parseWrk(CLEAN.replace('1.25ms', '1.25xs')), /a time that is none/);
});
