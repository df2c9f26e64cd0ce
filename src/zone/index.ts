/** Counters and tables in shared memory, for the web threads of one process: exact, bounded, repairable. */
export { GENERATION_MAX, MAIN_SEAT, nextGeneration, type Seat, THREADS_MAX } from './seat.ts';
export { type Patience, WEB_PATIENCE } from './bounded-wait.ts';
export { type LockLayout, OwnedLocks } from './owned-locks.ts';
export { machineClock } from './machine-clock.ts';
export {
  Counters,
  type CountersHandle,
  type CountersOptions,
  createCounters,
} from './striped-counters.ts';
export {
  type Acquisition,
  createExactValues,
  EXACT_LIMIT_MAX,
  ExactValues,
  type ExactValuesHandle,
  type ExactValuesOptions,
} from './exact-values.ts';
export { KEY_BYTES, type TableShape } from './table-layout.ts';
export {
  createTable,
  type IdlePolicy,
  type KeptKey,
  NEVER_SET,
  SharedTable,
  type TableHandle,
  type TableViewOptions,
} from './shared-table.ts';
export { restoreTable, snapshotTable } from './table-snapshot.ts';
export { parseRate, RATE_MAX } from './options.ts';
export {
  BUSY,
  createRateZone,
  PASS,
  type RateLimit,
  RateLimits,
  type RateLimitsOptions,
  RateZone,
  type RateZoneHandle,
  type RateZoneOptions,
  type RateZoneViewOptions,
  REJECT,
} from './rate-limit.ts';
export {
  ConcurrencyZone,
  type ConcurrencyZoneHandle,
  type ConcurrencyZoneOptions,
  type ConcurrencyZoneViewOptions,
  createConcurrencyZone,
  REFUSED,
  UNCOUNTED,
} from './concurrency-limit.ts';
