import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { createContext, Script } from 'node:vm';
import { contentOf } from '../support/zone-content.ts';
import {
  attachedHere,
  checkRemains,
  createZones,
  hammerZones,
  repairAll,
  type Seat,
  startWork,
  workHere,
} from '../support/zone-threads.ts';

const MAIN: Seat = { thread: 0, generation: 0 };

function seatsOf(threads: number): readonly Seat[] {
  return Array.from({ length: threads }, (_, i) => ({ thread: i + 1, generation: 1 }));
}

// A lock that is never free again would hang them.
const BOUNDED = { timeout: 60_000 };

test('eight threads that hammer the same keys lose and invent nothing', BOUNDED, async () => {
  const threads = 8;
  const times = 2000;
  const zones = createZones(threads);
  const main = attachedHere(zones, MAIN);
  const sum = await hammerZones(zones, threads, times);
  assert.equal(main.counters.value('done'), threads * times);
  assert.equal(main.counters.value('open'), 0);
  assert.deepEqual(contentOf(main.table), [['common', [threads * times, threads * times], []]]);
  // The limits are three eighths of what is asked for, and time stands still: exactly as many get in.
  assert.deepEqual(sum, { passed: times * 3 + 1, acquired: times * 3, held: times * 3 });
  assert.equal(main.values.value(0), times * 3);
  assert.equal(main.held.value('common'), times * 3);
  assert.deepEqual(contentOf(main.rate.table), [['common', [times * 3000], [1e6]]]);
  await Promise.all(seatsOf(threads).map((seat) => repairAll(main, seat)));
  checkRemains(main, 0);
});

test(
  'three hundred threads that are terminated in the middle of their work leave no lock and no count behind',
  BOUNDED,
  async () => {
    const threads = 3;
    const deaths = 300;
    const zones = createZones(threads);
    const main = attachedHere(zones, MAIN);
    let died = 0;
    let freed = 0;
    const oneAfterTheOther = async (thread: number): Promise<void> => {
      for (let generation = 1; died < deaths; generation++) {
        // oxlint-disable-next-line no-await-in-loop -- the replacement comes when its predecessor was repaired
        const worker = await startWork(zones, { thread, generation });
        // oxlint-disable-next-line no-await-in-loop -- each dies at another time
        await new Promise((resolve) => setTimeout(resolve, generation % 4));
        const exit = once(worker, 'exit');
        void worker.terminate();
        // oxlint-disable-next-line no-await-in-loop -- as above
        await exit;
        // oxlint-disable-next-line no-await-in-loop -- as above
        freed += await repairAll(main, { thread, generation });
        died++;
        const value = main.values.value(0);
        assert.ok(value >= 0 && value < threads, `${value} are held by ${threads - 1} threads`);
      }
    };
    await Promise.all(seatsOf(threads).map(({ thread }) => oneAfterTheOther(thread)));
    assert.ok(died >= deaths);
    checkRemains(main, died);
    assert.ok(main.counters.value('done') > deaths, 'they were at work');
    assert.ok(freed > 0, 'some died with a lock');
  },
);

test(
  'code that has become fast is terminated as well, beside a thread that goes on',
  BOUNDED,
  async () => {
    const zones = createZones(2);
    const main = attachedHere(zones, MAIN);
    const other: Seat = { thread: 2, generation: 1 };
    const beside = await startWork(zones, other);
    // A time limit of a script ends it as termination ends a thread: anywhere, without `finally`.
    const script = new Script('work()');
    const context = createContext({});
    const deaths = 700;
    let freed = 0;
    for (let generation = 1; generation <= deaths; generation++) {
      const seat = { thread: 1, generation };
      context['work'] = workHere(zones, seat);
      assert.throws((): unknown => script.runInContext(context, { timeout: 1 }), /timed out/);
      // oxlint-disable-next-line no-await-in-loop -- one dies after the other
      freed += await repairAll(main, seat);
    }
    const exit = once(beside, 'exit');
    void beside.terminate();
    await exit;
    await repairAll(main, other);
    checkRemains(main, deaths + 1);
    assert.ok(freed > 0, 'some died with a lock');
  },
);
