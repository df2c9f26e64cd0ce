/**
 * One listen address of one web thread: opens the socket (or takes one handed in by descriptor), admits
 * connections within limits, and joins each to a protocol core.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { Fault } from '../base/index.ts';
import type { ConnectionFacts, WireProtocol } from '../http/message/index.ts';
import { NET_FAULTS } from './faults.ts';
import { readShared } from './shared-read.ts';
import { type Lingering, SocketWire, type WireThread } from './socket-wire.ts';

/** Where to listen. `fd` is a listening socket that this thread owns from now on. */
export type ListenTarget =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'fd'; readonly fd: number };

/** What new connections of a listener are held to. */
export interface ListenerLimits {
  readonly lingering: Lingering;
  /** Open connections this thread may have, over all its listeners. */
  readonly maxConnections: number;
  /** Open connections one remote address may have in this thread; 0 for no limit. */
  readonly maxConnectionsPerAddress: number;
}

/** What a listener of this thread needs besides its address. */
export interface ListenerSettings {
  readonly thread: WireThread;
  readonly limits: ListenerLimits;
  /** Length of the kernel's queue of connections that wait to be accepted. */
  readonly backlog: number;
  /** Whether other threads listen on the same address (SO_REUSEPORT). */
  readonly shared: boolean;
  /** Makes the protocol core of a new connection. */
  readonly protocol: (wire: SocketWire, facts: ConnectionFacts) => WireProtocol;
  /** Hears of connections that were turned away. */
  readonly onRefused: (fault: Fault, remoteAddress: string) => void;
  /** Hears of errors of the listening socket, such as too many open files. */
  readonly onError: (error: Error) => void;
}

let connectionIds = 0;

/** How many connections one thread has open, over all its listeners, and from whom. */
export class ConnectionCensus {
  #open = 0;
  readonly #byAddress = new Map<string, number>();

  /** Connections open in all. */
  get open(): number {
    return this.#open;
  }

  /** Connections open from `address`. */
  from(address: string): number {
    return this.#byAddress.get(address) ?? 0;
  }

  /** Counts a connection in. */
  add(address: string): void {
    this.#open++;
    this.#byAddress.set(address, this.from(address) + 1);
  }

  /** Counts a connection out. */
  remove(address: string): void {
    this.#open--;
    const left = this.from(address) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}

/** See the head of this file. */
export class Listener {
  /** Counts for connections that come from now on. */
  limits: ListenerLimits;
  readonly #server: Server;
  readonly #settings: ListenerSettings;
  readonly #census: ConnectionCensus;
  readonly #unixPath: string | null;
  readonly #open = new Set<WireProtocol>();

  private constructor(
    settings: ListenerSettings,
    census: ConnectionCensus,
    unixPath: string | null,
  ) {
    this.#settings = settings;
    this.limits = settings.limits;
    this.#census = census;
    this.#unixPath = unixPath;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    this.#server.on('connection', (socket) => {
      this.#admit(socket);
    });
  }

  /** Opens a listener; rejects with the system's error (`EADDRINUSE`, `EACCES`, …) where that fails. */
  static open(
    target: ListenTarget,
    settings: ListenerSettings,
    census: ConnectionCensus,
  ): Promise<Listener> {
    const listener = new Listener(settings, census, target.kind === 'unix' ? target.path : null);
    const server = listener.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      const ready = (): void => {
        server.off('error', reject);
        server.on('error', settings.onError);
        resolve(listener);
      };
      const { backlog } = settings;
      if (target.kind === 'fd') server.listen({ fd: target.fd, backlog }, ready);
      else if (target.kind === 'unix') server.listen({ path: target.path, backlog }, ready);
      else if (target.host === '*') {
        server.listen({ port: target.port, backlog, reusePort: settings.shared }, ready);
      } else {
        const { host, port } = target;
        server.listen({ host, port, backlog, reusePort: settings.shared }, ready);
      }
    });
  }

  /** The port that the listener has, 0 for a unix socket; tells what a request for port 0 got. */
  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  }

  #admit(accepted: Socket): void {
    const { thread, onRefused } = this.#settings;
    const { lingering, maxConnections, maxConnectionsPerAddress } = this.limits;
    const census = this.#census;
    const remoteAddress = this.#unixPath === null ? plainAddress(accepted.remoteAddress) : 'unix:';
    const full =
      census.open >= maxConnections
        ? NET_FAULTS['connections-per-thread']
        : maxConnectionsPerAddress > 0 && census.from(remoteAddress) >= maxConnectionsPerAddress
          ? NET_FAULTS['connections-per-address']
          : null;
    if (full !== null) {
      accepted.on('error', () => {});
      accepted.destroy();
      onRefused(new Fault(full, 'accept'), remoteAddress);
      return;
    }
    const { socket, reader } = readShared(accepted) ?? { socket: accepted, reader: null };
    const wire = new SocketWire(socket, thread, lingering, reader);
    const facts: ConnectionFacts = {
      id: ++connectionIds,
      remoteAddress,
      remotePort: socket.remotePort ?? 0,
      localAddress: this.#unixPath ?? plainAddress(socket.localAddress),
      localPort: socket.localPort ?? 0,
      secure: false,
      requests: 0,
    };
    const protocol = this.#settings.protocol(wire, facts);
    census.add(remoteAddress);
    this.#open.add(protocol);
    wire.onceClosed(() => {
      census.remove(remoteAddress);
      this.#open.delete(protocol);
    });
    wire.attach(protocol);
  }

  /**
   * Stops accepting, and tells every connection to finish what it does and to begin nothing new. The
   * connections live until then.
   */
  retire(): void {
    this.#server.close();
    for (const protocol of this.#open) protocol.retire();
  }
}

// A listener on all addresses sees IPv4 peers as ::ffff:192.0.2.1; rules, logs and back ends know them by
// their IPv4 address.
function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
