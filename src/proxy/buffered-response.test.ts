import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Fault, MemoryBudget } from '../base/index.ts';
import { Fields } from '../http/message/index.ts';
import { eventually } from '../../test/support/eventually.ts';
import { BufferedResponse } from './buffered-response.ts';

const directory = mkdtempSync(join(tmpdir(), 'daemun-response-'));
after(() => {
  rmSync(directory, { recursive: true });
});

class Bench {
  readonly budget = new MemoryBudget(1 << 20);
  readonly buffer: BufferedResponse;
  taken = '';
  full = false;
  ended = 0;
  trailers: Fields | null = null;
  paused = false;
  fault: Fault | null = null;

  constructor(memory: number, file: number, where = directory) {
    this.buffer = new BufferedResponse(
      {
        write: (chunk, start, end) => {
          this.taken += Buffer.from(chunk).toString('latin1', start, end);
          return !this.full;
        },
        end: (trailers) => {
          this.ended++;
          this.trailers = trailers;
        },
        pause: () => {
          this.paused = true;
        },
        resume: () => {
          this.paused = false;
        },
        fail: (fault) => {
          this.fault = fault;
        },
      },
      { memory, file, directory: where },
      this.budget,
    );
    // It is made for a client that is full; this one takes bytes until a test says otherwise.
    this.buffer.drain();
  }

  give(text: string): void {
    this.buffer.data(Buffer.from(`<${text}>`, 'latin1'), 1, text.length + 1);
  }
}

test('a client that keeps up gets everything at once', () => {
  const bench = new Bench(0, 0);
  bench.give('abc');
  assert.equal(bench.taken, 'abc');
  bench.give('def');
  bench.buffer.end(Fields.of(['X-Sum', '1']));
  assert.equal(bench.taken, 'abcdef');
  assert.equal(bench.ended, 1);
  assert.equal(bench.trailers?.getByName('x-sum'), '1');
  assert.equal(bench.budget.held, 0);
});

test('what a slow client has not taken waits in memory up to the limit, then the server waits', () => {
  const bench = new Bench(6, 0);
  bench.full = true;
  bench.give('a');
  bench.give('bcd');
  bench.give('efg');
  assert.equal(bench.taken, 'a');
  assert.equal(bench.budget.held, 6);
  assert.equal(bench.paused, false);
  bench.give('h');
  assert.equal(bench.paused, true);
  bench.buffer.drain();
  assert.equal(bench.taken, 'abcd');
  assert.equal(bench.paused, false);
  bench.full = false;
  bench.buffer.drain();
  assert.equal(bench.taken, 'abcdefgh');
  assert.equal(bench.ended, 0);
  bench.buffer.end(null);
  assert.equal(bench.ended, 1);
  assert.equal(bench.budget.held, 0);
});

test('the server goes on only when what waits is within the limit again', () => {
  const bench = new Bench(4, 0);
  bench.full = true;
  for (const piece of ['a', 'bb', 'cc', 'dd', 'ee']) bench.give(piece);
  assert.equal(bench.paused, true);
  bench.buffer.drain();
  assert.equal(bench.taken, 'abb');
  assert.equal(bench.paused, true);
  bench.buffer.drain();
  assert.equal(bench.taken, 'abbcc');
  assert.equal(bench.paused, false);
  bench.buffer.dispose();
});

test('without memory for anybody the file takes it at once', async () => {
  const bench = new Bench(100, 100);
  bench.full = true;
  bench.give('a');
  bench.budget.take(1 << 20);
  bench.give('bcd');
  await eventually('the file', () => bench.budget.held === 1 << 20);
  bench.full = false;
  bench.buffer.drain();
  bench.buffer.drain();
  await eventually('what waits', () => bench.taken === 'abcd');
  bench.budget.give(1 << 20);
  bench.buffer.end(null);
  assert.equal(bench.taken, 'abcd');
  assert.equal(bench.ended, 1);
});

test('beyond memory a file takes it, in order, and the server is not held back for long', async () => {
  const bench = new Bench(10, 1 << 20);
  bench.full = true;
  let expected = '';
  for (let i = 0; i < 500; i++) {
    const piece = `${i},`.repeat(1 + (i % 7));
    expected += piece;
    bench.give(piece);
    // oxlint-disable-next-line no-await-in-loop -- a server that is held back sends nothing
    await eventually('the server to go on', () => !bench.paused);
  }
  bench.buffer.end(null);
  assert.ok(bench.taken.length < 10);
  assert.deepEqual(readdirSync(directory), []);
  assert.ok(bench.budget.held <= 40, `${bench.budget.held} bytes in memory`);
  bench.full = false;
  bench.buffer.drain();
  await eventually('the end', () => bench.ended === 1);
  assert.equal(bench.taken, expected);
  assert.equal(bench.budget.held, 0);
});

test('bytes that come while the file is read keep their order', async () => {
  const bench = new Bench(3, 1 << 20);
  bench.full = true;
  let expected = '';
  for (let round = 0; round < 50; round++) {
    for (let i = 0; i < 5; i++) {
      const piece = `${round}.${i};`;
      expected += piece;
      bench.give(piece);
    }
    bench.full = round % 3 === 0;
    bench.buffer.drain();
    // oxlint-disable-next-line no-await-in-loop -- lets reads and writes of the file end at different moments
    await new Promise((resolve) => setImmediate(resolve));
  }
  bench.full = false;
  bench.buffer.drain();
  bench.buffer.end(null);
  await eventually('the end', () => bench.ended === 1);
  assert.equal(bench.taken, expected);
});

test('a file that is full holds the server back until the client has taken everything', async () => {
  const bench = new Bench(2, 8);
  bench.full = true;
  bench.give('x');
  bench.give('abcd');
  await eventually('the file', () => bench.budget.held === 0);
  bench.give('efgh');
  await eventually('the file', () => bench.budget.held === 0);
  assert.equal(bench.paused, false);
  bench.give('ijk');
  assert.equal(bench.paused, true);
  bench.full = false;
  bench.buffer.drain();
  await eventually('everything', () => bench.taken === 'xabcdefghijk');
  assert.equal(bench.paused, false);
  bench.full = true;
  bench.give('1');
  bench.give('2345');
  await eventually('the file to be used again', () => bench.budget.held === 0);
  bench.buffer.dispose();
});

test('a buffer whose request is over lets go of everything, whatever is under way', async () => {
  const bench = new Bench(2, 100);
  bench.full = true;
  bench.give('x');
  bench.give('abcd');
  bench.give('e');
  bench.buffer.dispose();
  assert.equal(bench.budget.held, 0);
  bench.full = false;
  bench.buffer.drain();
  bench.give('f');
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(bench.taken, 'x');
  assert.equal(bench.ended, 0);
  assert.equal(bench.budget.held, 0);
});

test('a file that cannot be made is told once', async () => {
  const bench = new Bench(0, 100, join(directory, 'missing'));
  bench.full = true;
  bench.give('x');
  bench.give('abc');
  await eventually('the fault', () => bench.fault !== null);
  assert.equal(bench.fault?.kind.code, 'spool-failed');
  assert.equal(bench.budget.held, 0);
});
