/**
 * One listen address of one web thread: opens the socket (or takes one handed in by descriptor), admits
 * connections within limits, and joins each to a protocol core.
 *
 * A listener is opened before it is certain that it will serve. Until `admit` its connections are held: nothing is
 * read of them, and their clients wait. (Node has no way to listen and leave them in the kernel's queue.)
 */
import { createServer, type Server, type Socket } from 'node:net';
import { Fault, type FaultKind } from '../base/index.ts';
import type { ConnectionFacts, WireProtocol } from '../http/message/index.ts';
import { NET_FAULTS } from './faults.ts';
import { plainAddress } from './plain-address.ts';
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

// What is used of a server beyond Node's documentation.
interface Inside {
  _handle: { readonly listen?: unknown } | null;
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
  // Null from `admit` on.
  #held: Socket[] | null = [];

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
      if (this.#held === null) this.#join(socket);
      else this.#hold(socket, this.#held);
    });
  }

  /** Opens a listener that holds its connections; rejects with the system's error (`EADDRINUSE`, `EACCES`, …) where that fails. */
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

  /** Serves the connections that were held, and from now on each as it comes. */
  admit(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const socket of held) this.#join(socket);
  }

  /**
   * Changes the length of the kernel's queue of connections that wait to be accepted, on the open socket. False where
   * that cannot be done: a socket that is opened anew gets it. Asking a socket to listen once more changes its queue,
   * but Node shows no way to do so (docs/decisions/0006-listening-sockets.md).
   */
  changeBacklog(backlog: number): boolean {
    // Windows says yes and does nothing.
    if (process.platform === 'win32') return false;
    const inside = this.#server as unknown as Inside; // Node's types do not show the handle
    const handle = inside._handle; // oxlint-disable-line no-underscore-dangle -- as above
    return typeof handle?.listen === 'function' && handle.listen(backlog) === 0;
  }

  #hold(accepted: Socket, held: Socket[]): void {
    if (held.length >= this.limits.maxConnections) {
      this.#turnAway(accepted, NET_FAULTS['connections-per-thread'], this.#remoteAddress(accepted));
    } else held.push(accepted);
  }

  #remoteAddress(accepted: Socket): string {
    return this.#unixPath === null ? plainAddress(accepted.remoteAddress) : 'unix:';
  }

  #turnAway(accepted: Socket, kind: FaultKind, remoteAddress: string): void {
    accepted.on('error', () => {});
    accepted.destroy();
    this.#settings.onRefused(new Fault(kind, 'accept'), remoteAddress);
  }

  #join(accepted: Socket): void {
    const { lingering, maxConnections, maxConnectionsPerAddress } = this.limits;
    const census = this.#census;
    const remoteAddress = this.#remoteAddress(accepted);
    // The client reset it before it could be asked who it is (the socket of a unix path has no local address
    // either). What it sent is still there to be read, and would be served to nobody that can be limited or logged.
    if (remoteAddress === '' && accepted.localAddress !== undefined) {
      accepted.on('error', () => {});
      accepted.destroy();
      return;
    }
    if (census.open >= maxConnections) {
      this.#turnAway(accepted, NET_FAULTS['connections-per-thread'], remoteAddress);
      return;
    }
    if (maxConnectionsPerAddress > 0 && census.from(remoteAddress) >= maxConnectionsPerAddress) {
      this.#turnAway(accepted, NET_FAULTS['connections-per-address'], remoteAddress);
      return;
    }
    const { socket, reader } = readShared(accepted) ?? { socket: accepted, reader: null };
    const wire = new SocketWire(socket, this.#settings.thread, lingering, reader);
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
   * connections live until then; those that are held are closed.
   */
  retire(): void {
    this.#server.close();
    for (const socket of this.#held ?? []) socket.destroy();
    this.#held = null;
    for (const protocol of this.#open) protocol.retire();
  }
}
