/** Options of the program itself: who it runs as, where it says that it runs, how long it waits for its clients. */
import {
  type Duration,
  duration,
  type ModelOf,
  object,
  optional,
  path,
  type Size,
  size,
  string,
  withDefault,
} from '../schema/index.ts';

/** What is said of the program as a whole, whatever it serves. */
export interface ProcessOptions {
  /**
   * User that serves; the process that has the listening sockets stays who started it (nginx `user`). Counts only
   * where that is root; then it is `nobody` unless said.
   */
  readonly user?: string;
  /** Group that serves; the main group of the user unless said. The user's other groups count as well. */
  readonly group?: string;
  /** File that holds the number of the process to send signals to (nginx `pid`). None is written unless said. */
  readonly pidFile?: string;
  /**
   * How long requests and tunnels may go on in a process that another one has taken the place of, or that was told to
   * end by QUIT (nginx `worker_shutdown_timeout`).
   */
  readonly drainTimeout?: Duration;
  /**
   * How long a web thread may stand still before it is ended and another takes its place; its connections are lost,
   * those of the other threads are not. `0s` lets it stand still for ever.
   */
  readonly stuckThreadTimeout?: Duration;
  /**
   * Memory for the JavaScript objects of each web thread; one that needs more ends, and another takes its place. What
   * Node thinks fit for the machine unless said. Buffers are not in it.
   */
  readonly threadHeap?: Size;
}

/** Schema of `ProcessOptions`. */
export const processOptions = object<ProcessOptions>()({
  user: optional(string()),
  group: optional(string()),
  pidFile: optional(path()),
  drainTimeout: withDefault(duration(), '1h'),
  stuckThreadTimeout: withDefault(duration(), '30s'),
  threadHeap: optional(size({ min: '64MiB' })),
});

/** Resolved `ProcessOptions`; times in milliseconds, the path absolute. */
export type ProcessModel = ModelOf<typeof processOptions>;
