/** One listen address at work in a web thread: its listeners and the pipeline behind them. */
import { type Fault, NEVER, Secret } from '../base/index.ts';
import { H1ServerConnection, type H1ServerSettings, HeadOpening } from '../http/h1/index.ts';
import {
  type ConnectionFacts,
  type Exchange,
  type ExchangeHandler,
  lowerAscii,
  type ServerTimes,
  type Wire,
  type WireProtocol,
} from '../http/message/index.ts';
import {
  type Certificate,
  type ConnectionCensus,
  Listener,
  type ListenerLimits,
  NET_FAULTS,
  type OpenConnection,
  type TlsFront,
  type WireThread,
} from '../net/index.ts';
import {
  type ErrorLog,
  type ListenerModel,
  type LogLevel,
  type LogTime,
  Pipeline,
  type RequestTally,
  type VirtualHost,
} from '../pipeline/index.ts';
import { AjpServerConnection, type AjpServerSettings, LEAST_PACKET } from '../wire/ajp/index.ts';
import type { AddressSites, ConfigModel } from '../config/index.ts';
import type { AddressMessage } from './messages.ts';
import { RefusalNotes } from './refusal-notes.ts';

/** What the addresses of one thread share, whatever their configuration. */
export interface AddressParts {
  readonly thread: WireThread;
  readonly census: ConnectionCensus;
  readonly time: LogTime;
  readonly serverName: string;
  /** Counts requests. */
  readonly tally: RequestTally;
}

/** What each site of an address shows there to clients that begin with TLS. */
export type ShownCertificates = ReadonlyMap<VirtualHost, Certificate>;

/** What an address is served by until another configuration takes its place. */
export interface AddressService {
  readonly address: AddressMessage;
  /** What is served on the address, and on each of its narrow ones, by key. */
  readonly models: ReadonlyMap<string, ListenerModel>;
  /** Of those whose connections begin with TLS, by key. */
  readonly tls: ReadonlyMap<string, ShownCertificates>;
  readonly limits: ConfigModel['limits'];
  readonly errorLog: ErrorLog;
}

/** What connections to one address meet; a socket has several where narrow addresses share it. */
interface Front {
  readonly pipeline: Pipeline;
  /** Null where connections are plain HTTP. */
  readonly tls: TlsFront | null;
  readonly h1: H1ServerSettings;
  /** Null where clients speak HTTP. */
  readonly ajp: AjpServerSettings | null;
}

/** The fronts of narrow addresses, by where connections arrive; see `covering.ts`. */
type Fronts = ReadonlyMap<string, Front>;

/** Bytes of an unclaimed request body that are read to keep the connection. */
const DISCARD_LIMIT = 64 * 1024;

/** See the head of this file. */
export class ServedAddress implements ExchangeHandler {
  readonly #parts: AddressParts;
  #service: AddressService;
  #front: Front;
  #narrow: Fronts;
  readonly #listeners: Listener[] = [];
  #refusals: RefusalNotes;

  constructor(service: AddressService, parts: AddressParts) {
    this.#parts = parts;
    this.#service = service;
    this.#refusals = new RefusalNotes(parts.thread.clock);
    this.#front = this.#makeFront(service.address, service, null);
    this.#narrow = this.#makeNarrow(service, new Map());
  }

  /**
   * Serves connections to these sockets from now on; rejects with the system's error where one cannot be listened on.
   */
  async listen(descriptors: readonly number[]): Promise<void> {
    await Promise.all(
      descriptors.map(async (fd) => {
        this.#listeners.push(await this.#listen(fd));
      }),
    );
  }

  /** Hands a request to the pipeline of now, also on connections that are older than it. */
  onExchange(exchange: Exchange): void {
    this.#frontOf(exchange.connection.localAddress).pipeline.onExchange(exchange);
  }

  // Over AJP the web server says where its client has arrived, which is not where it has arrived itself.
  #ajpHandler({ localAddress }: ConnectionFacts): ExchangeHandler {
    return {
      onExchange: (exchange) => {
        this.#frontOf(localAddress).pipeline.onExchange(exchange);
      },
    };
  }

  /** Serves new requests by other models, and new connections within other limits. The socket stays. */
  swap(service: AddressService): void {
    const { backlog } = this.#service.address;
    this.#front = this.#makeFront(service.address, service, this.#front);
    this.#narrow = this.#makeNarrow(service, this.#narrow);
    // Another log has been told nothing.
    if (service.errorLog !== this.#service.errorLog)
      this.#refusals = new RefusalNotes(this.#parts.thread.clock);
    this.#service = service;
    for (const listener of this.#listeners) {
      listener.limits = listenerLimits(service.limits);
      if (service.address.backlog === backlog) continue;
      if (!listener.changeBacklog(service.address.backlog)) {
        const { key } = service.address;
        service.errorLog.log('warn', `${key}: the backlog of before stays until a restart`);
      }
    }
  }

  /** The connections that are open, oldest first. */
  *connections(): Generator<OpenConnection> {
    for (const listener of this.#listeners) yield* listener.connections();
  }

  /** Stops accepting. */
  leaveSockets(): void {
    for (const listener of this.#listeners) listener.close();
  }

  /** Stops accepting; the next request of each connection is its last. */
  windDown(): void {
    for (const listener of this.#listeners) listener.windDown();
  }

  /** Stops accepting; connections finish what they do. */
  retire(): void {
    for (const listener of this.#listeners) listener.retire();
  }

  #frontOf(localAddress: string): Front {
    if (this.#narrow.size === 0) return this.#front;
    const family = localAddress.includes(':') ? '::' : '0.0.0.0';
    return this.#narrow.get(localAddress) ?? this.#narrow.get(family) ?? this.#front;
  }

  #listen(fd: number): Promise<Listener> {
    const { thread, census, serverName } = this.#parts;
    const { address, limits } = this.#service;
    const opening = new HeadOpening(serverName);
    return Listener.open(
      { fd },
      {
        thread,
        limits: listenerLimits(limits),
        backlog: address.backlog,
        unixPath: address.target.kind === 'unix' ? address.target.path : null,
        protocol: (wire, facts) => this.#connect(wire, facts, opening),
        tlsFrontOf: (localAddress) => this.#frontOf(localAddress).tls,
        onRefused: (fault, remoteAddress) => {
          const line = this.#refusals.lineOf(fault, remoteAddress);
          if (line !== null) this.#service.errorLog.log(levelOf(fault), line);
        },
        onError: (error) => {
          this.#service.errorLog.log('crit', `${address.key}: ${error.message}`);
        },
      },
      census,
    );
  }

  #connect(wire: Wire, facts: ConnectionFacts, opening: HeadOpening): WireProtocol {
    const { h1, ajp } = this.#frontOf(facts.localAddress);
    if (ajp === null) return new H1ServerConnection(wire, facts, h1, opening);
    const secretOf = (): Secret | null => (this.#frontOf(facts.localAddress).ajp ?? ajp).secret;
    return new AjpServerConnection(wire, facts, {
      ...ajp,
      handler: this.#ajpHandler(facts),
      // A web server keeps its connection beyond the configuration that it came under.
      get secret() {
        return secretOf();
      },
    });
  }

  #makeNarrow(service: AddressService, before: Fronts): Fronts {
    const fronts = new Map<string, Front>();
    for (const address of service.address.narrow) {
      const known = before.get(address.host) ?? null;
      fronts.set(address.host, this.#makeFront(address, service, known));
    }
    return fronts;
  }

  #makeFront(
    address: AddressSites,
    { models, tls: certificates, errorLog, limits }: AddressService,
    before: Front | null,
  ): Front {
    const model = models.get(address.key);
    if (model === undefined) throw new RangeError(`Nothing was built for ${address.key}`);
    const shown = certificates.get(address.key);
    const tls = shown === undefined ? null : tlsFront(model, shown, limits.headTimeout);
    const h1 = this.#h1Settings(address.lenientLineEnds, limits);
    const ajp = address.ajp === null ? null : this.#ajpSettings(address.ajp, limits);
    if (before?.pipeline.errorLog === errorLog) {
      before.pipeline.swap(model);
      return { pipeline: before.pipeline, tls, h1, ajp };
    }
    const { thread, time, tally } = this.#parts;
    const services = { clock: thread.clock, errorLog, time, tally };
    return { pipeline: new Pipeline(model, services), tls, h1, ajp };
  }

  #h1Settings(lenientLineEnds: boolean, limits: ConfigModel['limits']): H1ServerSettings {
    return {
      ...this.#times(limits),
      ...this.#shared,
      limits: {
        requestLine: limits.requestLineLimit,
        head: limits.headLimit,
        headerCount: limits.headerCount,
      },
      lenientLineEnds,
      keepAliveRequests: limits.keepAliveRequests,
      discardLimit: DISCARD_LIMIT,
    };
  }

  #ajpSettings(
    { secret, packetSize }: NonNullable<AddressSites['ajp']>,
    limits: ConfigModel['limits'],
  ): AjpServerSettings {
    return {
      ...this.#times(limits),
      ...this.#shared,
      packetSize,
      secret: secret === null ? null : new Secret(secret),
      // A web server keeps its connections, and it is the one that knows its clients.
      keepAliveTimeout: NEVER,
      // mod_jk sends the first packet of a body, unasked, when it is full: nothing shows before how slow its client is.
      bodyTimeout: limits.bodyTimeout * (packetSize / LEAST_PACKET),
      minimumBodyRate: 0,
      minimumSendRate: 0,
    };
  }

  #times(limits: ConfigModel['limits']): ServerTimes {
    return {
      clock: this.#parts.thread.clock,
      keepAliveTimeout: limits.keepAliveTimeout,
      headTimeout: limits.headTimeout,
      bodyTimeout: limits.bodyTimeout,
      minimumBodyRate: limits.bodyMinRate,
      bodyRateGrace: limits.bodyRateGrace,
      sendTimeout: limits.sendTimeout,
      minimumSendRate: limits.sendMinRate,
    };
  }

  // What connections have in common, whatever their protocol.
  get #shared(): Pick<H1ServerSettings, 'handler' | 'budget' | 'onDefect'> {
    return {
      handler: this,
      budget: this.#parts.thread.budget,
      onDefect: (error) => {
        this.#service.errorLog.defect(null, error);
      },
    };
  }
}

// nginx tells of handshakes that fail as of other faults of clients.
function levelOf({ kind, stage }: Fault): LogLevel {
  if (stage === 'tls') return 'info';
  return kind === NET_FAULTS['no-descriptors'] ? 'crit' : 'warn';
}

/** @throws RangeError where a site of the address has no certificate: a fault of ours, see `crossCheck`. */
function tlsFront({ hosts }: ListenerModel, shown: ShownCertificates, timeout: number): TlsFront {
  const of = (name: string | null): Certificate => {
    const host = hosts.find(name);
    const certificate = shown.get(host);
    if (certificate === undefined) throw new RangeError(`${host.name} has no certificate`);
    return certificate;
  };
  return { fallback: of(null), certificateFor: (name) => of(lowerAscii(name)), timeout };
}

function listenerLimits(limits: ConfigModel['limits']): ListenerLimits {
  const { lingeringTimeout, lingeringTime, maxConnections, maxConnectionsPerAddress } = limits;
  return {
    lingering: { idle: lingeringTimeout, total: lingeringTime },
    maxConnections,
    maxConnectionsPerAddress,
  };
}
