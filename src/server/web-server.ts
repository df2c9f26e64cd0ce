/**
 * The server, seen from the main thread: starts the web threads, gives them configurations, and ends
 * them. A configuration is prepared in every thread before it is committed in any, so it is served by all
 * or by none, and the one before goes on until then.
 */
import { availableParallelism } from 'node:os';
import type { ConfigModel } from '../config/index.ts';
import { tryPort } from './address-trial.ts';
import { type Address, addressesOf } from './addresses.ts';
import { openTarget, ownFault, socketsOf } from './covering.ts';
import type { AddressMessage, OpenFault, ThreadStart } from './messages.ts';
import { namedAddress } from './named-address.ts';
import { refusal, type Refusal } from './refusal.ts';
import { batches, type Texts, textsOf } from './texts.ts';
import { type Said, ThreadHandle } from './thread-handle.ts';

/** How long after a replacement that ended as well another is tried, in milliseconds. */
const RESPAWN_MS = 1000;

/** An address at work, as an announcement shows it. */
export interface ServedPort {
  readonly key: string;
  /** The port, also where the configuration says 0; 0 for a unix socket. */
  readonly port: number;
  readonly hosts: readonly string[];
}

/** Options of the server itself, not of what it serves. */
export interface WebServerOptions {
  /** Value of the `Server` field. */
  readonly serverName: string;
  /** Hears of threads that ended without being told to; they are replaced. */
  readonly onThreadLost: (thread: number, reason: string) => void;
}

/** A configuration on its way to the threads, and then the one that they serve; made once for all of them. */
interface Offer {
  readonly config: ConfigModel;
  readonly addresses: Map<string, Address>;
  /** What a thread is told of each address that has a socket. */
  readonly sockets: readonly AddressMessage[];
  readonly texts: Texts;
  /** The ports of sockets that are open, by key: what a listen on port 0 got. */
  readonly ports: Map<string, number>;
}

/** How many threads a configuration asks for. */
export function threadsOf({ threads }: ConfigModel): number {
  return threads === 'auto' ? availableParallelism() : threads;
}

/** See the head of this file. */
export class WebServer {
  readonly #options: WebServerOptions;
  #threads: ThreadHandle[] = [];
  #served: Offer | null = null;
  #stopping = false;
  // Configurations, and threads in the place of lost ones, come one after the other.
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: WebServerOptions) {
    this.#options = options;
  }

  /** How many threads serve; a configuration that wants another number gets it from a start only. */
  get threads(): number {
    return this.#threads.length;
  }

  /** Starts as many threads as the configuration says and serves it; a refusal leaves nothing behind. */
  async start(config: ConfigModel): Promise<readonly ServedPort[] | Refusal> {
    this.#stopping = false;
    this.#threads = Array.from({ length: threadsOf(config) }, (_, index) => this.#spawn(index + 1));
    try {
      await Promise.all(this.#threads.map((thread) => thread.hear('ready')));
      const result = await this.apply(config);
      if ('problems' in result) await this.stop(0);
      return result;
    } catch (error) {
      await this.stop(0);
      throw error;
    }
  }

  /**
   * Serves another configuration from now on, or says why not and goes on with the one before. Rejects,
   * and goes on likewise, where a thread ends while it prepares, or all of them while they take it over.
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
    const offer = this.#offer(config);
    try {
      // This configuration may be what helps where threads end again and again.
      const lost = this.#threads.filter(({ over }) => over);
      await Promise.all(lost.map((thread) => this.#startInPlaceOf(thread)));
      const refused = await this.#prepareAll(offer);
      if (refused !== null) return refused;
      await this.#commitAll(offer);
    } finally {
      // A thread that was started above, and did not get this configuration, serves the one before.
      const idle = this.#threads.filter((thread) => thread.serves === null && !thread.over);
      await Promise.allSettled(idle.map((thread) => this.#serveIn(thread)));
    }
    return Array.from(offer.addresses.values(), ({ key, target, hosts }) => {
      const port = offer.ports.get(key) ?? (target.kind === 'tcp' ? target.port : 0);
      return { key, port, hosts };
    });
  }

  #offer(config: ConfigModel): Offer {
    const addresses = addressesOf(Object.entries(config.sites));
    const sockets = socketsOf([...addresses.values()], this.#threads.length > 1);
    const open = this.#served?.ports;
    const ports = new Map<string, number>();
    for (const { key } of sockets) {
      const port = open?.get(key);
      if (port !== undefined) ports.set(key, port);
    }
    const texts = { sites: textsOf(config.sites), upstreams: textsOf(config.upstreams) };
    return { config, addresses, sockets, texts, ports };
  }

  // Null where every thread is ready to serve the configuration; otherwise none of them keeps any of it.
  async #prepareAll(offer: Offer): Promise<Refusal | null> {
    const inUse = await this.#probe(offer);
    if (inUse.length > 0) return refusal([], inUse);
    const asked: ThreadHandle[] = [];
    let ready = false;
    try {
      for (const thread of this.#threads) {
        asked.push(thread);
        // oxlint-disable-next-line no-await-in-loop -- the others listen on the ports that the first got
        const { siteFaults, openFaults } = await this.#prepare(thread, offer);
        if (siteFaults.length > 0 || openFaults.length > 0) return refusal(siteFaults, openFaults);
      }
      // Threads that are to end must not begin to listen anew.
      if (this.#stopping) throw new Error('The server is ending');
      ready = true;
      return null;
    } finally {
      if (!ready) for (const thread of asked) thread.say({ type: 'discard' });
    }
  }

  async #prepare(thread: ThreadHandle, offer: Offer): Promise<Said<'prepared'>> {
    const addresses = offer.sockets
      .filter(({ target }) => target.kind !== 'unix' || thread.number === 1)
      .map((socket) => ({ ...socket, target: openTarget(socket, offer.ports) }));
    const { limits, hotFileMemory, logs } = offer.config;
    thread.say({ type: 'model', addresses, limits, hotFileMemory, logs });
    for (const kind of ['upstreams', 'sites'] as const) {
      for (const texts of batches(offer.texts[kind], thread.serves?.[kind] ?? null)) {
        // oxlint-disable-next-line no-await-in-loop -- a batch is sent when the one before was dealt with
        await thread.ask({ type: 'texts', kind, texts }, 'more');
      }
    }
    const prepared = await thread.ask({ type: 'prepare' }, 'prepared');
    for (const [key, port] of prepared.ports) offer.ports.set(key, port);
    return prepared;
  }

  // Addresses that cannot be opened, as far as that shows before a thread opens them. With SO_REUSEPORT a second
  // server of the same user would share the port without a word, so before threads share an address, it is opened
  // once alone.
  async #probe({ sockets, ports }: Offer): Promise<readonly OpenFault[]> {
    const own = (this.#served?.sockets ?? []).map((socket) =>
      openTarget(socket, this.#served?.ports),
    );
    const named = own.map((target) => (target.kind === 'tcp' ? [namedAddress(target)] : []));
    const open = (await Promise.all(named.flat())).map(({ target }) => target);
    const faults: OpenFault[] = [];
    for (const { key, target, shared } of sockets) {
      if (ports.has(key) || target.kind !== 'tcp' || target.port === 0) continue;
      // oxlint-disable-next-line no-await-in-loop -- one listener at a time
      const fault = ownFault((await namedAddress(target)).target, open);
      const overlap = fault === null ? null : { ...fault, key };
      // oxlint-disable-next-line no-await-in-loop -- one listener at a time
      const trial = overlap === null && shared ? await tryPort(target.host, target.port) : null;
      if (overlap !== null) faults.push(overlap);
      else if (trial !== null) faults.push({ key, ...trial });
    }
    return faults;
  }

  // A thread that fails here ends, and its place is taken by one that serves what the others do: this
  // configuration, or the one before where none of them took this.
  async #commitAll(offer: Offer): Promise<void> {
    const commits = this.#threads.map((thread) => commit(thread, offer));
    const outcomes = await Promise.allSettled(commits);
    const someServe = outcomes.some(({ status }) => status === 'fulfilled');
    // The reason of the first.
    if (!someServe) await Promise.all(commits);
    this.#served = offer;
  }

  #spawn(number: number): ThreadHandle {
    const start: ThreadStart = { thread: number, serverName: this.#options.serverName };
    const thread = new ThreadHandle(start, (reason) => {
      if (this.#stopping) return;
      this.#options.onThreadLost(number, reason);
      // One that never served would likely end again at once.
      if (thread.serves !== null) this.#replace(thread);
      else setTimeout(() => this.#replace(thread), RESPAWN_MS);
    });
    return thread;
  }

  #replace(lost: ThreadHandle): void {
    const replaced = this.#inTurn(async () => {
      const thread = await this.#startInPlaceOf(lost);
      if (thread !== null) await this.#serveIn(thread);
    });
    // It ended as well; `onThreadLost` was told why.
    replaced.catch(() => {});
  }

  // Null where the place is not empty any more, or not needed.
  async #startInPlaceOf(lost: ThreadHandle): Promise<ThreadHandle | null> {
    const at = this.#threads.indexOf(lost);
    if (this.#stopping || at < 0) return null;
    const thread = this.#spawn(lost.number);
    this.#threads[at] = thread;
    await thread.hear('ready');
    return thread;
  }

  async #serveIn(thread: ThreadHandle): Promise<void> {
    if (this.#served === null) return;
    const { siteFaults, openFaults } = await this.#prepare(thread, this.#served);
    const [problem] = refusal(siteFaults, openFaults).problems;
    if (problem === undefined) await commit(thread, this.#served);
    else {
      // Without a part of its addresses or sites it would answer wrongly, and nobody would know.
      await thread.end(`it cannot serve the configuration: ${problem.object}: ${problem.message}`);
    }
  }

  /** Opens the log files again, after they were renamed. */
  reopenLogs(): void {
    for (const thread of this.#threads) thread.say({ type: 'reopen-logs' });
  }

  /**
   * Stops accepting, lets connections finish for up to `grace` milliseconds, writes the logs and ends the
   * threads. A second call with a shorter grace ends the first.
   */
  async stop(grace: number): Promise<void> {
    this.#stopping = true;
    const threads = this.#threads;
    if (grace > 0) {
      await within(
        grace,
        threads.map((thread) => thread.ask({ type: 'retire' }, 'idle')),
      );
    }
    await within(
      LOG_WRITE_MS,
      threads.map((thread) => thread.ask({ type: 'stop' }, 'stopped')),
    );
    await Promise.all(threads.map((thread) => thread.end('it was stopped')));
    this.#threads = [];
    this.#served = null;
  }
}

/** How long the end waits for logs whose disk or reader does not take them. */
const LOG_WRITE_MS = 2000;

// Until all answers are there, or as long as it may take; a thread that ends answers nothing.
async function within(ms: number, answers: readonly Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.allSettled(answers), over]);
  clearTimeout(timer);
}

async function commit(thread: ThreadHandle, { texts }: Offer): Promise<void> {
  await thread.ask({ type: 'commit' }, 'committed');
  thread.serves = texts;
}
