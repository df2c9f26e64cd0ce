import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ManualClock } from '../base/index.ts';
import { BEAT_MS, createBeats, Heart } from './beats.ts';
import { Watchdog } from './watchdog.ts';

/** Threads whose hearts a test lets beat, and what the watchdog says of them. */
class Watched {
  readonly clock = new ManualClock();
  readonly notes: string[] = [];
  readonly stuck: (readonly [number, string])[] = [];
  stack: readonly string[] = ['inner (a.ts:1)', 'outer (b.ts:2)'];
  readonly watchdog: Watchdog;
  readonly #hearts: readonly Heart[];

  constructor(t: TestContext, limit: number) {
    this.clock.advance(1000);
    const beats = createBeats(2);
    this.#hearts = [1, 2].map((thread) => new Heart(beats, thread, this.clock.monotonic()));
    this.watchdog = new Watchdog(beats, limit, {
      clock: this.clock,
      threads: () => [1, 2],
      stackOf: () => Promise.resolve(this.stack),
      onNote: (sentence) => this.notes.push(sentence),
      onStuck: (thread, reason) => this.stuck.push([thread, reason]),
    });
    t.after(() => {
      this.watchdog.stop();
    });
  }

  /** Time goes by in which these threads beat. */
  async pass(ms: number, ...beating: readonly number[]): Promise<void> {
    for (let gone = 0; gone < ms; gone += BEAT_MS) {
      this.clock.advance(BEAT_MS);
      for (const thread of beating) this.#hearts[thread - 1]?.beat(this.clock.monotonic());
      this.watchdog.look();
      // oxlint-disable-next-line no-await-in-loop -- the stack comes later
      await Promise.resolve();
      // oxlint-disable-next-line no-await-in-loop -- as above
      await Promise.resolve();
    }
  }
}

test('threads that go on are not spoken of', async (t) => {
  const watched = new Watched(t, 5000);
  await watched.pass(20_000, 1, 2);
  assert.deepEqual([watched.notes, watched.stuck], [[], []]);
});

test('a thread that stands still for a second is told once with what it runs, and when it goes on', async (t) => {
  const watched = new Watched(t, 0);
  await watched.pass(1000, 1);
  assert.deepEqual(watched.notes, []);
  await watched.pass(3000, 1);
  assert.deepEqual(watched.notes, [
    'Web thread 2 has stood still for 1.0 s in inner (a.ts:1) < outer (b.ts:2)',
  ]);
  await watched.pass(1000, 1, 2);
  assert.deepEqual(watched.notes.slice(1), ['Web thread 2 goes on after 3.8 s']);
  assert.deepEqual(watched.stuck, []);
});

test('where nothing shows what it runs, it may be in the system', async (t) => {
  const watched = new Watched(t, 0);
  watched.stack = [];
  await watched.pass(2000, 2);
  assert.deepEqual(watched.notes, [
    'Web thread 1 has stood still for 1.0 s, perhaps in a call of the system',
  ]);
});

test('a thread that stands still for the limit is given up once, with what it ran', async (t) => {
  const watched = new Watched(t, 5000);
  await watched.pass(5000, 1);
  assert.deepEqual(watched.stuck, []);
  await watched.pass(10_000, 1);
  assert.deepEqual(watched.stuck, [
    [2, 'it stood still for 5.0 s in inner (a.ts:1) < outer (b.ts:2)'],
  ]);
});

test('the limit may change, and 0 is none', async (t) => {
  const watched = new Watched(t, 0);
  await watched.pass(60_000, 1);
  assert.deepEqual(watched.stuck, []);
  watched.watchdog.limit = 1000;
  await watched.pass(BEAT_MS, 1);
  assert.equal(watched.stuck.length, 1);
});

test('where everything stood still, the threads get a chance to beat first', async (t) => {
  const watched = new Watched(t, 5000);
  await watched.pass(1000, 1, 2);
  watched.clock.advance(60_000);
  await watched.pass(BEAT_MS);
  assert.deepEqual([watched.notes, watched.stuck], [[], []]);
  await watched.pass(5000, 1, 2);
  assert.deepEqual([watched.notes, watched.stuck], [[], []]);
});
