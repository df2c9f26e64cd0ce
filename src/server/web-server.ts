/**
 * The web threads of a server process, seen from its main thread: starts them on the sockets that it was given, gives
 * them configurations, and ends them. A configuration is prepared in every thread before it is committed in any, so it
 * is served by all or by none, and the one before goes on until then.
 *
 * A thread that ends is not replaced here: its descriptors are gone with it. Another thread listens on its sockets
 * until the supervisor, which has them all, has started another server process.
 */
import { closeSync } from 'node:fs';
import { addressesOf, type ConfigModel, type SocketAddress, socketsOf } from '../config/index.ts';
import { LimitDesk, type LimitDeskPorts } from './limit-desk.ts';
import type { LimitGrants } from './limit-grants.ts';
import type { ThreadStart } from './messages.ts';
import type { SiteFault, SocketGrant } from './port.ts';
import { batches, type Texts, textsOf } from './texts.ts';
import { ThreadHandle } from './thread-handle.ts';

/** Options of the server itself, not of what it serves. */
export interface WebServerOptions {
  /** Value of the `Server` field. */
  readonly serverName: string;
  /** Hears of threads that ended without being told to; the others go on. */
  readonly onThreadLost: (thread: number, reason: string) => void;
  /** How limits reach other processes. */
  readonly limits: Omit<LimitDeskPorts, 'threads'>;
}

/** A configuration on its way to the threads, made once for all of them. */
interface Offer {
  readonly config: ConfigModel;
  readonly addresses: readonly SocketAddress[];
  readonly texts: Texts;
  readonly zones: LimitGrants;
}

/** See the head of this file. */
export class WebServer {
  /** What is counted for limits. */
  readonly limits: LimitDesk;
  readonly #options: WebServerOptions;
  #threads: readonly ThreadHandle[] = [];
  #sockets: ReadonlyMap<string, SocketGrant> = new Map();
  #ending = false;
  // One configuration after the other.
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: WebServerOptions) {
    this.#options = options;
    this.limits = new LimitDesk({ ...options.limits, threads: () => this.#living() });
  }

  /** Starts threads, each with its part of the sockets, and builds a configuration in them; nothing is open yet. */
  async prepare(
    config: ConfigModel,
    threads: number,
    sockets: readonly SocketGrant[],
  ): Promise<readonly SiteFault[]> {
    this.#sockets = new Map(sockets.map((grant) => [grant.key, grant]));
    this.limits.begin(threads);
    this.#threads = Array.from({ length: threads }, (_, index) => this.#spawn(index + 1));
    await Promise.all(this.#threads.map((thread) => thread.hear('ready')));
    return this.#prepareAll(config);
  }

  /** Listens, and serves what was prepared. Rejects where a thread cannot. */
  async serve(): Promise<void> {
    this.limits.commit();
    await Promise.all(this.#threads.map(commit));
  }

  /**
   * Serves another configuration of the same addresses from now on, or says why not and goes on with the one before.
   * Rejects, and goes on likewise, where a thread ends while it prepares, or all of them while they take it over.
   */
  apply(config: ConfigModel): Promise<readonly SiteFault[]> {
    const done = this.#turn.then(() => this.#apply(config));
    this.#turn = done.catch(() => {});
    return done;
  }

  async #apply(config: ConfigModel): Promise<readonly SiteFault[]> {
    const siteFaults = await this.#prepareAll(config);
    if (siteFaults.length > 0) return siteFaults;
    this.limits.commit();
    // A thread that fails here ends; the others serve the configuration.
    const commits = this.#living().map(commit);
    const outcomes = await Promise.allSettled(commits);
    // With the reason of the first.
    if (!outcomes.some(({ status }) => status === 'fulfilled')) await Promise.all(commits);
    return [];
  }

  #living(): readonly ThreadHandle[] {
    return this.#threads.filter(({ over }) => !over);
  }

  // Empty where every thread is ready to serve the configuration; otherwise none of them keeps any of it.
  async #prepareAll(config: ConfigModel): Promise<readonly SiteFault[]> {
    const threads = this.#living();
    if (threads.length === 0) throw new Error('No web thread is left');
    const { faults, ...zones } = this.limits.offer(config);
    if (faults.length > 0) {
      this.limits.discard();
      return faults;
    }
    const offer = offerOf(config, zones);
    const outcomes = await Promise.allSettled(threads.map((thread) => this.#offer(thread, offer)));
    const failures: unknown[] = [];
    const siteFaults: SiteFault[] = [];
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') siteFaults.push(...outcome.value);
      else failures.push(outcome.reason);
    }
    // Threads that are to end must not begin anew.
    if (failures.length === 0 && siteFaults.length === 0 && !this.#ending) return [];
    this.limits.discard();
    for (const thread of threads) thread.say({ type: 'discard' });
    for (const failure of failures) throw failure;
    if (siteFaults.length === 0) throw new Error('The server is ending');
    return siteFaults;
  }

  async #offer(
    thread: ThreadHandle,
    { config, addresses, texts, zones }: Offer,
  ): Promise<readonly SiteFault[]> {
    const { limits, hotFileMemory, logs } = config;
    const own = addresses.map((address) => {
      const descriptors = this.#sockets.get(address.key)?.descriptors[thread.number - 1] ?? [];
      return { ...address, descriptors };
    });
    thread.say({ type: 'model', addresses: own, limits, hotFileMemory, logs, zones });
    for (const kind of ['upstreams', 'sites'] as const) {
      for (const some of batches(texts[kind], thread.serves?.[kind] ?? null)) {
        // oxlint-disable-next-line no-await-in-loop -- a batch is sent when the one before was dealt with
        await thread.ask({ type: 'texts', kind, texts: some }, 'more');
      }
    }
    thread.offered = texts;
    return (await thread.ask({ type: 'prepare' }, 'prepared')).siteFaults;
  }

  #spawn(number: number): ThreadHandle {
    const start: ThreadStart = { thread: number, serverName: this.#options.serverName };
    const thread = new ThreadHandle(start, (reason) => {
      this.limits.lost(number);
      if (this.#ending) return;
      this.#options.onThreadLost(number, reason);
      this.#giveAway(number);
    });
    thread.onLimits = (message) => {
      this.limits.hear(number, message);
    };
    return thread;
  }

  // Who waits in the sockets of a lost thread is served by another one.
  #giveAway(lost: number): void {
    const heirs = this.#living().filter(({ serves }) => serves !== null);
    const heir = heirs[lost % heirs.length];
    if (heir === undefined) return;
    for (const { key, spares } of this.#sockets.values()) {
      const descriptors = spares[lost - 1]?.splice(0) ?? [];
      if (descriptors.length > 0) heir.say({ type: 'adopt', key, descriptors });
    }
  }

  /** Writes a line to the error log of the configuration. */
  note(level: 'crit' | 'notice', text: string): void {
    this.#living()[0]?.say({ type: 'note', level, text });
  }

  /** Opens the log files again, after they were renamed. */
  reopenLogs(): void {
    for (const thread of this.#threads) thread.say({ type: 'reopen-logs' });
  }

  /**
   * Stops accepting and resolves when all connections have ended, or after `limit` milliseconds. For `idle`
   * milliseconds connections that wait for a request stay open for a last one. `onClosed` hears when nothing is
   * accepted any more.
   */
  async drain(idle: number, limit: number, onClosed: () => void): Promise<void> {
    this.#ending = true;
    for (const { spares } of this.#sockets.values())
      for (const descriptor of spares.flatMap((own) => own.splice(0))) closeSync(descriptor);
    const threads = this.#living();
    const ended = Promise.allSettled(threads.map((thread) => thread.hear('idle')));
    const message = { type: idle > 0 ? 'wind-down' : 'retire' } as const;
    const closed = Promise.allSettled(threads.map((thread) => thread.ask(message, 'closed')));
    // A thread that stands still does not hold the others up.
    await within(CLOSE_MS, closed);
    onClosed();
    if (idle > 0) {
      await within(Math.min(idle, limit), ended);
      for (const thread of threads) thread.say({ type: 'retire' });
    }
    await within(limit - idle, ended);
  }

  /** Writes the logs and ends the threads, whatever they do. */
  async stop(): Promise<void> {
    this.#ending = true;
    const threads = this.#living();
    await within(
      LOG_WRITE_MS,
      Promise.allSettled(threads.map((thread) => thread.ask({ type: 'stop' }, 'stopped'))),
    );
    await Promise.all(threads.map((thread) => thread.end('it was stopped')));
  }
}

/** How long threads have to close their listening sockets, in milliseconds. */
const CLOSE_MS = 1000;
/** How long the end waits for logs whose disk or reader does not take them. */
const LOG_WRITE_MS = 2000;

// Until the work is done, or as long as it may take.
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  if (ms <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}

function offerOf(config: ConfigModel, zones: LimitGrants): Offer {
  const addresses = socketsOf(addressesOf(Object.entries(config.sites)).values());
  const texts = { sites: textsOf(config.sites), upstreams: textsOf(config.upstreams) };
  return { config, addresses, texts, zones };
}

async function commit(thread: ThreadHandle): Promise<void> {
  await thread.ask({ type: 'commit' }, 'committed');
  thread.serves = thread.offered;
}
