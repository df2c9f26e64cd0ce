/** What an administrator sees of a server process, put together from its threads and from the supervisor. */
import { addressesOf, type ConfigModel } from '../config/index.ts';
import type { PeerSight } from './messages.ts';
import type {
  ConnectionReport,
  FromServer,
  Order,
  PeerReport,
  ReloadReport,
  ServerView,
  StatusReport,
  SupervisorReport,
  ToServer,
  Totals,
} from './port.ts';
import { totalsOf } from './tallies.ts';
import type { WebServer } from './web-server.ts';

type Outcome = Extract<ToServer, { type: 'outcome' }>['outcome'];

interface Waiting {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

const NOBODY = 'The supervisor of this server is gone';

/** See the head of this file. */
export class ProcessView implements ServerView {
  readonly version: string;
  /** Whether the process serves, and nothing is to take its place. */
  ready = false;
  /** What is served. */
  model: ConfigModel | null = null;
  /** Ports of the addresses, by key. */
  ports: ReadonlyMap<string, number> = new Map();
  readonly #server: WebServer;
  readonly #say: (message: FromServer) => void;
  readonly #orders = new Map<number, Waiting>();
  #isOrphan = false;
  #orderIds = 0;

  constructor(version: string, server: WebServer, say: (message: FromServer) => void) {
    this.version = version;
    this.#server = server;
    this.#say = say;
  }

  async status(): Promise<StatusReport> {
    const [report, sights] = await Promise.all([
      this.#order({ kind: 'report' }),
      this.#server.sights(),
    ]);
    const supervisor = report as SupervisorReport; // it answers this order with nothing else
    return {
      version: this.version,
      pid: process.pid,
      supervisor,
      threads: this.#server.threadReports(),
      addresses: this.#addresses(),
      counters: sumOf(totalsOf(this.#server.counters), supervisor.others),
      upstreams: upstreamsOf(sights.flatMap(({ peers }) => peers)),
      resident: process.memoryUsage.rss(),
    };
  }

  #addresses(): StatusReport['addresses'] {
    const addresses = addressesOf(Object.entries(this.model?.sites ?? {}));
    return Array.from(addresses.values(), ({ key, target, hosts }) => ({
      key,
      port: this.ports.get(key) ?? (target.kind === 'tcp' ? target.port : 0),
      hosts,
    }));
  }

  async connections(): Promise<readonly ConnectionReport[]> {
    const sights = await this.#server.sights();
    return sights.flatMap(({ connections }) => connections).toSorted((a, b) => b.age - a.age);
  }

  config(): ConfigModel {
    if (this.model === null) throw new Error('Nothing is served yet');
    return this.model;
  }

  async reload(): Promise<ReloadReport> {
    return (await this.#order({ kind: 'reload' })) as ReloadReport; // as above
  }

  get supervisor(): number {
    return process.ppid;
  }

  async stop(limit: number): Promise<void> {
    await this.#order({ kind: 'stop', limit });
  }

  /** Orders are not followed any more. */
  orphaned(): void {
    this.#isOrphan = true;
    for (const { reject } of this.#orders.values()) reject(new Error(NOBODY));
    this.#orders.clear();
  }

  #order(order: Order): Promise<Outcome> {
    if (this.#isOrphan) return Promise.reject(new Error(NOBODY));
    const id = ++this.#orderIds;
    return new Promise((resolve, reject) => {
      this.#orders.set(id, { resolve, reject });
      this.#say({ type: 'order', id, order });
    });
  }

  /** Takes what came of an order. */
  done(id: number, outcome: Outcome): void {
    this.#orders.get(id)?.resolve(outcome);
    this.#orders.delete(id);
  }
}

function sumOf(own: Totals, others: Totals): Totals {
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => [name, value + (others[name] ?? 0)]),
  );
}

// What is under way, and whether a server has failed, all threads know together; what it was given, each by itself.
function upstreamsOf(sights: readonly PeerSight[]): StatusReport['upstreams'] {
  const upstreams = new Map<string, Map<string, PeerReport>>();
  for (const { upstream, ...sight } of sights) {
    const peers = upstreams.get(upstream) ?? new Map<string, PeerReport>();
    upstreams.set(upstream, peers);
    const before = peers.get(sight.url);
    peers.set(sight.url, before === undefined ? sight : added(before, sight));
  }
  return Array.from(upstreams, ([name, peers]) => ({ name, peers: [...peers.values()] }));
}

function added(a: PeerReport, b: PeerReport): PeerReport {
  return {
    url: a.url,
    state: a.state === 'failed' ? 'failed' : b.state,
    inFlight: Math.max(a.inFlight, b.inFlight),
    requests: a.requests + b.requests,
    failures: a.failures + b.failures,
  };
}
