/**
 * The server, seen from the main thread: starts the web threads, gives them configurations, and ends
 * them. A configuration is prepared in every thread before it is committed in any, so it is served by all
 * or by none, and the one before goes on until then.
 */
import { availableParallelism } from 'node:os';
import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { ConfigModel } from '../config/index.ts';
import { type Address, addressesOf } from './addresses.ts';
import type { AddressMessage, FromThread, OpenFault, ThreadStart, ToThread } from './messages.ts';
import { refusal, type Refusal } from './refusal.ts';

/** Sites in one message to a thread. */
const BATCH = 100;
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

type Said<T extends FromThread['type']> = Extract<FromThread, { type: T }>;

/** A configuration on its way to the threads; made once for all of them. */
interface Offer {
  readonly config: ConfigModel;
  readonly addresses: Map<string, Address>;
  /** JSON text of each site. */
  readonly sites: ReadonlyMap<string, string>;
}

interface Waiting {
  readonly type: string;
  readonly resolve: (message: FromThread) => void;
  readonly reject: (error: Error) => void;
}

/** One web thread, seen from the main thread. */
class ThreadHandle {
  readonly number: number;
  readonly worker: Worker;
  /** JSON text of the sites that the thread serves. */
  sites: ReadonlyMap<string, string> = new Map();
  /** Whether a configuration was committed in it. */
  served = false;
  #waiting: Waiting[] = [];
  #over: Error | null = null;
  #reason = 'it ended';

  constructor(start: ThreadStart, onLost: (reason: string) => void) {
    this.number = start.thread;
    // Only the ending differs between the sources and the built package.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.worker = new Worker(new URL(`./web-thread-entry.${extension}`, import.meta.url), {
      workerData: start,
    });
    this.worker.on('message', (message: FromThread) => {
      const at = this.#waiting.findIndex(({ type }) => type === message.type);
      if (at >= 0) this.#waiting.splice(at, 1)[0]?.resolve(message);
    });
    this.worker.on('error', (error: unknown) => {
      this.#reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    this.worker.on('exit', () => {
      this.#over = new Error(`Web thread ${this.number} ended: ${this.#reason}`);
      for (const { reject } of this.#waiting.splice(0)) reject(this.#over);
      onLost(this.#reason);
    });
  }

  /** Ends the thread, which is told as lost for this reason. */
  end(reason: string): void {
    this.#reason = reason;
    void this.worker.terminate();
  }

  say(message: ToThread): void {
    this.worker.postMessage(message);
  }

  /** Resolves to the next message of a type; rejects when the thread ends without a word. */
  hear<T extends FromThread['type']>(type: T): Promise<Said<T>> {
    return new Promise((resolve, reject) => {
      if (this.#over !== null) reject(this.#over);
      else this.#waiting.push({ type, resolve: resolve as Waiting['resolve'], reject });
    });
  }
}

/** See the head of this file. */
export class WebServer {
  readonly #options: WebServerOptions;
  #threads: ThreadHandle[] = [];
  #config: ConfigModel | null = null;
  #ports = new Map<string, number>();
  #stopping = false;
  // Configurations are applied one after the other.
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: WebServerOptions) {
    this.#options = options;
  }

  /** Starts as many threads as the configuration says and serves it; a refusal leaves nothing behind. */
  async start(config: ConfigModel): Promise<readonly ServedPort[] | Refusal> {
    this.#stopping = false;
    const count = config.threads === 'auto' ? availableParallelism() : config.threads;
    const threads = Array.from({ length: count }, (_, index) => this.#spawn(index + 1));
    this.#threads = threads;
    try {
      await Promise.all(threads.map((thread) => thread.hear('ready')));
    } catch (error) {
      await this.stop(0);
      throw error;
    }
    const result = await this.apply(config);
    if ('problems' in result) await this.stop(0);
    return result;
  }

  #spawn(number: number): ThreadHandle {
    const start: ThreadStart = { thread: number, serverName: this.#options.serverName };
    const handle = new ThreadHandle(start, (reason) => {
      if (!this.#stopping) this.#replace(handle, reason);
    });
    return handle;
  }

  #replace(lost: ThreadHandle, reason: string): void {
    this.#options.onThreadLost(lost.number, reason);
    // A replacement that ended before it served is not tried again at once: a configuration that a person
    // loads meanwhile may be what helps.
    const respawn = (): void => {
      this.#turn = this.#turn.then(() => this.#respawn(lost));
    };
    if (lost.served) respawn();
    else setTimeout(respawn, RESPAWN_MS);
  }

  async #respawn(lost: ThreadHandle): Promise<void> {
    const at = this.#threads.indexOf(lost);
    if (this.#stopping || at < 0) return;
    const thread = this.#spawn(lost.number);
    this.#threads[at] = thread;
    try {
      await thread.hear('ready');
      if (this.#config === null) return;
      const offer = offerOf(this.#config);
      const { siteFaults, openFaults } = await this.#prepare(thread, offer);
      const [problem] = refusal(siteFaults, openFaults).problems;
      if (problem !== undefined) {
        // Without a part of its addresses or sites it would answer wrongly, and nobody would know.
        thread.end(`it cannot serve the configuration: ${problem.object}: ${problem.message}`);
        return;
      }
      thread.say({ type: 'commit' });
      await thread.hear('committed');
      thread.sites = offer.sites;
      thread.served = true;
    } catch {
      // It ended; `onThreadLost` was told why.
    }
  }

  /**
   * Serves another configuration from now on, or says why not and goes on with the one before. Rejects,
   * and goes on likewise, where a thread ends while it prepares.
   */
  apply(config: ConfigModel): Promise<readonly ServedPort[] | Refusal> {
    const applied = this.#turn.then(() => this.#apply(config));
    this.#turn = applied.catch(() => {});
    return applied;
  }

  async #apply(config: ConfigModel): Promise<readonly ServedPort[] | Refusal> {
    const offer = offerOf(config);
    const { addresses } = offer;
    const inUse = await this.#probe(addresses);
    if (inUse.length > 0) return refusal([], inUse);
    const refused = await this.#prepareAll(offer);
    if (refused !== null) return refused;
    // From here on a thread that is lost comes back with this configuration.
    this.#config = config;
    const committed = this.#threads.map((thread) => thread.hear('committed'));
    for (const thread of this.#threads) thread.say({ type: 'commit' });
    await Promise.allSettled(committed);
    for (const thread of this.#threads) {
      thread.sites = offer.sites;
      thread.served = true;
    }
    for (const key of this.#ports.keys()) if (!addresses.has(key)) this.#ports.delete(key);
    return [...addresses.values()].map(({ key, hosts }) => ({
      key,
      port: this.#ports.get(key) ?? 0,
      hosts,
    }));
  }

  // Null where every thread is ready to serve the configuration; otherwise none of them keeps any of it.
  async #prepareAll(offer: Offer): Promise<Refusal | null> {
    const known = new Map(this.#ports);
    const prepared: ThreadHandle[] = [];
    const discard = (): void => {
      for (const thread of prepared) thread.say({ type: 'discard' });
      this.#ports = known;
    };
    for (const thread of this.#threads) {
      prepared.push(thread);
      try {
        const answer = await this.#prepare(thread, offer);
        if (answer.siteFaults.length > 0 || answer.openFaults.length > 0) {
          discard();
          return refusal(answer.siteFaults, answer.openFaults);
        }
        for (const [key, port] of answer.ports) this.#ports.set(key, port);
      } catch (error) {
        discard();
        throw error;
      }
    }
    return null;
  }

  async #prepare(thread: ThreadHandle, offer: Offer): Promise<Said<'prepared'>> {
    const messages = [...offer.addresses.values()]
      .filter(({ target }) => target.kind !== 'unix' || thread.number === 1)
      .map((address) => this.#addressMessage(address));
    const { upstreams, limits, hotFileMemory, logs } = offer.config;
    thread.say({ type: 'model', addresses: messages, upstreams, limits, hotFileMemory, logs });
    const sites = Array.from(offer.sites, ([host, json]): [string, string | null] => [
      host,
      thread.sites.get(host) === json ? null : json,
    ]);
    for (let at = 0; at < sites.length; at += BATCH) {
      const taken = thread.hear('more');
      thread.say({ type: 'sites', sites: sites.slice(at, at + BATCH) });
      await taken;
    }
    const answer = thread.hear('prepared');
    thread.say({ type: 'prepare' });
    return answer;
  }

  // Port 0 is any free port to the first thread, and to the others the one that the first got.
  #addressMessage(address: Address): AddressMessage {
    const { key, target, backlog, lenientLineEnds, hosts, fallback } = address;
    const port = this.#ports.get(key);
    const opened = target.kind === 'tcp' && port !== undefined ? { ...target, port } : target;
    const shared = this.#threads.length > 1;
    return { key, target: opened, backlog, lenientLineEnds, hosts, fallback, shared };
  }

  // With SO_REUSEPORT a second server of the same user would share the port without a word. So before
  // threads share a new address, it is opened once alone.
  async #probe(addresses: Map<string, Address>): Promise<readonly OpenFault[]> {
    if (this.#threads.length < 2) return [];
    const faults: OpenFault[] = [];
    for (const { key, target } of addresses.values()) {
      if (this.#ports.has(key) || target.kind !== 'tcp' || target.port === 0) continue;
      const fault = await tryAlone(key, target.host, target.port);
      if (fault !== null) faults.push(fault);
    }
    return faults;
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
      const idle = Promise.allSettled(threads.map((thread) => thread.hear('idle')));
      for (const thread of threads) thread.say({ type: 'retire' });
      await within(grace, idle);
    }
    const stopped = Promise.allSettled(threads.map((thread) => thread.hear('stopped')));
    for (const thread of threads) thread.say({ type: 'stop' });
    await within(LOG_WRITE_MS, stopped);
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
    this.#threads = [];
  }
}

/** How long the end waits for logs whose disk or reader does not take them. */
const LOG_WRITE_MS = 2000;

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}

function offerOf(config: ConfigModel): Offer {
  const sites = Object.entries(config.sites);
  return {
    config,
    addresses: addressesOf(sites),
    sites: new Map(sites.map(([host, site]) => [host, JSON.stringify(site)])),
  };
}

function tryAlone(key: string, host: string, port: number): Promise<OpenFault | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ key, code: error.code ?? 'unknown', message: error.message });
    });
    server.listen(host === '*' ? { port } : { host, port }, () => {
      server.close(() => {
        resolve(null);
      });
    });
  });
}
