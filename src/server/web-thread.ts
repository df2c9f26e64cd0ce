/**
 * A web thread: its sockets, its pipelines, its logs. It builds each model beside the one that it serves
 * and swaps when told; connections on sites that did not change notice nothing.
 */
import { randomInt } from 'node:crypto';
import { pid } from 'node:process';
import { Deadlines, MemoryBudget, systemClock } from '../base/index.ts';
import type { AddressSites, SiteModel } from '../config/index.ts';
import {
  type Certificate,
  ConnectionCensus,
  descriptorRoom,
  Turn,
  TurnClock,
  type WireThread,
} from '../net/index.ts';
import {
  CaptureNames,
  compileTemplate,
  ErrorLog,
  type Held,
  HostTableBuilder,
  type ListenerModel,
  LogSet,
  LogTime,
  type VirtualHost,
} from '../pipeline/index.ts';
import { Holds, HotMemory, ReadAhead, threadAlarm, type WebPorts } from '../web/index.ts';
import { machineClock } from '../zone/index.ts';
import type { AddressMessage, FromThread, ThreadStart, ToThread } from './messages.ts';
import { ApplicationSet } from './applications.ts';
import { BEAT_MS, Heart, pulseOf } from './beats.ts';
import { builtinVariables, type LimitPorts } from './builtins.ts';
import { CertificateSet } from './certificates.ts';
import { connectionReport } from './connection-report.ts';
import {
  type AddressParts,
  type AddressService,
  ServedAddress,
  type ShownCertificates,
} from './served-address.ts';
import type { ConnectionReport, SiteFault } from './port.ts';
import { buildSite } from './site.ts';
import { inSlices } from './slices.ts';
import { ThreadTally } from './tallies.ts';
import type { NamedText, TextKind } from './texts.ts';
import { ThreadAway } from './thread-away.ts';
import { ThreadZones, type ZoneKind } from './thread-zones.ts';
import { UpstreamSet } from './upstreams.ts';
import { seatOf } from './zone-book.ts';

/** Bytes that one thread holds for slow peers. */
const MEMORY_BUDGET = 256 * 1024 * 1024;

interface BuiltSite {
  readonly json: string;
  readonly names: SiteModel['names'];
  readonly listen: SiteModel['listen'];
  readonly host: VirtualHost;
  /** Names of the upstreams that its routes use. */
  readonly uses: readonly string[];
  /** The zones that it and its routes count in. */
  readonly zones: readonly (readonly [ZoneKind, string])[];
}

type ModelMessage = Extract<ToThread, { type: 'model' }>;
type ErrorLogModel = ModelMessage['logs']['error'];

/** The error log of the thread itself, and its lease. */
interface ThreadLog {
  readonly errors: ErrorLog;
  readonly lease: Held;
}

/** How much longer than its limit the main thread may stand still before a thread takes nobody any more, in milliseconds. */
const MAIN_GRACE_MS = 5000;

/** Where a thread writes until its first configuration says where. */
const FIRST_ERROR_LOG: ErrorLogModel = { path: { kind: 'stderr' }, level: 'error', notFound: true };

/** A model that was prepared and waits for its commit. */
interface Prepared {
  readonly message: ModelMessage;
  readonly errorLog: ThreadLog;
  readonly certificates: CertificateSet;
  readonly upstreams: UpstreamSet;
  readonly zones: ThreadZones;
  readonly applications: ApplicationSet;
  readonly sites: Map<string, BuiltSite>;
  /** By the key of the address, narrow ones included. */
  readonly models: Map<string, ListenerModel>;
  readonly tls: Map<string, ShownCertificates>;
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
  readonly #census: ConnectionCensus;
  readonly #machine = machineClock();
  readonly #heart: Heart;
  readonly #thread: WireThread;
  readonly #web: WebPorts;
  // A name that one configuration used counts as in use ever after.
  readonly #builtin = builtinVariables();
  readonly #captures = new CaptureNames(this.#builtin.variables);
  readonly #sweep: NodeJS.Timeout;
  // Sized by the configuration when there is one.
  readonly #hotMemory = new HotMemory(0);
  #errorLogModel = FIRST_ERROR_LOG;
  #errorLog: ThreadLog;
  readonly #standardError: ErrorLog;
  readonly #parts: AddressParts;
  readonly #served = new Map<string, ServedAddress>();
  #sites = new Map<string, BuiltSite>();
  #certificates: CertificateSet | null = null;
  #upstreams: UpstreamSet | null = null;
  #zones: ThreadZones | null = null;
  #applications: ApplicationSet | null = null;
  readonly #away: ThreadAway;
  readonly #limits: LimitPorts;
  #incoming: ModelMessage | null = null;
  #texts: Record<TextKind, NamedText[]> = noTexts();
  #prepared: Prepared | null = null;
  #retired = false;
  #mainLimit = 0;
  #isAlone = false;

  constructor(start: ThreadStart, say: (message: FromThread) => void) {
    this.#start = start;
    this.#say = say;
    const { thread, generation, tallies, beats } = start;
    const tally = new ThreadTally(tallies, { thread, generation });
    this.#census = new ConnectionCensus(tally);
    this.#heart = new Heart(beats, thread, this.#machine.monotonic());
    this.#errorLog = this.#makeErrorLog(FIRST_ERROR_LOG);
    this.#standardError = this.#errorLog.errors;
    this.#logs.onTrouble = (message, name) => {
      this.#tellOfLogs(message, name);
    };
    this.#thread = {
      turn: new Turn(this.#clock, (error) => {
        this.defect(error);
      }),
      clock: this.#clock,
      deadlines: new Deadlines(),
      budget: new MemoryBudget(MEMORY_BUDGET),
      descriptors: descriptorRoom(),
    };
    this.#parts = {
      thread: this.#thread,
      census: this.#census,
      time: this.#time,
      serverName: start.serverName,
      tally,
    };
    this.#web = {
      clock: this.#clock,
      random: () => randomInt(2 ** 32) / 2 ** 32,
      memory: this.#hotMemory,
      readAhead: new ReadAhead(),
    };
    this.#away = new ThreadAway({
      say,
      alarm: threadAlarm,
      onSilence: () => {
        const said =
          'Nobody decides about limits of requests that came before a hand-over; they pass';
        this.#errorLog.errors.log('warn', said);
      },
    });
    this.#limits = { away: this.#away, alarm: threadAlarm, holds: new Holds(this.#away) };
    this.#sweep = setInterval(() => {
      this.#tick();
    }, BEAT_MS);
  }

  // The disk that is full for one log may be full for the error log too, so standard error hears of it as well. A log
  // that loses lines is not told so itself: that would be lost, and told, again and again.
  #tellOfLogs(message: string, name: string): void {
    const { path } = this.#errorLogModel;
    const own = path.kind === 'file' ? path.path : path.kind;
    if (name !== own) this.#errorLog.errors.log('crit', message);
    if (own !== 'stderr' && name !== 'stderr') this.#standardError.log('crit', message);
  }

  /** Accepts nobody any more, and does nothing else; may be called while it stands still. */
  leaveSockets(): void {
    for (const address of this.#served.values()) address.leaveSockets();
  }

  /** Writes an error of our own code to the error log. */
  defect(error: unknown): void {
    this.#errorLog.errors.defect(null, error);
  }

  /** Does what the main thread asks. */
  async take(message: ToThread): Promise<void> {
    switch (message.type) {
      case 'model':
        this.#incoming = message;
        this.#texts = noTexts();
        return;
      case 'texts':
        this.#texts[message.kind].push(...message.texts);
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
          this.#say({ type: 'prepared', siteFaults: [fault] });
        }
        return;
      case 'commit':
        await this.#commit();
        return;
      case 'discard':
        if (this.#prepared === null) return;
        if (this.#prepared.errorLog !== this.#errorLog) this.#prepared.errorLog.lease.release();
        this.#releaseLogs(this.#prepared.sites, this.#sites);
        this.#prepared = null;
        return;
      case 'adopt':
        await this.#served.get(message.key)?.listen(message.descriptors);
        return;
      case 'note':
        this.#errorLog.errors.log(message.level, message.text);
        return;
      case 'report':
        this.#say(this.#report());
        return;
      case 'reopen-logs':
        this.#logs.reopen();
        return;
      case 'wind-down':
        this.#retired = true;
        for (const address of this.#served.values()) address.windDown();
        this.#say({ type: 'closed' });
        this.#tick();
        return;
      case 'retire':
        this.#retired = true;
        for (const address of this.#served.values()) address.retire();
        this.#say({ type: 'closed' });
        this.#tick();
        return;
      case 'leave-limits':
        this.#away.leave(this.#limits.holds.handOver(() => this.#away.nextId()));
        return;
      case 'stay-limits':
        this.#limits.holds.takeBack();
        this.#away.stay();
        return;
      case 'limit-verdict':
        this.#away.hear(message.id, message.verdict);
        return;
      case 'end-applications':
        await this.#applications?.stop();
        this.#say({ type: 'applications-ended' });
        return;
      case 'stop':
        clearInterval(this.#sweep);
        await this.#logs.close();
        this.#say({ type: 'stopped' });
    }
  }

  #tick(): void {
    const now = this.#machine.monotonic();
    this.#heart.beat(now);
    this.#watchMain(now);
    const { turn, deadlines, clock } = this.#thread;
    turn.enter();
    try {
      deadlines.sweep(clock.monotonic());
    } catch (error) {
      this.defect(error);
    }
    turn.leave();
    this.#zones?.settle();
    if (this.#retired && this.#census.open === 0) {
      this.#retired = false;
      this.#say({ type: 'idle' });
    }
  }

  // Another process takes the place of one whose main thread stands still, and cannot tell this thread so.
  #watchMain(now: number): void {
    if (this.#mainLimit === 0 || this.#isAlone) return;
    const stall = pulseOf(this.#start.beats, 0, now)?.stall ?? 0;
    if (stall < this.#mainLimit + MAIN_GRACE_MS) return;
    this.#isAlone = true;
    this.#errorLog.errors.log(
      'crit',
      'The main thread stands still; this thread accepts nothing any more',
    );
    for (const address of this.#served.values()) address.windDown();
  }

  #report(): Extract<FromThread, { type: 'report' }> {
    const connections: ConnectionReport[] = [];
    const { clock } = this.#thread;
    for (const served of this.#served.values())
      for (const open of served.connections())
        connections.push(connectionReport(this.#start.thread, open, clock.monotonic()));
    return { type: 'report', connections, peers: this.#upstreams?.sights(clock.monotonic()) ?? [] };
  }

  async #prepare(): Promise<void> {
    const message = this.#incoming;
    if (message === null) return;
    const siteFaults: SiteFault[] = [];
    const sites = new Map<string, BuiltSite>();
    const certificates = await CertificateSet.buildBeside(
      this.#certificates,
      this.#texts.certificates,
      monotonic,
    );
    const upstreams = await UpstreamSet.buildBeside(this.#upstreams, this.#texts.upstreams, {
      thread: this.#thread,
      seat: { thread: this.#start.thread, generation: this.#start.generation },
      onDefect: (error) => {
        this.defect(error);
      },
    });
    const zones = new ThreadZones(message.zones, this.#zones);
    const applications = this.#applications ?? new ApplicationSet(message.apps);
    await inSlices(
      this.#texts.sites,
      ([host, json]) => {
        const parts = { upstreams, zones, applications };
        const built = this.#build(host, json, message.logs, parts, siteFaults);
        if (built !== null) sites.set(host, built);
      },
      monotonic,
    );
    // The expressions of all sites have made their variables.
    zones.compileKeys((kind, name, key) => {
      const compiled = compileTemplate(key, this.#builtin.variables);
      if ('value' in compiled) return compiled.value;
      siteFaults.push({ path: [kind, name, 'key'], ...compiled });
      return null;
    });
    const errorLog = this.#nextErrorLog(message.logs.error, siteFaults);
    const prepared: Prepared = {
      message,
      errorLog,
      certificates,
      upstreams,
      zones,
      applications,
      sites,
      models: new Map(),
      tls: new Map(),
    };
    // Now, so that what goes wrong from here on leaves no log open.
    this.#prepared = prepared;
    if (siteFaults.length === 0) {
      const addresses = message.addresses.flatMap((address) => [address, ...address.narrow]);
      await addListenerModels(prepared, addresses, siteFaults);
    }
    if (siteFaults.length === 0 && this.#applications === null) {
      siteFaults.push(...(await this.#startApplications(applications, errorLog.errors)));
    }
    this.#say({ type: 'prepared', siteFaults });
  }

  #startApplications(
    applications: ApplicationSet,
    errors: ErrorLog,
  ): Promise<readonly SiteFault[]> {
    return applications.start({
      clock: systemClock,
      serverName: this.#start.serverName,
      log: (message, isError) => {
        errors.log(isError ? 'error' : 'notice', message);
      },
    });
  }

  // The same log goes on where nothing about it changed, so that pipelines need not be made anew.
  #nextErrorLog(model: ErrorLogModel, faults: SiteFault[]): ThreadLog {
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

  #makeErrorLog({ path, level }: ErrorLogModel): ThreadLog {
    const lease = this.#logs.lease();
    // An entry is written at once: who reads it wants to know now.
    const sink = lease.open(path, 0);
    const errors = new ErrorLog(sink, level, this.#time, { pid, thread: this.#start.thread });
    return { errors, lease };
  }

  // Sites that did not change have one virtual host in both configurations, which goes on as it is.
  #releaseLogs(left: Map<string, BuiltSite>, kept: Map<string, BuiltSite>): void {
    const release = ([name, { host }]: [string, BuiltSite]): void => {
      if (kept.get(name)?.host !== host) host.logs?.release();
    };
    inSlices(left, release, monotonic).catch((error: unknown) => {
      this.defect(error);
    });
  }

  // A site whose text is the same keeps its virtual host, with its warm files and open upstreams.
  #build(
    host: string,
    json: string | null,
    defaultLogs: ModelMessage['logs'],
    { upstreams, zones, applications }: Pick<Prepared, 'upstreams' | 'zones' | 'applications'>,
    faults: SiteFault[],
  ): BuiltSite | null {
    const known = this.#sites.get(host);
    const text = json ?? known?.json;
    if (text === undefined) return null;
    if (
      known?.json === text &&
      known.uses.every((name) => upstreams.hasSame(name, this.#upstreams)) &&
      known.zones.every(([kind, name]) => zones.hasSame(kind, name, this.#zones))
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
        applications,
        zones,
        limits: this.#limits,
        ...this.#builtin,
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
    const { names, listen } = site;
    return { json: text, names, listen, host: built, uses, zones: zonesOf(site) };
  }

  async #commit(): Promise<void> {
    const prepared = this.#prepared;
    if (prepared === null) return;
    this.#prepared = null;
    const isFirst = this.#upstreams === null;
    this.#releaseLogs(this.#sites, prepared.sites);
    this.#sites = prepared.sites;
    this.#certificates = prepared.certificates;
    this.#upstreams?.retireAllBut(prepared.upstreams);
    this.#upstreams = prepared.upstreams;
    prepared.zones.attach(seatOf(this.#start.thread));
    this.#zones = prepared.zones;
    this.#applications = prepared.applications;
    this.#away.gate = prepared.message.zones.gate;
    // Releasing may tell of lost lines, which is for the new log to hear.
    const before = this.#errorLog;
    this.#errorLog = prepared.errorLog;
    if (before !== prepared.errorLog) before.lease.release();
    this.#errorLogModel = prepared.message.logs.error;
    this.#mainLimit = prepared.message.stuckThreadTimeout;
    this.#hotMemory.resize(prepared.message.hotFileMemory);
    // Last: a thread that cannot take a configuration over has answered nobody by it.
    for (const address of prepared.message.addresses) {
      const service = serviceOf(address, prepared);
      if (isFirst) this.#served.set(address.key, new ServedAddress(service, this.#parts));
      else this.#served.get(address.key)?.swap(service);
    }
    if (isFirst) await this.#listen(prepared.message.addresses);
    this.#say({ type: 'committed' });
  }

  async #listen(addresses: readonly AddressMessage[]): Promise<void> {
    for (const { key, descriptors } of addresses) {
      // oxlint-disable-next-line no-await-in-loop -- it takes no time to speak of
      await this.#served.get(key)?.listen(descriptors);
    }
  }
}

function zonesOf(site: SiteModel): readonly (readonly [ZoneKind, string])[] {
  const all = [site, ...Object.values(site.routes)].flatMap(({ limiting }) => [
    ...(limiting?.limitRequests ?? []).map(({ zone }) => ['rateZones', zone] as const),
    ...(limiting?.limitConnections ?? []).map(({ zone }) => ['connectionZones', zone] as const),
  ]);
  return [...new Map(all.map((use) => [use.join(' '), use])).values()];
}

function noTexts(): Record<TextKind, NamedText[]> {
  return { certificates: [], sites: [], upstreams: [] };
}

function serviceOf(
  address: AddressMessage,
  { message, models, errorLog, tls }: Prepared,
): AddressService {
  return { address, models, tls, limits: message.limits, errorLog: errorLog.errors };
}

/**
 * Makes the model of each address out of the sites on it, with what they show there, and notes what is wrong with
 * their names.
 */
async function addListenerModels(
  { models, tls, sites, certificates }: Prepared,
  addresses: readonly AddressSites[],
  faults: SiteFault[],
): Promise<void> {
  const tables = new Map<AddressSites, HostTableBuilder<VirtualHost>>();
  const shown = new Map<AddressSites, Map<VirtualHost, Certificate>>();
  for (const address of addresses) {
    const fallback = sites.get(address.fallback);
    if (fallback === undefined) continue;
    tables.set(address, new HostTableBuilder(fallback.host));
    if (address.tls) shown.set(address, new Map());
  }
  // Slices go across addresses: there may be many with few sites each, or one with many.
  await inSlices(
    sitesOf(tables, sites),
    ([address, table, { names, listen, host }]) => {
      for (const name of names) if (name.kind !== 'any') table.add({ name, target: host });
      const certificate = certificates.shownBy(listen, address);
      if (certificate !== null) shown.get(address)?.set(host, certificate);
    },
    monotonic,
  );
  for (const [{ key }, own] of shown) tls.set(key, own);
  for (const [{ key, fallback }, table] of tables) {
    const hosts = table.finish();
    if ('value' in hosts) models.set(key, { hosts: hosts.value });
    else {
      for (const { message, cure } of hosts.faults) {
        faults.push({ path: ['sites', fallback, 'serverNames'], message, cure });
      }
    }
  }
}

function* sitesOf(
  tables: ReadonlyMap<AddressSites, HostTableBuilder<VirtualHost>>,
  sites: ReadonlyMap<string, BuiltSite>,
): Generator<readonly [AddressSites, HostTableBuilder<VirtualHost>, BuiltSite]> {
  for (const [address, table] of tables) {
    for (const host of address.hosts) {
      const site = sites.get(host);
      if (site !== undefined) yield [address, table, site];
    }
  }
}
