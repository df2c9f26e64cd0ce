/**
 * A time that all threads agree on. `performance.now` counts from the start of its own thread, so two
 * threads that compare its values are wrong by the age of one of them; the date may jump. The machine's
 * monotonic clock is the same in every thread, and costs an array or a BigInt a reading through
 * `process.hrtime`; so it is read once, and `performance.now`, which has the same pace, is added.
 */
import { hrtime } from 'node:process';
import { type Clock, systemClock } from '../base/index.ts';

/** The clock for everything in shared memory: `monotonic` counts milliseconds from the same moment in all threads. */
export function machineClock(): Clock {
  const [seconds, nanoseconds] = hrtime();
  const offset = seconds * 1000 + nanoseconds / 1e6 - systemClock.monotonic();
  return {
    monotonic: () => systemClock.monotonic() + offset,
    wall: () => systemClock.wall(),
  };
}
