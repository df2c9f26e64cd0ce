/** One server process, seen from the supervisor: what is said to it, what it answers, and its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import type {
  FromServer,
  LimitState,
  Order,
  ReloadReport,
  ServerStart,
  SupervisorReport,
  ToServer,
  Totals,
} from '../server/port.ts';
import type { LimitNews } from './limit-relay.ts';

/** How server processes are started. */
export interface ServerProgram {
  /** Path of the program. */
  readonly entry: string;
  /** Flags of Node: those that count only where they are there from the start. */
  readonly flags: readonly string[];
}

/** What a server process says of one kind. */
export type Said<T extends FromServer['type']> = Extract<FromServer, { type: T }>;

/** A web thread that ended before its process was told to. */
export interface ThreadLoss {
  /** From 1 on. */
  readonly thread: number;
  readonly reason: string;
}

/** Hears what nobody asked for. */
export interface GenerationWatch {
  readonly onThreadLost: (loss: ThreadLoss) => void;
  /** The process has the supervisor do or tell something. */
  readonly onOrder: (order: Order) => Promise<SupervisorReport | ReloadReport | null>;
  readonly onLimits: (news: LimitNews) => void;
  /** The process is over; `status` is its exit status or the signal that ended it. */
  readonly onEnd: (status: number | NodeJS.Signals) => void;
}

interface Waiting {
  readonly type: string;
  readonly resolve: (message: FromServer) => void;
  readonly reject: (error: Error) => void;
}

/** What of the environment a process gets that gives up the rights of the supervisor; `DAEMUN_` is the program's own. */
const PASSED_ON =
  /^(?:PATH|TZ|LANG|LC_[A-Z]+|HOME|TMPDIR|NODE_[A-Z_]+|SSL_CERT_(?:FILE|DIR)|UV_THREADPOOL_SIZE|DAEMUN_[A-Z_]+)$/;

// What the configuration was read with may be secret to who serves.
function environmentOf({ user }: ServerStart): NodeJS.ProcessEnv {
  if (user === null) return process.env;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED_ON.test(name)));
}

/** The first descriptor behind standard input, output, error and the channel to the supervisor. */
export const FIRST_DESCRIPTOR = 4;

/** See the head of this file. */
export class Generation {
  readonly number: number;
  /** Monotonic milliseconds at which it was started. */
  readonly since: number;
  readonly #now: () => number;
  #heard: number;
  readonly #child: ChildProcess;
  readonly #watch: GenerationWatch;
  #waiting: Waiting[] = [];
  #over: Error | null = null;
  #failure: string | null = null;
  readonly #losses: ThreadLoss[] = [];
  #connections: number | null = null;
  #totals: Totals = {};
  readonly #ended: Promise<void>;

  /**
   * Starts a process, which says `ready`; `inherited` become its descriptors from
   * `FIRST_DESCRIPTOR` on. `now` tells monotonic milliseconds.
   */
  constructor(
    program: ServerProgram,
    start: ServerStart,
    inherited: readonly number[],
    watch: GenerationWatch,
    now: () => number,
  ) {
    this.number = start.generation;
    this.#now = now;
    this.since = now();
    this.#heard = this.since;
    this.#watch = watch;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    this.#child = spawn(
      process.execPath,
      [...program.flags, program.entry, JSON.stringify(start)],
      {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...inherited],
        serialization: 'json',
        env: environmentOf(start),
      },
    );
    this.#child.on('message', (message) => {
      // It may have less rights than this one: what it says counts as far as it is understood.
      try {
        this.#hear(message as FromServer);
      } catch {
        this.kill();
      }
    });
    this.#child.on('error', (error) => {
      this.#end(`it could not be started: ${error.message}`, 1);
      resolve();
    });
    this.#child.on('exit', (code, signal) => {
      const status = code ?? signal ?? 1;
      this.#end(
        typeof status === 'number' ? `it ended with status ${status}` : `it was ended by ${status}`,
        status,
      );
      resolve();
    });
  }

  /** Its number in the system; 0 where it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Its threads that are over. */
  get losses(): readonly ThreadLoss[] {
    return this.#losses;
  }

  /** What it has counted, by what it told last. */
  get totals(): Totals {
    return this.#totals;
  }

  /** Milliseconds for which its main thread has said nothing. */
  get silence(): number {
    return this.#now() - this.#heard;
  }

  /** Client connections that it has open, by what it told last; null where it has told nothing. */
  get connections(): number | null {
    return this.#connections;
  }

  /** Whether the process has ended. */
  get over(): boolean {
    return this.#over !== null;
  }

  /** Resolves when the process has ended. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Sends a message; nobody hears it once the process is over. */
  say(message: ToServer): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** Resolves to the next message of a type; rejects when the process ends or fails instead. */
  hear<T extends FromServer['type']>(type: T): Promise<Said<T>> {
    return new Promise((resolve, reject) => {
      if (this.#over !== null) reject(this.#over);
      // It is only called with a message of this type; see `#hear`.
      else this.#waiting.push({ type, resolve: resolve as Waiting['resolve'], reject });
    });
  }

  /** Sends a message and resolves to its answer, as `hear`. */
  ask<T extends FromServer['type']>(message: ToServer, answer: T): Promise<Said<T>> {
    const heard = this.hear(answer);
    this.say(message);
    return heard;
  }

  /** Has it stop deciding about limits; resolves to what it has counted. */
  async leaveLimits(): Promise<LimitState> {
    return (await this.ask({ type: 'limits-leave' }, 'limits-left')).state;
  }

  /** Has it go on with what another process has counted. */
  async takeLimits(state: LimitState): Promise<void> {
    await this.ask({ type: 'limits-take', state }, 'limits-taken');
  }

  /** Ends the process at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #hear(message: FromServer): void {
    if (message.type === 'thread-lost') {
      const { thread, reason } = message;
      this.#losses.push({ thread, reason });
      this.#watch.onThreadLost({ thread, reason });
      return;
    }
    this.#heard = this.#now();
    if (message.type === 'census') {
      const { connections, totals } = message;
      if (![connections, ...Object.values(totals)].every(Number.isFinite))
        throw new TypeError('That is no census');
      this.#connections = connections;
      this.#totals = totals;
      return;
    }
    if (message.type === 'order') {
      this.#obey(message).catch(() => {
        this.kill();
      });
      return;
    }
    if (message.type === 'failed') {
      this.#failure = message.reason;
      this.#reject(new Error(message.reason));
      return;
    }
    if (isNewsOfLimits(message)) {
      this.#watch.onLimits(message);
      return;
    }
    const at = this.#waiting.findIndex(({ type }) => type === message.type);
    if (at >= 0) this.#waiting.splice(at, 1)[0]?.resolve(message);
  }

  async #obey({ id, order }: Said<'order'>): Promise<void> {
    const outcome = await this.#watch.onOrder(order);
    this.say({ type: 'outcome', id, outcome });
  }

  #end(reason: string, status: number | NodeJS.Signals): void {
    if (this.#over !== null) return;
    this.#over = new Error(this.#failure ?? `The server process is over: ${reason}`);
    this.#reject(this.#over);
    this.#watch.onEnd(status);
  }

  #reject(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function isNewsOfLimits(message: FromServer): message is LimitNews {
  // Those about limits in general are answers.
  return message.type.startsWith('limit-');
}
