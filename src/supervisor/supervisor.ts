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
  type AddressProtocol,
  certificatesOf,
  type ConfigModel,
  protocolOf,
  type SocketAddress,
  socketsOf,
} from '../config/index.ts';
import { type Clock, within } from '../base/index.ts';
import type {
  ConfigOffer,
  NoteLevel,
  Order,
  ReloadReport,
  SupervisorReport,
  ToServer,
  Totals,
} from '../server/port.ts';
import { type Account, accountOf } from './account.ts';
import { adminGrantOf, type AdminPlan, AdminSocket, isSameAdmin } from './admin-socket.ts';
import { BackOff } from './back-off.ts';
import {
  FIRST_DESCRIPTOR,
  Generation,
  type GenerationWatch,
  type ServerProgram,
  type ThreadLoss,
} from './generation.ts';
import { LimitRelay } from './limit-relay.ts';
import {
  grantsOf,
  type InheritedSocket,
  ListenSockets,
  portsOf,
  type SocketPlan,
} from './listen-sockets.ts';
import { handLogsTo, logPaths } from './log-files.ts';
import { refusal, type Refusal } from './refusal.ts';

/** An address at work, as an announcement shows it. */
export interface ServedPort {
  readonly key: string;
  /** The port, also where the configuration says 0; 0 for a unix socket. */
  readonly port: number;
  /** What is spoken there. */
  readonly protocol: AddressProtocol;
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
  /** Sockets that are open already. None unless said. */
  readonly inherited?: readonly InheritedSocket[];
  /** Of Daemun, for reports. */
  readonly version: string;
  /** The configuration file; null where there is none. */
  readonly configFile: string | null;
  /** Does what HUP does, for an administrator. */
  readonly onReload: () => Promise<ReloadReport>;
  /** Ends all as QUIT does, with so many milliseconds for connections. */
  readonly onStop: (limit: number) => void;
}

/** What is served. */
interface Served extends ConfigOffer {
  readonly threads: number;
  readonly account: Account | null;
  readonly plan: SocketPlan;
  readonly admin: AdminPlan | null;
}

/** How long a server process may take from its start until it serves, in milliseconds. */
const START_MS = 120_000;
/** How long an idle connection stays open for a last request after a hand-over, in milliseconds. */
const LAST_REQUEST_MS = 5000;
/** How long a process that was told to end has beyond its grace, in milliseconds. */
const END_MS = 5000;

/** How often a server process is looked at that says nothing, in milliseconds. */
const LOOK_MS = 1000;
/** A silence that is no stall yet, in milliseconds: a process speaks once a second. */
const SILENCE_MS = 4000;

/** What a process answers that says nothing any more. */
const SILENT = Symbol('silent');

/** Lines for the error log that wait for a process to write them. */
const MOST_NOTES = 100;

/** How many threads a configuration asks for. */
function threadsOf({ threads }: ConfigModel): number {
  return threads === 'auto' ? availableParallelism() : threads;
}

/** See the head of this file. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #sockets = new ListenSockets();
  readonly #adminSocket: AdminSocket;
  readonly #backOff: BackOff;
  readonly #limits = new LimitRelay();
  #served: Served | null = null;
  #current: Generation | null = null;
  // The current process lacks a thread, or is over.
  #isHurt = false;
  #starting: Generation | null = null;
  readonly #ending = new Set<Generation>();
  readonly #listening: NodeJS.Timeout;
  readonly #began: number;
  // When the configuration that is served was taken over.
  #configured: number;
  // What processes have counted that are over.
  readonly #past: Record<string, number> = {};
  readonly #counts = { reloads: 0, refusals: 0, handOvers: 0, crashes: 0 };
  readonly #notes: Extract<ToServer, { type: 'note' }>[] = [];
  #generations = 0;
  #listened: number;
  // Hears that the process that serves says nothing any more.
  #onSilence: () => void = () => {};
  #replacing: NodeJS.Timeout | undefined;
  #stopping = false;
  #sharesSockets = false;
  // One change after the other.
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#backOff = new BackOff(() => options.clock.monotonic());
    const inherited = options.inherited ?? [];
    this.#sockets.adopt(inherited.filter(({ admin }) => admin !== true));
    this.#adminSocket = new AdminSocket(options.configFile, (sentence) => {
      this.#tell(sentence);
    });
    this.#adminSocket.adopt(inherited);
    this.#listening = setInterval(() => {
      this.#listen();
    }, LOOK_MS);
    this.#listening.unref();
    this.#began = options.clock.monotonic();
    this.#listened = this.#began;
    this.#configured = this.#began;
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
    const read = certificatesOf(config);
    if ('faults' in read)
      return refusal(
        read.faults.map(({ path, fault }) => ({ path, ...fault })),
        [],
      );
    const { certificates } = read;
    const addresses = addressesOf(Object.entries(config.sites));
    const sockets = socketsOf(addresses.values());
    const threads = threadsOf(config);
    const account = accountOf(config);
    if (account !== null) handLogsTo(account, logPaths(config));
    const admin = await this.#adminSocket.open(config);
    const next = { config, certificates, threads, account, admin };
    try {
      const swaps = this.#swappable(next, sockets);
      const swapped = swaps === null ? SILENT : await this.#swap(swaps, { config, certificates });
      const refused = swapped === SILENT ? await this.#handOverTo(next, sockets) : swapped;
      if (refused !== null) return refused;
    } finally {
      // What is not served in the end leaves nothing open.
      if (this.#served?.admin !== admin) this.#adminSocket.discard(admin);
    }
    this.#configured = this.#options.clock.monotonic();
    return portsServed(addresses.values(), this.#served);
  }

  // What is served now, where the process that serves it can take over another configuration; null otherwise.
  #swappable(next: Omit<Served, 'plan'>, sockets: readonly SocketAddress[]): Served | null {
    const served = this.#served;
    if (served === null || this.#current === null || this.#current.over) return null;
    const { addresses } = served.plan;
    const same =
      addresses.size === sockets.length && sockets.every(({ key }) => addresses.has(key));
    const { account, admin, threads } = next;
    const stays = served.account?.uid === account?.uid && served.account?.gid === account?.gid;
    const sameThreads = served.threads === threads;
    // Their modules run once in a process, and what has changed of them cannot be told.
    const hasApps = [served.config, next.config].some(({ apps }) => Object.keys(apps).length > 0);
    return same && stays && sameThreads && !hasApps && isSameAdmin(served.admin, admin)
      ? served
      : null;
  }

  // SILENT where the process says nothing any more, and another one is to serve the configuration.
  async #swap(served: Served, offer: ConfigOffer): Promise<Refusal | null | typeof SILENT> {
    const current = this.#current;
    if (current === null) throw new Error('There is no server process');
    const silent = new Promise<typeof SILENT>((resolve) => {
      this.#onSilence = () => {
        resolve(SILENT);
      };
    });
    const asked = current.ask({ type: 'apply', offer }, 'applied');
    const said = await Promise.race([asked, silent]);
    if (said === SILENT) {
      // Nobody is interested in what comes of it.
      asked.catch(() => {});
      return SILENT;
    }
    const { siteFaults, failure } = said;
    if (failure !== null) throw new Error(failure);
    if (siteFaults.length > 0) return refusal(siteFaults, []);
    this.#served = { ...served, ...offer };
    // It may be what mends a process that could not be replaced.
    if (this.#isHurt) this.#replaceAfter(0);
    return null;
  }

  async #handOverTo(
    next: Omit<Served, 'plan'>,
    sockets: readonly SocketAddress[],
  ): Promise<Refusal | null> {
    const plan = await this.#sockets.open(sockets, next.threads);
    if (!('added' in plan)) return refusal([], plan);
    try {
      return await this.#handOver({ ...next, plan });
    } finally {
      // Also where it threw.
      if (this.#served?.plan !== plan) this.#sockets.discard(plan);
    }
  }

  // Starts a process that serves, and ends the one before.
  async #handOver(next: Served): Promise<Refusal | null> {
    const { config, certificates, threads, account, plan, admin } = next;
    const offer = { config, certificates };
    const { inherited, grants } = grantsOf(plan, threads, FIRST_DESCRIPTOR);
    const administration = adminGrantOf(admin, FIRST_DESCRIPTOR + inherited.length);
    const generation = this.#spawn([...inherited, ...administration.inherited], account);
    this.#starting = generation;
    const late = setTimeout(() => {
      generation.kill();
    }, START_MS);
    try {
      await generation.hear('ready');
      const { siteFaults } = await generation.ask(
        { type: 'prepare', offer, threads, sockets: grants, admin: administration.grant },
        'built',
      );
      if (siteFaults.length > 0) {
        generation.kill();
        return refusal(siteFaults, []);
      }
      this.#mustGoOn();
      await this.#limits.move(this.#current, generation);
      // From now on it may have clients: where the server is to end, it ends with them.
      this.#starting = null;
      this.#ending.add(generation);
      await generation.ask({ type: 'serve' }, 'serving');
      this.#mustGoOn();
      this.#limits.moved();
      this.#ending.delete(generation);
    } catch (error) {
      if (!(this.#stopping && this.#ending.has(generation))) generation.kill();
      this.#limits.undo();
      throw error;
    } finally {
      clearTimeout(late);
      this.#starting = null;
    }
    const before = this.#current;
    const served = this.#served;
    this.#isHurt = generation.over || generation.losses.length > 0;
    this.#served = next;
    this.#current = generation;
    for (const loss of generation.losses) this.#tellLoss(loss);
    await this.#retire(before, before === null || config === served?.config ? null : offer);
    if (this.#stopping) {
      // Its sockets are closed, but for those that this configuration has brought.
      this.#sockets.discard(plan);
      return null;
    }
    for (const address of this.#sockets.keep(plan))
      this.#tell(
        `The service manager has a socket on ${address}, where no site listens: its clients wait for an answer that never comes`,
      );
    this.#adminSocket.keep(admin);
    if (before !== null) this.#counts.handOvers++;
    for (const note of this.#notes.splice(0)) generation.say(note);
    if (this.#isHurt) this.#replaceLater();
    return null;
  }

  // Who waited meanwhile learns that nothing begins any more.
  #mustGoOn(): void {
    if (this.#stopping) throw new Error('The server is ending');
  }

  // Resolves when the process takes no connection any more. The last requests on its connections, too, are answered as
  // the configuration of now says.
  async #retire(generation: Generation | null, offer: ConfigOffer | null): Promise<void> {
    if (generation === null || generation.over) return;
    this.#ending.add(generation);
    // One that says nothing any more hears of it when it goes on.
    const isSilent = generation.silence >= SILENCE_MS;
    if (offer !== null && !isSilent)
      await within(END_MS, generation.ask({ type: 'apply', offer }, 'applied'));
    const drain = {
      type: 'drain',
      delay: 0,
      idle: LAST_REQUEST_MS,
      limit: this.drainTimeout,
      replaced: true,
    } as const;
    if (isSilent) generation.say(drain);
    else await within(END_MS, generation.ask(drain, 'draining'));
    // It ends by itself, unless its main thread stands still.
    setTimeout(
      () => {
        generation.kill();
      },
      LAST_REQUEST_MS + drain.limit + END_MS,
    ).unref();
  }

  #spawn(inherited: readonly number[], account: Account | null): Generation {
    const start = {
      user: account,
      serverName: this.#options.serverName,
      version: this.#options.version,
      generation: ++this.#generations,
    };
    const watch: GenerationWatch = {
      onThreadLost: (loss) => {
        // Why one cannot begin it says itself; what it loses otherwise is told as soon as it serves.
        if (generation !== this.#current || this.#stopping) return;
        this.#tellLoss(loss);
        this.#hurt(generation);
      },
      onOrder: (order) => this.#obey(order, generation),
      onLimits: (news) => {
        this.#limits.hear(generation, news);
      },
      onEnd: (status) => {
        addTotals(this.#past, generation.totals);
        this.#ending.delete(generation);
        this.#limits.ended(generation);
        if (generation !== this.#current || this.#stopping) return;
        const how =
          typeof status === 'number' ? `ended with status ${status}` : `was ended by ${status}`;
        this.#counts.crashes++;
        this.#tell(`The server process ${how} and will be replaced`);
        this.#hurt(generation);
      },
    };
    const generation: Generation = new Generation(
      this.#options.program,
      start,
      inherited,
      watch,
      () => this.#options.clock.monotonic(),
    );
    return generation;
  }

  async #obey(order: Order, from: Generation): Promise<SupervisorReport | ReloadReport | null> {
    switch (order.kind) {
      case 'report':
        return this.#report(from);
      case 'reload':
        return this.#options.onReload();
      case 'stop':
        this.#options.onStop(order.limit > 0 ? order.limit : 0);
        return null;
    }
  }

  #report(asking: Generation): SupervisorReport {
    const others = { ...this.#past };
    for (const generation of this.#all())
      if (generation !== asking) addTotals(others, generation.totals);
    const now = this.#options.clock.monotonic();
    return {
      pid: process.pid,
      age: Math.round(now - this.#began),
      configFile: this.#options.configFile,
      configAge: Math.round(now - this.#configured),
      ...this.#counts,
      others,
      processes: Array.from(this.#all(), (generation) => ({
        pid: generation.pid,
        generation: generation.number,
        age: Math.round(now - generation.since),
        state: generation === this.#current && !this.#stopping ? 'serving' : 'draining',
        connections: generation.connections,
      })),
    };
  }

  // The web threads of a process whose main thread stands still serve on, but nobody watches over them.
  #listen(): void {
    const now = this.#options.clock.monotonic();
    const late = now - this.#listened - LOOK_MS;
    this.#listened = now;
    // This process stood still itself, or the machine: what the other said meanwhile is still to be read.
    if (late > LOOK_MS) return;
    const [current, served] = [this.#current, this.#served];
    if (current === null || served === null || current.over) return;
    const limit = served.config.stuckThreadTimeout;
    if (limit === 0 || current.silence < Math.max(limit, SILENCE_MS)) return;
    this.#onSilence();
    if (this.#isHurt) return;
    this.#tell('The main thread of the server process stands still; it will be replaced');
    this.#hurt(current);
  }

  /** Counts a configuration that was loaded again, and taken or not. */
  countReload(taken: boolean): void {
    if (taken) this.#counts.reloads++;
    else this.#counts.refusals++;
  }

  #hurt(generation: Generation): void {
    if (generation !== this.#current || this.#isHurt || this.#stopping) return;
    this.#isHurt = true;
    this.#replaceLater();
  }

  #replaceLater(): void {
    this.#replaceAfter(this.#backOff.failed());
  }

  // There is one attempt at a time, however many reasons there are for it.
  #replaceAfter(wait: number): void {
    clearTimeout(this.#replacing);
    this.#replacing = setTimeout(() => {
      this.#inTurn(() => this.#replace()).catch((error: unknown) => {
        if (this.#stopping) return;
        const said = error instanceof Error ? error.message : String(error);
        this.#tell(`The server process could not be replaced: ${said}`);
        this.#replaceLater();
      });
    }, wait);
  }

  async #replace(): Promise<void> {
    // A configuration that came meanwhile may have led to another process already.
    if (this.#served === null || !this.#isHurt || this.#stopping) return;
    const refused = await this.#handOver(this.#served);
    const [problem] = refused?.problems ?? [];
    if (problem !== undefined) throw new Error(`${problem.object}: ${problem.message}`);
  }

  #tellLoss({ thread, reason }: ThreadLoss): void {
    this.#tell(`Web thread ${thread} is lost and will be replaced: ${reason}`);
  }

  #tell(sentence: string): void {
    this.#options.onTrouble(sentence);
    this.note('crit', sentence);
  }

  /**
   * Writes a line to the error log of the configuration where that is a file; it waits while no server process runs.
   */
  note(level: NoteLevel, text: string): void {
    if (this.#served?.config.logs.error.path.kind !== 'file') return;
    const note = { type: 'note', level, text } as const;
    if (this.#current === null || this.#current.over) {
      if (this.#notes.length < MOST_NOTES) this.#notes.push(note);
    } else this.#current.say(note);
  }

  /** Opens the log files again, after they were renamed. */
  reopenLogs(): void {
    const served = this.#served;
    if (served?.account) handLogsTo(served.account, logPaths(served.config));
    for (const generation of this.#all()) generation.say({ type: 'reopen-logs' });
  }

  *#all(): Generator<Generation> {
    if (this.#current !== null) yield this.#current;
    yield* this.#ending;
  }

  /**
   * Ends the server process with its last connection, and starts none until the next configuration; the sockets stay
   * open for another supervisor. Resolves when nothing is accepted any more.
   */
  rest(): Promise<void> {
    return this.#inTurn(async () => {
      const current = this.#current;
      this.#current = null;
      this.#isHurt = false;
      await this.#retire(current, null);
    });
  }

  /** Ends the rest, where there is one: a server process is started with the configuration of before. */
  wake(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#current !== null || this.#served === null || this.#stopping) return;
      this.#isHurt = true;
      this.#replaceAfter(0);
    });
  }

  /** Another supervisor has the sockets as well from now on, whose they are then when this one ends; or no longer. */
  shareSockets(on: boolean): void {
    this.#sharesSockets = on;
    this.#sockets.share(on);
    this.#adminSocket.share(on);
  }

  /** Sockets for another supervisor, which runs beside this one from now on. */
  get inheritance(): readonly InheritedSocket[] {
    return [...this.#sockets.inheritance(), ...this.#adminSocket.inheritance()];
  }

  /** How long, in milliseconds, connections may go on that do not end by themselves. */
  get drainTimeout(): number {
    return this.#served?.config.drainTimeout ?? 0;
  }

  /**
   * Stops accepting, lets connections finish for up to `grace` milliseconds, and ends the server processes. A second
   * call with a shorter grace ends the first.
   */
  async stop(grace: number): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#listening);
    clearTimeout(this.#replacing);
    this.#starting?.kill();
    this.#sockets.close(this.#sharesSockets);
    const ending = [...this.#all()];
    // With another supervisor on the same sockets a client that is asked to come again is served.
    const replaced = this.#sharesSockets;
    const idle = replaced ? Math.min(LAST_REQUEST_MS, grace) : 0;
    const delay = grace > 0 && !replaced ? (this.#served?.config.shutdownDelay ?? 0) : 0;
    for (const generation of ending)
      generation.say({ type: 'drain', delay, idle, limit: grace, replaced });
    const late = setTimeout(
      () => {
        for (const generation of ending) generation.kill();
      },
      delay + grace + END_MS,
    );
    await Promise.all(ending.map(({ ended }) => ended));
    clearTimeout(late);
    this.#adminSocket.close(this.#sharesSockets);
    this.#current = null;
    this.#served = null;
    // What was under way learns of it by itself.
    await this.#turn;
  }
}

function addTotals(sum: Record<string, number>, totals: Totals): void {
  for (const [name, value] of Object.entries(totals)) sum[name] = (sum[name] ?? 0) + value;
}

function portsServed(addresses: Iterable<Address>, served: Served | null): readonly ServedPort[] {
  const ports = served === null ? new Map<string, number>() : portsOf(served.plan);
  return Array.from(addresses, (address) => {
    const { key, target, hosts } = address;
    const port = ports.get(key) ?? (target.kind === 'tcp' ? target.port : 0);
    return { key, port, protocol: protocolOf(address), hosts };
  });
}
