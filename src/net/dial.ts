import { connect, type Socket } from 'node:net';
import { type Deadlined, Fault, NEVER } from '../base/index.ts';
import type { Endpoint } from '../schema/index.ts';
import { DIAL_FAULTS } from './faults.ts';
import { SharedReader } from './shared-read.ts';
import type { WireThread } from './socket-wire.ts';

/** Hears how an attempt to connect ended; one of the two, once, inside of a turn. */
export interface DialOutcome {
  /** The socket is connected and nobody listens to it yet. */
  onConnected(socket: Socket, reader: SharedReader): void;
  onDialFailed(fault: Fault): void;
}

// What is used of a socket beyond Node's documentation.
interface Inside {
  readonly _handle: { readonly fd?: number } | null;
}

// What the machine lacks, rather than the peer.
const OURS = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EACCES', 'EPERM']);

/** One attempt to connect to a peer, given up after `timeout` milliseconds. */
export class Dial implements Deadlined {
  deadline: number;
  readonly #socket: Socket;
  readonly #reader = new SharedReader();
  readonly #thread: WireThread;
  readonly #timeout: number;
  readonly #where: string;
  #outcome: DialOutcome | null;

  constructor(endpoint: Endpoint, timeout: number, thread: WireThread, outcome: DialOutcome) {
    this.#thread = thread;
    this.#timeout = timeout;
    this.#outcome = outcome;
    this.deadline = thread.clock.monotonic() + timeout;
    thread.deadlines.add(this);
    if (endpoint.kind === 'unix') {
      this.#where = `unix:${endpoint.path}`;
      this.#socket = connect({
        path: endpoint.path,
        allowHalfOpen: true,
        onread: this.#reader.option,
      });
    } else {
      const { host, port } = endpoint;
      this.#where = `${host}:${port}`;
      this.#socket = connect({
        host,
        port,
        allowHalfOpen: true,
        noDelay: true,
        onread: this.#reader.option,
      });
    }
    this.#socket.on('connect', this.#connected);
    this.#socket.on('error', this.#failed);
  }

  readonly #connected = (): void => {
    const socket = this.#socket;
    const { descriptors } = this.#thread;
    const inside = socket as unknown as Inside; // Node's types do not show the handle
    const fd = inside._handle?.fd; // oxlint-disable-line no-underscore-dangle -- as above
    if (descriptors !== undefined && fd !== undefined && fd >= descriptors.backEnds) {
      socket.destroy();
      this.#giveUp(new Fault(DIAL_FAULTS['dial-machine'], 'connect', 'EMFILE'));
      return;
    }
    const outcome = this.#settle();
    socket.off('connect', this.#connected);
    socket.off('error', this.#failed);
    this.#thread.turn.run(() => outcome?.onConnected(socket, this.#reader));
  };

  readonly #failed = (error: NodeJS.ErrnoException): void => {
    const ours = error.code !== undefined && OURS.has(error.code);
    const kind = DIAL_FAULTS[ours ? 'dial-machine' : 'dial-refused'];
    this.#giveUp(new Fault(kind, 'connect', causeOf(error, this.#where), error));
  };

  onDeadline(): void {
    this.#socket.destroy();
    this.#giveUp(new Fault(DIAL_FAULTS['dial-timeout'], 'connect', `${this.#timeout} ms`));
  }

  #giveUp(fault: Fault): void {
    const outcome = this.#settle();
    this.#thread.turn.run(() => outcome?.onDialFailed(fault));
  }

  #settle(): DialOutcome | null {
    const outcome = this.#outcome;
    this.#outcome = null;
    this.deadline = NEVER;
    this.#thread.deadlines.remove(this);
    return outcome;
  }

  /** Nobody wants the connection any more; neither outcome is told. */
  cancel(): void {
    if (this.#settle() !== null) this.#socket.destroy();
  }
}

/**
 * What the system said, with the address only where it is not the one that was asked for, but one that its name stands
 * for: whoever asked knows that one, and tells it in words of their own.
 */
function causeOf(error: NodeJS.ErrnoException, where: string): string {
  // A name with several addresses fails for each of them.
  const tried: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  return tried.map((each) => oneCause(each, where)).join(', ');
}

function oneCause(error: unknown, where: string): string {
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & Address;
  if (code === undefined) return error.message;
  if (address === undefined || port === undefined) return code;
  const tried = `${address}:${port}`;
  return tried === where ? code : `${code} ${tried}`;
}

/** What Node adds to an error of connecting over TCP. */
interface Address {
  readonly address?: string;
  readonly port?: number;
}
