/**
 * A web thread: its sockets, its pipelines, its logs. It builds each model beside the one that it serves
 * and swaps when told; connections on sites that did not change notice nothing.
 */
import { randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import { pid } from 'node:process';
import { Deadlines, MemoryBudget, systemClock } from '../base/index.ts';
import type { SiteModel } from '../config/index.ts';
import { ConnectionCensus, Turn, TurnClock, type WireThread } from '../net/index.ts';
import {
  CaptureNames,
  CORE_FAMILIES,
  coreVariables,
  ErrorLog,
  type HostEntry,
  HostTable,
  type ListenerModel,
  LogSet,
  LogTime,
  Variables,
  type VirtualHost,
} from '../pipeline/index.ts';
import { HotMemory, ReadAhead, type WebPorts } from '../web/index.ts';
import type { AddressMessage, FromThread, OpenFault, ThreadStart, ToThread } from './messages.ts';
import { type AddressParts, type AddressService, ServedAddress } from './served-address.ts';
import { buildSite, type SiteFault } from './site.ts';
import { inSlices } from './slices.ts';
import { UpstreamSet } from './upstreams.ts';

/** How often deadlines are looked at, and so how late one may be noticed. */
const SWEEP_MS = 250;
/** Bytes that one thread holds for slow peers. */
const MEMORY_BUDGET = 256 * 1024 * 1024;

interface BuiltSite {
  readonly json: string;
  readonly names: SiteModel['names'];
  readonly host: VirtualHost;
  /** Names of the upstreams that its routes use. */
  readonly uses: readonly string[];
}

type ModelMessage = Extract<ToThread, { type: 'model' }>;
type ErrorLogModel = ModelMessage['logs']['error'];

/** Where a thread writes until its first configuration says where. */
const FIRST_ERROR_LOG: ErrorLogModel = { path: { kind: 'stderr' }, level: 'error' };

/** A model that was prepared and waits for its commit. */
interface Prepared {
  readonly message: ModelMessage;
  readonly errorLog: ErrorLog;
  readonly upstreams: UpstreamSet;
  readonly sites: Map<string, BuiltSite>;
  readonly models: Map<string, ListenerModel>;
  readonly opened: Map<string, ServedAddress>;
}

function monotonic(): number {
  return systemClock.monotonic();
}

/** See the head of this file. */
export class WebThread {
  readonly #say: (message: FromThread) => void;
  readonly #start: ThreadStart;
  readonly #logs = new LogSet();
  readonly #clock = new TurnClock(systemClock);
  readonly #time = new LogTime(this.#clock);
  readonly #census = new ConnectionCensus();
  readonly #thread: WireThread;
  readonly #web: WebPorts;
  readonly #variables = new Variables(coreVariables({ hostname: hostname(), pid }), CORE_FAMILIES);
  readonly #captures = new CaptureNames(this.#variables);
  readonly #sweep: NodeJS.Timeout;
  // Sized by the configuration when there is one.
  readonly #hotMemory = new HotMemory(0);
  #errorLogModel = FIRST_ERROR_LOG;
  #errorLog: ErrorLog;
  #served = new Map<string, ServedAddress>();
  #sites = new Map<string, BuiltSite>();
  #upstreams: UpstreamSet | null = null;
  #incoming: ModelMessage | null = null;
  #texts = new Map<string, string | null>();
  #prepared: Prepared | null = null;
  #retired = false;

  constructor(start: ThreadStart, say: (message: FromThread) => void) {
    this.#start = start;
    this.#say = say;
    this.#errorLog = this.#makeErrorLog(FIRST_ERROR_LOG);
    this.#logs.onTrouble = (message) => {
      this.#errorLog.log('crit', message);
    };
    this.#thread = {
      turn: new Turn(this.#clock, (error) => {
        this.defect(error);
      }),
      clock: this.#clock,
      deadlines: new Deadlines(),
      budget: new MemoryBudget(MEMORY_BUDGET),
    };
    this.#web = {
      clock: this.#clock,
      random: () => randomInt(2 ** 32) / 2 ** 32,
      memory: this.#hotMemory,
      readAhead: new ReadAhead(),
    };
    this.#sweep = setInterval(() => {
      this.#tick();
    }, SWEEP_MS);
  }

  /** Writes an error of our own code to the error log. */
  defect(error: unknown): void {
    this.#errorLog.defect(null, error);
  }

  /** Does what the main thread asks. */
  async take(message: ToThread): Promise<void> {
    switch (message.type) {
      case 'model':
        this.#incoming = message;
        this.#texts = new Map();
        return;
      case 'sites':
        for (const [host, json] of message.sites) this.#texts.set(host, json);
        this.#say({ type: 'more' });
        return;
      case 'prepare':
        try {
          await this.#prepare();
        } catch (error) {
          // The main thread waits for an answer, and would never load anything again.
          this.defect(error);
          const fault: SiteFault = {
            path: [],
            message: `The configuration cannot be built: ${String(error)}`,
            cure: 'See the error log',
          };
          this.#say({ type: 'prepared', siteFaults: [fault], openFaults: [], ports: [] });
        }
        return;
      case 'commit':
        this.#commit();
        return;
      case 'discard':
        for (const address of this.#prepared?.opened.values() ?? []) address.retire();
        this.#prepared = null;
        return;
      case 'reopen-logs':
        this.#logs.reopen();
        return;
      case 'retire':
        this.#retired = true;
        for (const address of this.#served.values()) address.retire();
        this.#tick();
        return;
      case 'stop':
        clearInterval(this.#sweep);
        await this.#logs.close();
        this.#say({ type: 'stopped' });
    }
  }

  #tick(): void {
    const { turn, deadlines, clock } = this.#thread;
    turn.enter();
    try {
      deadlines.sweep(clock.monotonic());
    } catch (error) {
      this.defect(error);
    }
    turn.leave();
    if (this.#retired && this.#census.open === 0) {
      this.#retired = false;
      this.#say({ type: 'idle' });
    }
  }

  async #prepare(): Promise<void> {
    const message = this.#incoming;
    if (message === null) return;
    const siteFaults: SiteFault[] = [];
    const openFaults: OpenFault[] = [];
    const ports: [string, number][] = [];
    const sites = new Map<string, BuiltSite>();
    const upstreams = await UpstreamSet.buildBeside(this.#upstreams, message.upstreams, {
      thread: this.#thread,
      onDefect: (error) => {
        this.defect(error);
      },
    });
    await inSlices(
      this.#texts,
      ([host, json]) => {
        const built = this.#build(host, json, message.logs, upstreams, siteFaults);
        if (built !== null) sites.set(host, built);
      },
      monotonic,
    );
    const errorLog = this.#nextErrorLog(message.logs.error, siteFaults);
    const prepared: Prepared = {
      message,
      errorLog,
      upstreams,
      sites,
      models: new Map(),
      opened: new Map(),
    };
    if (siteFaults.length === 0) {
      await inSlices(
        message.addresses,
        (address) => {
          const model = this.#listenerModel(address, sites, siteFaults);
          if (model !== null) prepared.models.set(address.key, model);
        },
        monotonic,
      );
    }
    if (siteFaults.length === 0) await this.#openNew(prepared, openFaults, ports);
    this.#prepared = prepared;
    this.#say({ type: 'prepared', siteFaults, openFaults, ports });
  }

  // The same log goes on where nothing about it changed, so that pipelines need not be made anew.
  #nextErrorLog(model: ErrorLogModel, faults: SiteFault[]): ErrorLog {
    const same = JSON.stringify(model) === JSON.stringify(this.#errorLogModel);
    if (same) return this.#errorLog;
    try {
      return this.#makeErrorLog(model);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      faults.push({
        path: ['logs', 'error'],
        message: `The log cannot be opened: ${said}`,
        cure: 'Create its directory, or choose another path',
      });
      return this.#errorLog;
    }
  }

  #makeErrorLog({ path, level }: ErrorLogModel): ErrorLog {
    // An entry is written at once: who reads it wants to know now.
    const sink = this.#logs.open(path, 0);
    return new ErrorLog(sink, level, this.#time, { pid, thread: this.#start.thread });
  }

  // A site whose text is the same keeps its virtual host, with its warm files and open upstreams.
  #build(
    host: string,
    json: string | null,
    defaultLogs: ModelMessage['logs'],
    upstreams: UpstreamSet,
    faults: SiteFault[],
  ): BuiltSite | null {
    const known = this.#sites.get(host);
    const text = json ?? known?.json;
    if (text === undefined) return null;
    if (
      known?.json === text &&
      known.uses.every((name) => upstreams.hasSame(name, this.#upstreams))
    ) {
      return known;
    }
    const site = JSON.parse(text) as SiteModel;
    const built = buildSite(
      site,
      host,
      {
        defaultLogs,
        web: this.#web,
        upstreams,
        variables: this.#variables,
        captures: this.#captures,
        logs: this.#logs,
        time: this.#time,
        pid,
        thread: this.#start.thread,
      },
      faults,
    );
    if (built === null) return null;
    const uses = Object.values(site.routes).flatMap((route) =>
      route.kind === 'proxy' ? [route.proxy] : [],
    );
    return { json: text, names: site.names, host: built, uses };
  }

  #listenerModel(
    address: AddressMessage,
    sites: Map<string, BuiltSite>,
    faults: SiteFault[],
  ): ListenerModel | null {
    const entries: HostEntry<VirtualHost>[] = [];
    for (const host of address.hosts) {
      const site = sites.get(host);
      if (site === undefined) continue;
      for (const name of site.names) {
        if (name.kind !== 'any') entries.push({ name, target: site.host });
      }
    }
    const fallback = sites.get(address.fallback);
    if (fallback === undefined) return null;
    const hosts = HostTable.build(entries, fallback.host);
    if ('value' in hosts) return { hosts: hosts.value };
    for (const { message, cure } of hosts.faults) {
      faults.push({ path: ['sites', address.fallback, 'serverNames'], message, cure });
    }
    return null;
  }

  async #openNew(
    prepared: Prepared,
    faults: OpenFault[],
    ports: [string, number][],
  ): Promise<void> {
    const parts: AddressParts = {
      thread: this.#thread,
      census: this.#census,
      time: this.#time,
      serverName: this.#start.serverName,
    };
    for (const address of prepared.message.addresses) {
      const model = prepared.models.get(address.key);
      if (model === undefined || this.#served.has(address.key)) continue;
      try {
        const served = await ServedAddress.open(serviceOf(address, model, prepared), parts);
        prepared.opened.set(address.key, served);
        ports.push([address.key, served.port]);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        faults.push({ key: address.key, code, message: String(error) });
      }
    }
  }

  #commit(): void {
    const prepared = this.#prepared;
    if (prepared === null) return;
    this.#prepared = null;
    const served = new Map<string, ServedAddress>();
    for (const address of prepared.message.addresses) {
      const { key } = address;
      const model = prepared.models.get(key);
      const opened = prepared.opened.get(key) ?? this.#served.get(key);
      if (model === undefined || opened === undefined) continue;
      opened.swap(serviceOf(address, model, prepared));
      served.set(key, opened);
    }
    for (const [key, address] of this.#served) {
      if (!served.has(key)) address.retire();
    }
    this.#served = served;
    this.#sites = prepared.sites;
    this.#upstreams?.retireAllBut(prepared.upstreams);
    this.#upstreams = prepared.upstreams;
    this.#errorLog = prepared.errorLog;
    this.#errorLogModel = prepared.message.logs.error;
    this.#hotMemory.resize(prepared.message.hotFileMemory);
    this.#say({ type: 'committed' });
  }
}

function serviceOf(
  address: AddressMessage,
  model: ListenerModel,
  { message, errorLog }: Prepared,
): AddressService {
  return { address, model, limits: message.limits, errorLog };
}
