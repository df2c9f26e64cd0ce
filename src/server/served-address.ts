/** One listen address at work in a web thread: the open listener and the pipeline behind it. */
import { createConnection } from 'node:net';
import { lstatSync, unlinkSync } from 'node:fs';
import { H1ServerConnection, type H1ServerSettings, HeadOpening } from '../http/h1/index.ts';
import type { Exchange, ExchangeHandler } from '../http/message/index.ts';
import {
  type ConnectionCensus,
  Listener,
  type ListenerLimits,
  type WireThread,
} from '../net/index.ts';
import { type ErrorLog, type ListenerModel, type LogTime, Pipeline } from '../pipeline/index.ts';
import type { ConfigModel } from '../config/index.ts';
import type { AddressMessage } from './messages.ts';

/** What the addresses of one thread share, whatever their configuration. */
export interface AddressParts {
  readonly thread: WireThread;
  readonly census: ConnectionCensus;
  readonly time: LogTime;
  readonly serverName: string;
}

/** What an address is served by until another configuration takes its place. */
export interface AddressService {
  readonly address: AddressMessage;
  readonly model: ListenerModel;
  readonly limits: ConfigModel['limits'];
  readonly errorLog: ErrorLog;
}

/** Bytes of an unclaimed request body that are read to keep the connection. */
const DISCARD_LIMIT = 64 * 1024;

/** See the head of this file. */
export class ServedAddress implements ExchangeHandler {
  readonly #parts: AddressParts;
  #service: AddressService;
  #settings: H1ServerSettings;
  #pipeline: Pipeline;
  #listener: Listener | null = null;

  private constructor(service: AddressService, parts: AddressParts) {
    this.#parts = parts;
    this.#service = service;
    this.#settings = this.#h1Settings(service);
    this.#pipeline = this.#makePipeline(service);
  }

  /** Opens the address and serves it; rejects with the system's error where it cannot be opened. */
  static async open(service: AddressService, parts: AddressParts): Promise<ServedAddress> {
    const served = new ServedAddress(service, parts);
    await served.#listen();
    return served;
  }

  /** The port that was opened, 0 for a unix socket. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Hands a request to the pipeline of now, also on connections that are older than it. */
  onExchange(exchange: Exchange): void {
    this.#pipeline.onExchange(exchange);
  }

  /** Serves new requests by another model, and new connections within other limits. The socket stays. */
  swap(service: AddressService): void {
    if (service.errorLog === this.#service.errorLog) this.#pipeline.swap(service.model);
    else this.#pipeline = this.#makePipeline(service);
    this.#service = service;
    this.#settings = this.#h1Settings(service);
    if (this.#listener !== null) this.#listener.limits = listenerLimits(service.limits);
  }

  /** Stops accepting; connections finish what they do. */
  retire(): void {
    this.#listener?.retire();
  }

  async #listen(): Promise<void> {
    const { thread, census, serverName } = this.#parts;
    const { address, limits } = this.#service;
    const opening = new HeadOpening(serverName);
    this.#listener = await openFresh(address, () =>
      Listener.open(
        address.target,
        {
          thread,
          limits: listenerLimits(limits),
          backlog: address.backlog,
          shared: address.shared,
          protocol: (wire, facts) => new H1ServerConnection(wire, facts, this.#settings, opening),
          onRefused: ({ kind, stage }, remoteAddress) => {
            this.#service.errorLog.log(
              'warn',
              `${kind.code} (${stage}): ${kind.means}, client: ${remoteAddress}`,
            );
          },
          onError: (error) => {
            this.#service.errorLog.log('crit', `${address.key}: ${error.message}`);
          },
        },
        census,
      ),
    );
  }

  #makePipeline({ model, errorLog }: AddressService): Pipeline {
    const { thread, time } = this.#parts;
    return new Pipeline(model, { clock: thread.clock, errorLog, time });
  }

  #h1Settings({ address, limits }: AddressService): H1ServerSettings {
    const { clock, budget } = this.#parts.thread;
    return {
      handler: this,
      clock,
      budget,
      limits: {
        requestLine: limits.requestLineLimit,
        head: limits.headLimit,
        headerCount: limits.headerCount,
      },
      lenientLineEnds: address.lenientLineEnds,
      keepAliveTimeout: limits.keepAliveTimeout,
      keepAliveRequests: limits.keepAliveRequests,
      headTimeout: limits.headTimeout,
      bodyTimeout: limits.bodyTimeout,
      minimumBodyRate: limits.bodyMinRate,
      bodyRateGrace: limits.bodyRateGrace,
      sendTimeout: limits.sendTimeout,
      minimumSendRate: limits.sendMinRate,
      discardLimit: DISCARD_LIMIT,
      onDefect: (error) => {
        this.#service.errorLog.defect(null, error);
      },
    };
  }
}

function listenerLimits(limits: ConfigModel['limits']): ListenerLimits {
  const { lingeringTimeout, lingeringTime, maxConnections, maxConnectionsPerAddress } = limits;
  return {
    lingering: { idle: lingeringTimeout, total: lingeringTime },
    maxConnections,
    maxConnectionsPerAddress,
  };
}

// A unix socket outlives a process that was killed. A socket that nobody answers on is taken over; any
// other file is somebody's, though connecting to it fails in the same way.
async function openFresh(
  address: AddressMessage,
  open: () => Promise<Listener>,
): Promise<Listener> {
  const { target } = address;
  try {
    return await open();
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!taken || target.kind !== 'unix' || !lstatSync(target.path).isSocket()) throw error;
    if (await answers(target.path)) throw error;
    unlinkSync(target.path);
    return open();
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED');
    });
  });
}
