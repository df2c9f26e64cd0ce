/** Options of the program itself: who it runs as, where it says that it runs, how long it waits for its clients. */
import {
  byType,
  type Duration,
  duration,
  type Endpoint,
  type ModelOf,
  object,
  oneOf,
  optional,
  parsed,
  parseListen,
  path,
  refined,
  required,
  type Size,
  size,
  string,
  withDefault,
} from '../schema/index.ts';

/** Where the server is administered, and who may. */
export interface AdminOptions {
  /**
   * A path as `unix:/run/daemun/admin.sock`, which only who started the server may use, or an address of this machine
   * itself as `127.0.0.1:9000`, which takes a token.
   */
  readonly listen: string;
  /** File with the token that clients of a TCP address say; its first line, at least 16 characters. */
  readonly tokenFile?: string;
}

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
   * How long `daemun drain` and QUIT go on as before while `/ready` of the administration says no: time for a load
   * balancer in front to notice, before nothing is accepted any more.
   */
  readonly shutdownDelay?: Duration;
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
  /**
   * Where `daemun status` and the like, monitoring and load balancers ask how the server is doing. A unix socket of its
   * own in the run directory unless said; `'off'` for none.
   */
  readonly admin?: 'off' | AdminOptions;
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

const adminObject = refined(
  object<AdminOptions>()({
    listen: required(
      parsed<string, Endpoint>({
        expects: 'an address such as "unix:/run/daemun/admin.sock" or "127.0.0.1:9000"',
        parse: parseListen,
      }),
    ),
    tokenFile: optional(path({ exists: 'file' })),
  }),
  (model, cursor) => {
    const { listen, tokenFile } = model;
    if (listen.kind === 'unix') return model;
    if (!LOOPBACK.includes(listen.host))
      return cursor.at('listen').report({
        code: 'wrong-form',
        message: 'The administration would be open to other machines',
        cure: 'Listen on 127.0.0.1, [::1] or a unix socket, and let a tunnel lead there',
      });
    if (tokenFile === undefined)
      return cursor.report({
        code: 'missing-key',
        message: 'On a TCP address every user of the machine could give orders',
        cure: 'Write a token into a file that only you may read, and name it: tokenFile: "/etc/daemun/token"',
      });
    return model;
  },
);

/** Schema of `ProcessOptions`. */
export const processOptions = object<ProcessOptions>()({
  user: optional(string()),
  group: optional(string()),
  pidFile: optional(path()),
  drainTimeout: withDefault(duration({ max: '24d' }), '1h'),
  shutdownDelay: withDefault(duration({ max: '1h' }), '0s'),
  stuckThreadTimeout: withDefault(duration(), '30s'),
  threadHeap: optional(size({ min: '64MiB' })),
  admin: optional(byType({ string: oneOf('off'), object: adminObject })),
});

/** Resolved `ProcessOptions`; times in milliseconds, the path absolute. */
export type ProcessModel = ModelOf<typeof processOptions>;
