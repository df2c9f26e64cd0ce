/** One listen address at work in a web thread: the open listener and the pipeline behind it. */
import { createConnection } from 'node:net';
import { unlinkSync } from 'node:fs';
import { H1ServerConnection, type H1ServerSettings, HeadOpening } from '../http/h1/index.ts';
import { type ConnectionCensus, Listener, type WireThread } from '../net/index.ts';
import { type ErrorLog, type ListenerModel, Pipeline, type PipelineServices } from '../pipeline/index.ts';
import type { ConfigModel } from '../config/index.ts';
import type { AddressMessage } from './messages.ts';

/** What the addresses of one thread share. */
export interface AddressParts {
  readonly thread: WireThread;
  readonly census: ConnectionCensus;
  readonly services: PipelineServices;
  readonly errorLog: ErrorLog;
  readonly serverName: string;
}

/** Bytes of an unclaimed request body that are read to keep the connection. */
const DISCARD_LIMIT = 64 * 1024;

/** See the head of this file. */
export class ServedAddress {
  readonly #listener: Listener;
  readonly #pipeline: Pipeline;
  readonly #settings: { h1: H1ServerSettings };
  readonly #parts: AddressParts;
  readonly #address: AddressMessage;

  private constructor(
    listener: Listener,
    pipeline: Pipeline,
    settings: { h1: H1ServerSettings },
    address: AddressMessage,
    parts: AddressParts,
  ) {
    this.#listener = listener;
    this.#pipeline = pipeline;
    this.#settings = settings;
    this.#address = address;
    this.#parts = parts;
  }

  /** Opens the address and serves `model` on it; rejects with the system's error where it cannot be opened. */
  static async open(
    address: AddressMessage,
    model: ListenerModel,
    limits: ConfigModel['limits'],
    parts: AddressParts,
  ): Promise<ServedAddress> {
    const { thread, errorLog, serverName } = parts;
    const pipeline = new Pipeline(model, parts.services);
    const opening = new HeadOpening(serverName);
    const settings = { h1: h1Settings(pipeline, address, limits, parts) };
    const open = (): Promise<Listener> =>
      Listener.open(
        address.target,
        {
          thread,
          lingering: { idle: limits.lingeringTimeout, total: limits.lingeringTime },
          backlog: address.backlog,
          shared: address.shared,
          maxConnections: limits.maxConnections,
          maxConnectionsPerAddress: limits.maxConnectionsPerAddress,
          protocol: (wire, facts) => new H1ServerConnection(wire, facts, settings.h1, opening),
          onRefused: ({ kind, stage }, remoteAddress) => {
            errorLog.log('warn', `${kind.code} (${stage}): ${kind.means}, client: ${remoteAddress}`);
          },
          onError: (error) => {
            errorLog.log('crit', `${address.key}: ${error.message}`);
          },
        },
        parts.census,
      );
    const listener = await openFresh(address, open);
    return new ServedAddress(listener, pipeline, settings, address, parts);
  }

  /** The port that was opened, 0 for a unix socket. */
  get port(): number {
    return this.#listener.port;
  }

  /** Serves new requests by another model, and new connections within other limits. */
  swap(model: ListenerModel, limits: ConfigModel['limits']): void {
    this.#pipeline.swap(model);
    this.#settings.h1 = h1Settings(this.#pipeline, this.#address, limits, this.#parts);
  }

  /** Stops accepting; connections finish what they do. */
  retire(): void {
    this.#listener.retire();
  }
}

function h1Settings(
  handler: Pipeline,
  address: AddressMessage,
  limits: ConfigModel['limits'],
  parts: AddressParts,
): H1ServerSettings {
  return {
    handler,
    clock: parts.thread.clock,
    budget: parts.thread.budget,
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
    discardLimit: DISCARD_LIMIT,
    onDefect: (error) => {
      parts.errorLog.defect(null, error);
    },
  };
}

// A unix socket outlives a process that was killed. A path that nobody answers on is taken over.
async function openFresh(address: AddressMessage, open: () => Promise<Listener>): Promise<Listener> {
  const { target } = address;
  try {
    return await open();
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!taken || target.kind !== 'unix' || (await answers(target.path))) throw error;
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
