/**
 * A server under load whose configuration changes all the time. Requests of every kind go on meanwhile, and
 * each must be answered whole and by a configuration that was served while it was asked.
 */
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LoadBackEnd } from './load-back-end.ts';
import { download, LoadTally, run, tunnel, upload, visit } from './load-clients.ts';
import {
  BIG,
  ERRANDS,
  loadConfig,
  type LoadConfig,
  type LoadSite,
  MAIN,
  makeLoadFiles,
  STEADY,
} from './load-site.ts';
import { freePort, temporaryDirectory } from './process.ts';
import { ServedConfig } from './served-config.ts';

/** How long and how hard. */
export interface ReloadLoad {
  readonly seconds: number;
  /** Milliseconds from one reload to the next. */
  readonly every: number;
  /** Web threads. */
  readonly threads: number;
}

/** Counts of one run; it passed where `failures` is empty. */
export interface ReloadReport {
  readonly reloads: number;
  /** Bad configurations that were refused for the right reason. */
  readonly refused: number;
  readonly requests: number;
  readonly connections: number;
  readonly bytes: number;
  /** Lines of the access log, one for each request. */
  readonly logged: number;
  readonly failures: readonly string[];
}

interface Ports {
  readonly extra: number;
  readonly back: number;
}

const LISTEN = '127.0.0.1:0';
const PIECES = BIG / 65536;
/** Generation of configurations that must never be served. */
const NEVER = 60_000;

/** Whether the address that comes and goes is there. */
function hasExtra(generation: number): boolean {
  return generation % 3 === 1;
}

/** Whether the site that comes and goes is there. */
function hasAdded(generation: number): boolean {
  return generation % 2 === 1;
}

// Everything changes at its own pace: header values and an upstream each time, a site every second, an
// address every third. One site and one upstream never change.
function configOf(generation: number, threads: number, { extra, back }: Ports): LoadConfig {
  const config = loadConfig(generation, {
    threads,
    back,
    listen: hasExtra(generation) ? [LISTEN, `127.0.0.1:${extra}`] : [LISTEN],
  });
  if (!hasAdded(generation)) return config;
  const added = { listen: [LISTEN], routes: { '/': { respond: 200, body: 'added' } } };
  return { ...config, sites: { ...config.sites, 'added.test': added } };
}

interface Bad {
  /** What must be said of it. */
  readonly reason: RegExp;
  readonly make: (config: LoadConfig, ports: Ports) => object | string;
}

function withRoute(config: LoadConfig, route: object): object {
  const main = config.sites['main.test'];
  const routes = { ...(main?.['routes'] as object), '/bad': route };
  return { ...config, sites: { ...config.sites, 'main.test': { ...main, routes } } };
}

function withSite(config: LoadConfig, site: LoadSite): object {
  return { ...config, sites: { ...config.sites, 'bad.test': site } };
}

// Some are found when the text is read, some when it is checked, some in the web threads when they build
// or open what it asks for.
const BAD: readonly Bad[] = [
  { reason: /c\.json:1:/, make: () => '{' },
  { reason: /c\.json/, make: () => '' },
  {
    reason: /Unknown key "frobnicate"/,
    make: (config) => ({ ...config, frobnicate: 1 }),
  },
  {
    reason: /There is no directory .*nowhere/,
    make: (config) => withRoute(config, { files: './nowhere' }),
  },
  {
    reason: /nobody/,
    make: (config) => withRoute(config, { proxy: 'nobody' }),
  },
  {
    reason: /no_such_variable/,
    make: (config) => withRoute(config, { redirect: '/$no_such_variable' }),
  },
  {
    reason: /belongs to the site "main\.test" already/,
    make: (config) =>
      withSite(config, {
        listen: [LISTEN],
        serverNames: ['main.test'],
        routes: { '/': { respond: 204 } },
      }),
  },
  {
    reason: /Another program listens on this address/,
    make: (config, { back }) =>
      withSite(config, {
        listen: [`127.0.0.1:${back}`],
        routes: { '/': { respond: 204 } },
      }),
  },
  {
    reason: /missing for the log/,
    make: (config) => ({ ...config, logs: { access: 'off', error: './missing/error.log' } }),
  },
  {
    reason: /soon/,
    make: (config) => ({ ...config, limits: { keepAliveTimeout: 'soon' } }),
  },
];

/** See the head of this file. */
export async function reloadUnderLoad(load: ReloadLoad): Promise<ReloadReport> {
  const backEnd = new LoadBackEnd();
  await backEnd.start();
  const directory = temporaryDirectory();
  makeLoadFiles(directory);
  const ports = { extra: await freePort(), back: backEnd.port };
  const server = await ServedConfig.start(configOf(0, load.threads, ports), {}, directory);
  try {
    return await new Run(load, ports, backEnd, server).whole();
  } finally {
    await server.stop();
    server.remove();
    backEnd.stop();
  }
}

class Run {
  readonly #load: ReloadLoad;
  readonly #ports: Ports;
  readonly #backEnd: LoadBackEnd;
  readonly #server: ServedConfig;
  readonly #tally = new LoadTally();
  readonly #clients: Promise<void>[] = [];
  #over = false;
  #handOvers = 0;
  #refused = 0;

  constructor(load: ReloadLoad, ports: Ports, backEnd: LoadBackEnd, server: ServedConfig) {
    this.#load = load;
    this.#ports = ports;
    this.#backEnd = backEnd;
    this.#server = server;
  }

  async whole(): Promise<ReloadReport> {
    const tally = this.#tally;
    this.#startClients();
    const rounds = Math.max(1, Math.round((this.#load.seconds * 1000) / this.#load.every));
    for (let round = 1; round <= rounds; round++) {
      // oxlint-disable no-await-in-loop -- one reload after the other
      await Promise.all([this.#change(round), delay(this.#load.every)]);
      // oxlint-enable no-await-in-loop
    }
    this.#over = true;
    this.#backEnd.finishing = true;
    await Promise.all(this.#clients);
    const status = await this.#server.stop();
    if (status !== 0) tally.fail(`the server ended with ${status}`);
    return {
      reloads: rounds,
      refused: this.#refused,
      requests: tally.requests,
      connections: tally.connections,
      bytes: tally.bytes,
      logged: this.#readLogs(),
      failures: tally.failures,
    };
  }

  #startClients(): void {
    const tally = this.#tally;
    const { port } = this.#server;
    const over = (): boolean => this.#over;
    for (let i = 0; i < 4; i++) {
      const errands = [...ERRANDS.slice(i), ...ERRANDS.slice(0, i)];
      this.#clients.push(visit(port, errands, i < 3, tally, over, () => this.#handOvers));
    }
    const stays = [
      [MAIN.host, '/live'],
      [MAIN.host, '/other'],
      [STEADY.host, '/live'],
      [STEADY.host, '/other'],
    ] as const;
    for (const [host, path] of stays) {
      const from = `${path}/${host}/download`;
      const sent = (): number | undefined => this.#backEnd.downloaded.get(from);
      this.#clients.push(
        tunnel(port, host, `${path}/tunnel`, tally, over),
        upload(port, host, `${path}/upload`, tally, over),
        download(port, host, from, 0, sent, tally),
      );
    }
    this.#readSlowly(port, (this.#load.seconds * 1000) / PIECES);
  }

  #readSlowly(port: number, pause: number): void {
    const path = '/files/big.bin';
    this.#clients.push(download(port, MAIN.host, path, pause, () => BIG, this.#tally));
  }

  async #change(generation: number): Promise<void> {
    const tally = this.#tally;
    const { threads } = this.#load;
    // A bad one in front of every second good one.
    const bad = generation % 2 === 0 ? BAD[(generation / 2 - 1) % BAD.length] : undefined;
    if (bad !== undefined) await this.#offerBad(bad);
    const config = configOf(generation, threads, this.#ports);
    if (hasExtra(generation) !== hasExtra(generation - 1)) this.#handOvers++;
    tally.offered = generation;
    const { taken, reasons } = await this.#server.reload(config);
    if (taken) tally.served = generation;
    else tally.fail(`generation ${generation} was refused: ${reasons}`);
    await this.#look(generation);
  }

  async #offerBad({ reason, make }: Bad): Promise<void> {
    const config = make(configOf(NEVER, this.#load.threads, this.#ports), this.#ports);
    const { taken, reasons } = await this.#server.reload(config);
    if (!taken && reason.test(reasons)) this.#refused++;
    else this.#tally.fail(`${String(reason)}: taken ${taken}, said: ${reasons}`);
  }

  /** What came with this generation must be there, and what went must be gone. */
  async #look(generation: number): Promise<void> {
    const tally = this.#tally;
    const { port } = this.#server;
    const { extra } = this.#ports;
    const agent = new Agent({ keepAlive: false });
    const added = hasAdded(generation)
      ? { host: 'added.test', path: '/', answer: 'added', tagged: false }
      : { host: 'added.test', path: '/', answer: 'fixed', tagged: true };
    await run(port, added, agent, tally);
    if (hasExtra(generation)) {
      await run(extra, { ...MAIN, path: '/', answer: 'fixed' }, agent, tally);
      // It goes on while its address goes.
      this.#readSlowly(extra, (this.#load.every * 1.5) / PIECES);
    } else if (await isOpen(extra)) {
      tally.fail(`generation ${generation}: an address is open that is gone`);
    }
  }

  #readLogs(): number {
    const lines = (name: string): string[] =>
      readFileSync(join(this.#server.directory, name), 'latin1').split('\n').slice(0, -1);
    for (const line of lines('error.log')) {
      // Of the bad ones.
      if (line.includes('[crit]') && line.includes(': The configuration was not changed: '))
        continue;
      this.#tally.fail(`the error log says: ${line}`);
    }
    const logged = lines('access.log').length;
    if (logged !== this.#tally.requests) {
      this.#tally.fail(`${this.#tally.requests} requests, ${logged} lines in the access log`);
    }
    return logged;
  }
}

async function isOpen(port: number): Promise<boolean> {
  const tally = new LoadTally();
  const agent = new Agent({ keepAlive: false });
  await run(port, { ...MAIN, path: '/', answer: 'fixed' }, agent, tally);
  return !tally.failures.some((failure) => failure.includes('ECONNREFUSED'));
}
