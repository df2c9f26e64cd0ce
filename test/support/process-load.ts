/**
 * A server under load whose processes come and go: by swaps, hand-overs and upgrades, which nobody may notice, and by
 * kills and threads that stand still, of which only those may notice who were connected to what is gone.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { get } from './cli-process.ts';
import { eventually } from './eventually.ts';
import { ThreadFaults } from './faulty-threads.ts';
import { LoadBackEnd } from './load-back-end.ts';
import { download, LoadTally, type Loss, tunnel, upload, visit } from './load-clients.ts';
import { BIG, ERRANDS, loadConfig, MAIN, makeLoadFiles, STEADY } from './load-site.ts';
import { freePort, temporaryDirectory } from './process.ts';
import { isRunning } from './process-tree.ts';
import { ServedConfig } from './served-config.ts';

/** What is done to the processes. */
export type ProcessAction = 'swap' | 'hand-over' | 'upgrade' | 'kill' | 'stuck thread';

/** How often it is done. */
export interface ProcessLoad {
  readonly action: ProcessAction;
  readonly times: number;
  /** Milliseconds from one to the next, unless it takes longer. */
  readonly every: number;
}

/** Counts of one run; it passed where `failures` is empty. */
export interface ProcessReport {
  readonly requests: number;
  readonly connections: number;
  readonly bytes: number;
  /** Requests that were not answered whole, because their connection was lost. */
  readonly lost: number;
  /** Connections that were refused. */
  readonly refused: number;
  /** Longest time from the begin of a connection to the answer on it, in milliseconds. */
  readonly longestWait: number;
  readonly failures: readonly string[];
}

/** A blow that costs connections, and which. */
interface Blow {
  /** `performance.now()` just before the connections were looked at, when it fell, and when it had all its effect. */
  readonly looked: number;
  readonly fell: number;
  readonly done: number;
  /** Ports of the clients that it cost. */
  readonly struck: ReadonlySet<number>;
  /** Ports of the other clients of the process. */
  readonly spared: ReadonlySet<number>;
}

/** How long a thread may stand still here. */
const STUCK_TIMEOUT = '1s';
/** How long uploads, downloads, tunnels and slow readers last at most, in milliseconds. */
const LONGEST_SPAN = 4000;
/** Between the kernel's word for a connection and the server's, in milliseconds. */
const BLUR = 100;
const PIECES = BIG / 65536;

/** See the head of this file. */
export async function processesUnderLoad(load: ProcessLoad): Promise<ProcessReport> {
  const backEnd = new LoadBackEnd();
  await backEnd.start();
  const directory = temporaryDirectory();
  makeLoadFiles(directory);
  const faults = new ThreadFaults(directory);
  const ports = { main: await freePort(), extra: await freePort(), back: backEnd.port };
  const config = (generation: number): object =>
    configOf(load.action, generation, directory, ports);
  const environment = load.action === 'stuck thread' ? faults.environment : {};
  const server = await ServedConfig.start(config(0), environment, directory);
  try {
    return await new Run(load, config, { server, backEnd, faults }).whole();
  } finally {
    await server.stop();
    server.remove();
    backEnd.stop();
  }
}

interface Ports {
  readonly main: number;
  /** Of the address that comes and goes. */
  readonly extra: number;
  readonly back: number;
}

function configOf(
  action: ProcessAction,
  generation: number,
  directory: string,
  { main, extra, back }: Ports,
): object {
  const listen = [`127.0.0.1:${main}`];
  let threads = 2;
  if (action === 'hand-over') {
    // By turns the threads and the addresses change.
    threads = [2, 3, 3, 1][generation % 4] ?? 2;
    if (generation % 4 === 2) listen.push(`127.0.0.1:${extra}`);
  }
  return {
    ...loadConfig(generation, { threads, back, listen }),
    pidFile: './daemun.pid',
    admin: { listen: adminOf(directory) },
    stuckThreadTimeout: action === 'stuck thread' ? STUCK_TIMEOUT : '30s',
  };
}

function adminOf(directory: string): string {
  return `unix:${join(directory, 'admin.sock')}`;
}

interface Peers {
  readonly server: ServedConfig;
  readonly backEnd: LoadBackEnd;
  readonly faults: ThreadFaults;
}

class Run {
  readonly #load: ProcessLoad;
  readonly #config: (generation: number) => object;
  readonly #peers: Peers;
  readonly #tally = new LoadTally();
  readonly #clients: Promise<void>[] = [];
  readonly #blows: Blow[] = [];
  #over = false;
  #actions = 0;
  #downloads = 0;

  constructor(load: ProcessLoad, config: (generation: number) => object, peers: Peers) {
    this.#load = load;
    this.#config = config;
    this.#peers = peers;
  }

  async whole(): Promise<ProcessReport> {
    const { times, every } = this.#load;
    const { server, backEnd } = this.#peers;
    const tally = this.#tally;
    this.#startClients();
    await delay(Math.min(every, LONGEST_SPAN));
    for (let time = 1; time <= times; time++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await Promise.all([this.#act(time), delay(every)]);
    }
    this.#over = true;
    backEnd.finishing = true;
    await Promise.all(this.#clients);
    const status = await server.stop();
    if (status !== 0) tally.fail(`the server ended with ${status}: ${server.complaint}`);
    const unexpected = tally.losses.filter((loss) => !this.#isExpected(loss));
    if (this.#isHarmless) this.#readLogs();
    return {
      requests: tally.requests,
      connections: tally.connections,
      bytes: tally.bytes,
      lost: tally.losses.length,
      refused: tally.losses.filter(({ code }) => code === 'ECONNREFUSED').length,
      longestWait: tally.longestWait,
      failures: [...tally.wrong, ...unexpected.map((loss) => this.#describe(loss))],
    };
  }

  get #isHarmless(): boolean {
    return this.#load.action !== 'kill' && this.#load.action !== 'stuck thread';
  }

  #startClients(): void {
    const tally = this.#tally;
    const { port } = this.#peers.server;
    const over = (): boolean => this.#over;
    const asked = (): number => (this.#isHarmless ? this.#actions : Infinity);
    for (let i = 0; i < 6; i++) {
      const errands = [...ERRANDS.slice(i), ...ERRANDS.slice(0, i)];
      this.#clients.push(visit(port, errands, i < 3, tally, over, asked));
    }
    for (const { host } of [MAIN, STEADY]) {
      for (const path of ['/live', '/other']) {
        this.#again((until) => tunnel(port, host, `${path}/tunnel`, tally, until));
        this.#again((until) => upload(port, host, `${path}/upload`, tally, until));
        this.#again((_, span) => this.#download(port, host, path, span));
      }
    }
    this.#again((_, span) =>
      download(port, MAIN.host, '/files/big.bin', span / PIECES, () => BIG, tally),
    );
  }

  #download(port: number, host: string, path: string, span: number): Promise<void> {
    const { backEnd } = this.#peers;
    const from = `${path}/${++this.#downloads}/${span}/download`;
    return download(port, host, from, 0, () => backEnd.downloaded.get(from), this.#tally);
  }

  // One long request after the other, so that at each action there are some that began before it and end behind it.
  #again(request: (until: () => boolean, span: number) => Promise<void>): void {
    const span = Math.min(2.5 * this.#load.every, LONGEST_SPAN);
    const forEver = async (): Promise<void> => {
      while (!this.#over) {
        const end = performance.now() + span;
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await request(() => this.#over || performance.now() >= end, span);
      }
    };
    this.#clients.push(forEver());
  }

  async #act(time: number): Promise<void> {
    this.#actions = time;
    switch (this.#load.action) {
      case 'swap':
      case 'hand-over':
        await this.#reload(time);
        return;
      case 'upgrade':
        await this.#peers.server.upgrade();
        return;
      case 'kill':
        await this.#kill();
        return;
      case 'stuck thread':
        await this.#jam(1 + (time % 2));
    }
  }

  async #reload(generation: number): Promise<void> {
    const tally = this.#tally;
    tally.offered = generation;
    const { taken, reasons } = await this.#peers.server.reload(this.#config(generation));
    if (taken) tally.served = generation;
    else tally.fail(`generation ${generation} was refused: ${reasons}`);
  }

  // Until the server has taken every connection that the kernel has made for it.
  #allTaken(): Promise<void> {
    const { port } = this.#peers.server;
    return eventually('all connections', () => connectionsWaiting(port) === 0);
  }

  async #kill(): Promise<void> {
    await this.#allTaken();
    const looked = performance.now();
    const { pid, threads } = await this.#look();
    const fell = performance.now();
    process.kill(pid, 'SIGKILL');
    await eventually('the end of the process', () => !isRunning(pid));
    const struck = new Set([...threads.values()].flatMap((ports) => [...ports]));
    const done = performance.now();
    this.#blows.push({ looked, fell, done, struck, spared: new Set() });
    await this.#untilAnother(pid);
  }

  async #jam(thread: number): Promise<void> {
    await this.#allTaken();
    const looked = performance.now();
    const { pid, threads } = await this.#look();
    await this.#peers.faults.jam(pid, thread);
    const fell = performance.now();
    const struck = threads.get(thread) ?? new Set();
    const others = [...threads].filter(([number]) => number !== thread);
    const spared = new Set(others.flatMap(([, ports]) => [...ports]));
    this.#blows.push({ looked, fell, done: fell, struck, spared });
    await this.#untilAnother(pid);
  }

  /** The process that serves, and the ports of its clients by thread. */
  async #look(): Promise<{
    readonly pid: number;
    readonly threads: ReadonlyMap<number, ReadonlySet<number>>;
  }> {
    const { pid } = (await this.#ask('/status')) as { readonly pid: number };
    const open = (await this.#ask('/connections')) as readonly {
      readonly thread: number;
      readonly remote: string;
    }[];
    const threads = new Map<number, Set<number>>();
    for (const { thread, remote } of open) {
      const ports = threads.get(thread) ?? new Set();
      threads.set(thread, ports.add(Number(remote.split(':').at(-1))));
    }
    return { pid, threads };
  }

  async #ask(path: string): Promise<unknown> {
    const socket = adminOf(this.#peers.server.directory).slice('unix:'.length);
    for (;;) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- until it answers
        return JSON.parse((await get(socket, path)).body);
      } catch (error) {
        this.#tally.fail(`the administration: ${String(error)}`);
        // oxlint-disable-next-line no-await-in-loop -- as above
        await delay(100);
      }
    }
  }

  async #untilAnother(before: number): Promise<void> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- again and again
      const { pid } = (await this.#ask('/status')) as { readonly pid: number };
      if (pid !== before) return;
      // oxlint-disable-next-line no-await-in-loop -- as above
      await delay(20);
    }
  }

  // Whether a blow had to cost this request.
  #isExpected({ code, begun, lost, port }: Loss): boolean {
    if (code === 'ECONNREFUSED') return false;
    return this.#blows.some((blow) => {
      if (begun > blow.done + BLUR || lost < blow.fell) return false;
      if (blow.struck.has(port)) return true;
      // It may have come to what was struck after that was looked at.
      return !blow.spared.has(port) && begun > blow.looked - BLUR;
    });
  }

  #describe({ what, code, begun, lost, port }: Loss): string {
    const near = this.#blows.findLast(({ looked }) => looked < lost);
    const when =
      near === undefined
        ? ''
        : `, begun ${(begun - near.fell).toFixed(0)} and lost ${(lost - near.fell).toFixed(0)} ms after a blow` +
          ` (struck ${near.struck.has(port)}, spared ${near.spared.has(port)})`;
    return `${what}: ${code}${when}`;
  }

  #readLogs(): void {
    const lines = (name: string): string[] =>
      readFileSync(join(this.#peers.server.directory, name), 'latin1').split('\n').slice(0, -1);
    for (const line of lines('error.log')) this.#tally.fail(`the error log says: ${line}`);
    const logged = lines('access.log').length;
    if (logged !== this.#tally.requests) {
      this.#tally.fail(`${this.#tally.requests} requests, ${logged} lines in the access log`);
    }
  }
}

/** Connections to a port of 127.0.0.1 that no process has accepted yet. */
function connectionsWaiting(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let waiting = 0;
  for (const line of readFileSync('/proc/net/tcp', 'latin1').split('\n').slice(1)) {
    const [, address, , state, queues = ''] = line.trim().split(/ +/);
    // Of a socket that listens (0A) the second queue is that of its connections.
    if (address === local && state === '0A') waiting += parseInt(queues.split(':')[1] ?? '', 16);
  }
  return waiting;
}
