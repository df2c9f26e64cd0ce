/**
 * The parent of the server processes: has the listening sockets, starts a server process on duplicates of them, and
 * another when that one ends or has to be replaced. Connections wait in the sockets meanwhile; none is refused.
 *
 * A configuration that the server process can take over as it is, it is given (a swap). For one that changes what a
 * process has from its start, such as its sockets and the number of its threads, another process is started beside it
 * and takes the place of the first as soon as it serves (a hand-over); the first ends with its last connection.
 */
import { availableParallelism } from 'node:os';
import {
  type Address,
  addressesOf,
  type ConfigModel,
  type SocketAddress,
  socketsOf,
} from '../config/index.ts';
import type { Clock } from '../base/index.ts';
import { BackOff } from './back-off.ts';
import { FIRST_DESCRIPTOR, Generation, type ServerProgram } from './generation.ts';
import { grantsOf, ListenSockets, portsOf, type SocketPlan } from './listen-sockets.ts';
import { refusal, type Refusal } from './refusal.ts';

/** An address at work, as an announcement shows it. */
export interface ServedPort {
  readonly key: string;
  /** The port, also where the configuration says 0; 0 for a unix socket. */
  readonly port: number;
  readonly hosts: readonly string[];
}

/** What a supervisor needs from who runs it. */
export interface SupervisorOptions {
  /** What a server process runs. */
  readonly program: ServerProgram;
  /** Value of the `Server` field. */
  readonly serverName: string;
  /** Tells how long a server process did its work before it ended. */
  readonly clock: Clock;
  /** Hears, in a sentence, of what went wrong without anybody having asked for anything. */
  readonly onTrouble: (sentence: string) => void;
}

/** What is served. */
interface Served {
  readonly config: ConfigModel;
  readonly threads: number;
  readonly plan: SocketPlan;
}

/** How long a server process may take from its start until it serves, in milliseconds. */
const START_MS = 120_000;
/** How long an idle connection stays open for a last request after a hand-over, in milliseconds. */
const LAST_REQUEST_MS = 5000;
/** How long a process that was told to end has beyond its grace, in milliseconds. */
const END_MS = 5000;

/** How many threads a configuration asks for. */
export function threadsOf({ threads }: ConfigModel): number {
  return threads === 'auto' ? availableParallelism() : threads;
}

/** See the head of this file. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #sockets = new ListenSockets();
  readonly #backOff: BackOff;
  #served: Served | null = null;
  #current: Generation | null = null;
  // The current process lacks a thread, or is over.
  #isHurt = false;
  #starting: Generation | null = null;
  readonly #ending = new Set<Generation>();
  #generations = 0;
  #stopping = false;
  // One change after the other.
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#backOff = new BackOff(() => options.clock.monotonic());
  }

  /**
   * Serves a configuration from now on, or says why not and goes on with the one before, where there is one. Rejects,
   * and goes on likewise, where the reason is no fault of the configuration.
   */
  apply(config: ConfigModel): Promise<readonly ServedPort[] | Refusal> {
    return this.#inTurn(() => this.#apply(config));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #apply(config: ConfigModel): Promise<readonly ServedPort[] | Refusal> {
    this.#mustGoOn();
    const addresses = addressesOf(Object.entries(config.sites));
    const sockets = socketsOf(addresses.values());
    const threads = threadsOf(config);
    const swaps = this.#swappable(sockets, threads);
    const refused =
      swaps === null
        ? await this.#handOverTo(config, sockets, threads)
        : await this.#swap(swaps, config);
    if (refused !== null) return refused;
    return portsServed(addresses.values(), this.#served);
  }

  // What is served now, where the process that serves it can take over another configuration; null otherwise.
  #swappable(sockets: readonly SocketAddress[], threads: number): Served | null {
    const served = this.#served;
    if (served === null || this.#current === null || this.#current.over) return null;
    const { addresses } = served.plan;
    const same =
      addresses.size === sockets.length && sockets.every(({ key }) => addresses.has(key));
    return same && served.threads === threads ? served : null;
  }

  async #swap(served: Served, config: ConfigModel): Promise<Refusal | null> {
    const current = this.#current;
    if (current === null) throw new Error('There is no server process');
    const { siteFaults, failure } = await current.ask({ type: 'apply', config }, 'applied');
    if (failure !== null) throw new Error(failure);
    if (siteFaults.length > 0) return refusal(siteFaults, []);
    this.#served = { ...served, config };
    return null;
  }

  async #handOverTo(
    config: ConfigModel,
    sockets: readonly SocketAddress[],
    threads: number,
  ): Promise<Refusal | null> {
    const plan = await this.#sockets.open(sockets, threads);
    if (!('added' in plan)) return refusal([], plan);
    let refused: Refusal | null = null;
    try {
      refused = await this.#handOver({ config, threads, plan });
      return refused;
    } finally {
      // Also where it threw.
      if (this.#served?.plan !== plan) this.#sockets.discard(plan);
    }
  }

  // Starts a process that serves, and ends the one before.
  async #handOver(next: Served): Promise<Refusal | null> {
    const { config, threads, plan } = next;
    const { inherited, grants } = grantsOf(plan, threads, FIRST_DESCRIPTOR);
    const generation = this.#spawn(inherited);
    this.#starting = generation;
    const late = setTimeout(() => {
      generation.kill();
    }, START_MS);
    try {
      await generation.hear('ready');
      const { siteFaults } = await generation.ask(
        { type: 'prepare', config, threads, sockets: grants },
        'built',
      );
      if (siteFaults.length > 0) {
        generation.kill();
        return refusal(siteFaults, []);
      }
      this.#mustGoOn();
      await generation.ask({ type: 'serve' }, 'serving');
      this.#mustGoOn();
    } catch (error) {
      generation.kill();
      throw error;
    } finally {
      clearTimeout(late);
      this.#starting = null;
    }
    const before = this.#current;
    const served = this.#served;
    this.#isHurt = generation.over || generation.lost > 0;
    this.#served = next;
    this.#current = generation;
    await this.#retire(before, before === null || config === served?.config ? null : config);
    this.#sockets.keep(plan);
    if (this.#isHurt) this.#replaceLater();
    return null;
  }

  // Who waited meanwhile learns that nothing begins any more.
  #mustGoOn(): void {
    if (this.#stopping) throw new Error('The server is ending');
  }

  // Resolves when the process takes no connection any more. The last requests on its connections, too, are answered as
  // the configuration of now says.
  async #retire(generation: Generation | null, config: ConfigModel | null): Promise<void> {
    if (generation === null || generation.over) return;
    this.#ending.add(generation);
    if (config !== null) await soon(generation.ask({ type: 'apply', config }, 'applied'));
    const drain = { type: 'drain', idle: LAST_REQUEST_MS, limit: DRAIN_MS } as const;
    await soon(generation.ask(drain, 'draining'));
  }

  #spawn(inherited: readonly number[]): Generation {
    const start = {
      user: null,
      serverName: this.#options.serverName,
      generation: ++this.#generations,
    };
    const generation: Generation = new Generation(this.#options.program, start, inherited, {
      onThreadLost: (thread, reason) => {
        // One that does not serve yet says itself that it cannot begin.
        if (generation === this.#starting || this.#stopping) return;
        this.#options.onTrouble(`Web thread ${thread} is lost and will be replaced: ${reason}`);
        this.#hurt(generation);
      },
      onEnd: (status) => {
        this.#ending.delete(generation);
        if (generation !== this.#current || this.#stopping) return;
        const how =
          typeof status === 'number' ? `ended with status ${status}` : `was ended by ${status}`;
        this.#options.onTrouble(`The server process ${how} and will be replaced`);
        this.#hurt(generation);
      },
    });
    return generation;
  }

  #hurt(generation: Generation): void {
    if (generation !== this.#current || this.#isHurt || this.#stopping) return;
    this.#isHurt = true;
    this.#replaceLater();
  }

  #replaceLater(): void {
    setTimeout(() => {
      this.#inTurn(() => this.#replace()).catch((error: unknown) => {
        if (this.#stopping) return;
        const said = error instanceof Error ? error.message : String(error);
        this.#options.onTrouble(`The server process could not be replaced: ${said}`);
        this.#replaceLater();
      });
    }, this.#backOff.failed());
  }

  async #replace(): Promise<void> {
    // A configuration that came meanwhile may have led to another process already.
    if (this.#served === null || !this.#isHurt || this.#stopping) return;
    const refused = await this.#handOver(this.#served);
    const [problem] = refused?.problems ?? [];
    if (problem !== undefined) throw new Error(`${problem.object}: ${problem.message}`);
  }

  /** Opens the log files again, after they were renamed. */
  reopenLogs(): void {
    for (const generation of this.#all()) generation.say({ type: 'reopen-logs' });
  }

  *#all(): Generator<Generation> {
    if (this.#current !== null) yield this.#current;
    yield* this.#ending;
  }

  /**
   * Stops accepting, lets connections finish for up to `grace` milliseconds, and ends the server processes. A second
   * call with a shorter grace ends the first.
   */
  async stop(grace: number): Promise<void> {
    this.#stopping = true;
    this.#starting?.kill();
    this.#sockets.close();
    const ending = [...this.#all()];
    for (const generation of ending) generation.say({ type: 'drain', idle: 0, limit: grace });
    const late = setTimeout(() => {
      for (const generation of ending) generation.kill();
    }, grace + END_MS);
    await Promise.all(ending.map(({ ended }) => ended));
    clearTimeout(late);
    this.#current = null;
    this.#served = null;
    // What was under way learns of it by itself.
    await this.#turn;
  }
}

/** How long a process that was replaced may go on with connections that do not end, in milliseconds. */
const DRAIN_MS = 3_600_000;

// Resolves when the work is done or has failed, and when it takes too long.
async function soon(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, END_MS);
  });
  await Promise.race([Promise.allSettled([work]), late]);
  clearTimeout(timer);
}

function portsServed(addresses: Iterable<Address>, served: Served | null): readonly ServedPort[] {
  const ports = served === null ? new Map<string, number>() : portsOf(served.plan);
  return Array.from(addresses, ({ key, target, hosts }) => {
    const port = ports.get(key) ?? (target.kind === 'tcp' ? target.port : 0);
    return { key, port, hosts };
  });
}
