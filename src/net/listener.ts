/** One listening socket of one web thread: admits connections within limits, and joins each to a protocol core. */
import { createServer, type Server, type Socket } from 'node:net';
import { Fault, type FaultKind } from '../base/index.ts';
import type { ConnectionFacts, WireProtocol } from '../http/message/index.ts';
import { NET_FAULTS } from './faults.ts';
import { plainAddress } from './plain-address.ts';
import { readShared } from './shared-read.ts';
import { type TlsFront, TlsHandshake } from './tls-handshake.ts';
import { type Lingering, SocketWire, type Traffic, type WireThread } from './socket-wire.ts';

/** Where to listen: a descriptor of a bound socket, which this listener owns from now on, or an address to open. */
export type ListenTarget =
  | { readonly fd: number; readonly path?: undefined }
  | { readonly host: string; readonly port: number; readonly path?: undefined }
  | { readonly path: string };

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
  /** The path of a unix socket; null for TCP. It stands for the address of either side in logs. */
  readonly unixPath: string | null;
  /** Makes the protocol core of a new connection. */
  readonly protocol: (wire: SocketWire, facts: ConnectionFacts) => WireProtocol;
  /** How connections that arrive at a local address begin with TLS; null where they do not. Plain unless said. */
  readonly tlsFrontOf?: (localAddress: string) => TlsFront | null;
  /** Hears of connections that were turned away, or did not come to an agreement about TLS. */
  readonly onRefused: (fault: Fault, remoteAddress: string) => void;
  /** Hears of errors of the listening socket, such as too many open files. */
  readonly onError: (error: Error) => void;
}

let connectionIds = 0;

/** Hears of every connection and of the bytes on it, for whoever watches the server. */
export interface ConnectionTally extends Traffic {
  accepted(): void;
  closed(): void;
  /** It was turned away, and counts as nothing else. */
  refused(): void;
}

/** An open connection, as it is shown to an administrator. */
export interface OpenConnection {
  readonly facts: Readonly<ConnectionFacts>;
  readonly wire: SocketWire;
  readonly protocol: WireProtocol;
  /** Monotonic milliseconds at which it was accepted. */
  readonly since: number;
}

/** How many connections one thread has open, over all its listeners, and from whom. */
export class ConnectionCensus {
  /** Null where nobody watches. */
  readonly tally: ConnectionTally | null;
  #open = 0;
  readonly #byAddress = new Map<string, number>();

  constructor(tally: ConnectionTally | null = null) {
    this.tally = tally;
  }

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
    this.tally?.accepted();
    this.#byAddress.set(address, this.from(address) + 1);
  }

  /** Counts a connection out. */
  remove(address: string): void {
    this.#open--;
    this.tally?.closed();
    const left = this.from(address) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}

// What is used of a server or a socket beyond Node's documentation.
interface Inside {
  _handle: { readonly listen?: unknown; readonly fd?: unknown } | null;
}

/** See the head of this file. */
export class Listener {
  /** Counts for connections that come from now on. */
  limits: ListenerLimits;
  readonly #server: Server;
  readonly #settings: ListenerSettings;
  readonly #census: ConnectionCensus;
  readonly #open = new Map<WireProtocol, OpenConnection>();
  readonly #handshakes = new Set<TlsHandshake>();
  #leaving: 'no' | 'wind-down' | 'retire' = 'no';

  private constructor(settings: ListenerSettings, census: ConnectionCensus) {
    this.#settings = settings;
    this.limits = settings.limits;
    this.#census = census;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    this.#server.on('connection', (socket) => {
      this.#join(socket);
    });
  }

  /** Serves connections from now on; rejects with the system's error (`EADDRINUSE`, `EBADF`, …) where that fails. */
  static open(
    target: ListenTarget,
    settings: ListenerSettings,
    census: ConnectionCensus,
  ): Promise<Listener> {
    const listener = new Listener(settings, census);
    const server = listener.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      const ready = (): void => {
        server.off('error', reject);
        server.on('error', settings.onError);
        resolve(listener);
      };
      // The backlog beside a descriptor counts only here.
      server.listen(target, settings.backlog, ready);
    });
  }

  /** The port that the listener has, 0 for a unix socket; tells what a request for port 0 got. */
  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
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

  #remoteAddress(accepted: Socket): string {
    return this.#settings.unixPath === null ? plainAddress(accepted.remoteAddress) : 'unix:';
  }

  #turnAway(accepted: Socket, kind: FaultKind, remoteAddress: string): void {
    accepted.on('error', () => {});
    accepted.destroy();
    this.#census.tally?.refused();
    this.#settings.onRefused(new Fault(kind, 'accept'), remoteAddress);
  }

  // Whether the descriptor of the connection is one that is kept for others.
  #isOutOfRoom(accepted: Socket): boolean {
    const room = this.#settings.thread.descriptors;
    const inside = accepted as unknown as Inside; // Node's types do not show the handle
    const fd = inside._handle?.fd; // oxlint-disable-line no-underscore-dangle -- as above
    return room !== undefined && typeof fd === 'number' && fd >= room.clients;
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
    if (this.#isOutOfRoom(accepted)) {
      this.#turnAway(accepted, NET_FAULTS['no-descriptors'], remoteAddress);
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
    const { thread, unixPath, tlsFrontOf } = this.#settings;
    const since = thread.clock.monotonic();
    const facts: ConnectionFacts = {
      id: ++connectionIds,
      remoteAddress,
      remotePort: accepted.remotePort ?? 0,
      localAddress: unixPath ?? plainAddress(accepted.localAddress),
      localPort: accepted.localPort ?? 0,
      secure: false,
      requests: 0,
      peerEnded: false,
    };
    const front = tlsFrontOf?.(facts.localAddress) ?? null;
    if (front !== null) {
      try {
        this.#handshake(accepted, front, { ...facts, secure: true }, since);
      } catch (error) {
        // OpenSSL refuses a certificate that was taken when the configuration was loaded.
        thread.turn.failed(error);
        accepted.destroy();
      }
      return;
    }
    const { socket, reader } = readShared(accepted) ?? { socket: accepted, reader: null };
    const wire = new SocketWire(socket, thread, lingering, reader, census.tally);
    census.add(remoteAddress);
    wire.onceClosed(() => {
      census.remove(remoteAddress);
    });
    this.#serve(wire, facts, since);
  }

  #serve(wire: SocketWire, facts: ConnectionFacts, since: number): void {
    const protocol = this.#settings.protocol(wire, facts);
    this.#open.set(protocol, { facts, wire, protocol, since });
    wire.onceClosed(() => {
      this.#open.delete(protocol);
    });
    wire.attach(protocol);
    if (this.#leaving === 'wind-down') protocol.windDown();
    else if (this.#leaving === 'retire') protocol.retire();
  }

  // It counts as a connection from the beginning: handshakes cost more than requests.
  #handshake(accepted: Socket, front: TlsFront, facts: ConnectionFacts, since: number): void {
    const { thread, onRefused } = this.#settings;
    const { tally } = this.#census;
    this.#census.add(facts.remoteAddress);
    accepted.once('close', () => {
      this.#census.remove(facts.remoteAddress);
    });
    // What happens to it is told by the socket above it.
    accepted.on('error', () => {});
    const handshake = new TlsHandshake(accepted, front, thread, {
      onSecured: (socket) => {
        this.#handshakes.delete(handshake);
        const { lingering } = this.limits;
        this.#serve(new SocketWire(socket, thread, lingering, null, tally, accepted), facts, since);
      },
      onHandshakeFailed: (fault) => {
        this.#handshakes.delete(handshake);
        onRefused(fault, facts.remoteAddress);
      },
    });
    this.#handshakes.add(handshake);
  }

  /** The connections that are open, oldest first. */
  connections(): Iterable<OpenConnection> {
    return this.#open.values();
  }

  /** Stops accepting. Connections notice nothing. */
  close(): void {
    this.#server.close();
  }

  /** Stops accepting. Connections live on; each says in its next answer that it is the last. */
  windDown(): void {
    this.#leaving = 'wind-down';
    this.#server.close();
    for (const protocol of this.#open.keys()) protocol.windDown();
  }

  /** Stops accepting, and tells every connection to finish what it does and to begin nothing new. */
  retire(): void {
    this.#leaving = 'retire';
    this.#server.close();
    for (const handshake of this.#handshakes) handshake.cancel();
    this.#handshakes.clear();
    for (const protocol of this.#open.keys()) protocol.retire();
  }
}
