/**
 * The connections of one thread to one peer.
 *
 * Rules.
 *  - A call takes the connection that was used last, else a fresh one: those that are not needed grow
 *    old and go, and what was used a moment ago is least likely to have been ended by the peer.
 *  - A peer that ends an idle connection just as a call takes it is nobody's fault: the call is repeated
 *    on a fresh connection where that is safe, see `PooledCall`. It is not repeated twice.
 */
import type { Socket } from 'node:net';
import { Fault } from '../base/index.ts';
import type {
  CallTimeouts,
  ConnectionOwner,
  OutgoingCall,
  OutgoingRequest,
  ResponseReceiver,
  SerialConnection,
  Transport,
  Wire,
} from '../http/message/index.ts';
import type { Endpoint } from '../schema/index.ts';
import { Dial } from './dial.ts';
import { DIAL_FAULTS } from './faults.ts';
import type { IdleConnection, IdleConnections } from './idle-connections.ts';
import { type CallOwner, PooledCall } from './pooled-call.ts';
import type { SharedReader } from './shared-read.ts';
import { SocketWire, type WireThread } from './socket-wire.ts';

/** A protocol that carries one call at a time on a connection. */
export interface SerialProtocol {
  /** Speaks it on a connection that stands. */
  connect(wire: Wire, owner: ConnectionOwner): SerialConnection;
  /** Throws what `open` of a connection would, before there is one. */
  check(request: OutgoingRequest): void;
}

/** What the connections to a peer are made of. */
export interface PeerTransportSettings {
  readonly endpoint: Endpoint;
  readonly thread: WireThread;
  readonly protocol: SerialProtocol;
  /** Where idle connections are kept, for all peers of an upstream together. */
  readonly idle: IdleConnections;
  /** Calls under way at a time; 0 sets no limit. nginx: `max_conns`. */
  readonly maxConnections: number;
}

// A connection that we close has been answered in full; there is nothing to linger for.
const NO_LINGERING = { idle: 0, total: 0 };

/** See the head of this file. */
export class PeerTransport implements Transport, CallOwner {
  readonly #settings: PeerTransportSettings;
  readonly #idle: PeerConnection[] = [];
  readonly #connections = new Set<PeerConnection>();
  readonly #dials = new Map<PooledCall, Dial>();
  #calls = 0;
  #dialled = 0;
  #retired = false;

  constructor(settings: PeerTransportSettings) {
    this.#settings = settings;
  }

  /** Calls under way. */
  get calls(): number {
    return this.#calls;
  }

  /** Whether another call would be refused. */
  get full(): boolean {
    const { maxConnections } = this.#settings;
    return maxConnections > 0 && this.#calls >= maxConnections;
  }

  /** Connections that have been asked for since the beginning. */
  get dialled(): number {
    return this.#dialled;
  }

  open(request: OutgoingRequest, receiver: ResponseReceiver, timeouts: CallTimeouts): OutgoingCall {
    const call = new PooledCall(this, request, receiver, timeouts);
    const connection = this.full ? undefined : this.#takeIdle();
    if (connection !== undefined) {
      try {
        call.begin(connection.core, true);
      } catch (error) {
        this.onIdle(connection);
        throw error;
      }
      this.#calls++;
      return call;
    }
    // Nothing is sent yet, but what cannot be sent is to be known now.
    this.#settings.protocol.check(request);
    if (this.full) {
      this.#calls++;
      process.nextTick(() => {
        this.#settings.thread.turn.run(() => {
          call.refuse(new Fault(DIAL_FAULTS['dial-full'], 'connect'));
        });
      });
    } else {
      this.#calls++;
      this.#dial(call);
    }
    return call;
  }

  #takeIdle(): PeerConnection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return undefined;
      this.#settings.idle.remove(connection);
      if (connection.core.usable) return connection;
    }
  }

  #dial(call: PooledCall): void {
    const { endpoint, thread } = this.#settings;
    this.#dialled++;
    const dial = new Dial(endpoint, call.timeouts.connect, thread, {
      onConnected: (socket, reader) => {
        this.#dials.delete(call);
        const connection = this.#connect(socket, reader);
        call.begin(connection.core, false);
        if (this.#retired) connection.retire();
      },
      onDialFailed: (fault) => {
        this.#dials.delete(call);
        call.refuse(fault);
      },
    });
    this.#dials.set(call, dial);
  }

  #connect(socket: Socket, reader: SharedReader): PeerConnection {
    const { thread, protocol } = this.#settings;
    const wire = new SocketWire(socket, thread, NO_LINGERING, reader);
    const connection = new PeerConnection(this, wire, protocol);
    this.#connections.add(connection);
    wire.attach(connection.core);
    return connection;
  }

  // Called by calls.

  redial(call: PooledCall): void {
    this.#dial(call);
  }

  undial(call: PooledCall): void {
    this.#dials.get(call)?.cancel();
    this.#dials.delete(call);
  }

  onCallOver(_call: PooledCall): void {
    this.#calls--;
  }

  // Called by connections.

  /** The connection may carry another call. */
  onIdle(connection: PeerConnection): void {
    if (this.#retired) {
      connection.retire();
      return;
    }
    this.#idle.push(connection);
    this.#settings.idle.add(connection);
  }

  /** The connection carries no further call. */
  onUnusable(connection: PeerConnection): void {
    this.#connections.delete(connection);
    this.#settings.idle.remove(connection);
    const at = this.#idle.lastIndexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  /** Closes what is idle; calls under way go on, and their connections close behind them. */
  retire(): void {
    this.#retired = true;
    for (const connection of this.#connections) connection.retire();
  }
}

/** One connection of a peer: what joins the protocol core to the lists that it stands in. */
class PeerConnection implements IdleConnection, ConnectionOwner {
  readonly core: SerialConnection;
  older: IdleConnection | null = null;
  newer: IdleConnection | null = null;
  readonly #peer: PeerTransport;

  constructor(peer: PeerTransport, wire: Wire, protocol: SerialProtocol) {
    this.#peer = peer;
    this.core = protocol.connect(wire, this);
  }

  retire(): void {
    this.core.retire();
  }

  onIdle(): void {
    this.#peer.onIdle(this);
  }

  onUnusable(): void {
    this.#peer.onUnusable(this);
  }
}
