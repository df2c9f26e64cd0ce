/**
 * A socket as protocol cores see it: the `Wire` over `node:net`.
 *
 * Rules.
 *  - Writes collect until the end of the turn. While the operating system has not taken what it was
 *    given, nothing more is given to it: then `queued` says exactly how far the peer is behind.
 *  - Every call of the core happens inside a turn, and an error that it throws ends this connection alone.
 *  - Bytes held for a slow peer are charged to the memory budget.
 */
import type { DescriptorRoom } from './descriptor-room.ts';
import type { Socket } from 'node:net';
import {
  type Deadlined,
  type Deadlines,
  type MemoryBudget,
  NEVER,
  type Clock,
} from '../base/index.ts';
import type { Wire, WireProtocol } from '../http/message/index.ts';
import type { SharedReader } from './shared-read.ts';
import type { Flushable, Turn } from './turn.ts';

/** Above this many queued bytes `write` asks the writer to wait. */
const HIGH_WATER = 64 * 1024;
/** Up to this many bytes, copying pieces together costs less than a gathering write. */
const JOINED_BYTES = 8 * 1024;
const EMPTY = new Uint8Array(0);

/** What the wires of one thread share. */
export interface WireThread {
  readonly turn: Turn;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly budget: MemoryBudget;
  /** Without it descriptors are taken to the last. */
  readonly descriptors?: DescriptorRoom;
}

/** Hears of the bytes on connections, for whoever watches the server. */
export interface Traffic {
  received(bytes: number): void;
  /** They were given to the operating system, which may still lose them with the connection. */
  sent(bytes: number): void;
}

/** How long a closed connection is read from, in milliseconds. nginx: `lingering_timeout`, `lingering_time`. */
export interface Lingering {
  /** Without a byte from the peer. */
  readonly idle: number;
  /** In all. */
  readonly total: number;
}

// How much of the write under way the operating system has not taken. Node tells it to its own time-outs
// only; without it a big chunk on a slow line would look as if nothing moved.
interface WithWriteQueue {
  readonly _handle?: { readonly writeQueueSize?: number; readonly fd?: number } | null;
}

/** See the head of this file. */
export class SocketWire implements Wire, Flushable, Deadlined {
  deadline = NEVER;
  readonly #socket: Socket;
  readonly #carrier: Socket;
  readonly #reader: SharedReader | null;
  readonly #thread: WireThread;
  readonly #lingering: Lingering;
  readonly #traffic: Traffic | null;
  #lastByte: number;
  #protocol: WireProtocol | null = null;
  #text = '';
  #parts: (string | Uint8Array)[] | null = null;
  #pending = 0;
  #dirty = false;
  #inFlight = 0;
  #charged = 0;
  #wantsDrain = false;
  #closing: 'no' | 'end' | 'close' | 'linger' | 'lingering' = 'no';
  #lingerUntil = 0;
  #peerEnded = false;
  #gone = false;
  #error: Error | null = null;

  /**
   * A wire over a connection. With a `reader` the socket reads into the buffer that all of the thread
   * share; without one it gives a buffer of its own for every read. `carrier` is the connection beneath TLS.
   */
  constructor(
    socket: Socket,
    thread: WireThread,
    lingering: Lingering,
    reader: SharedReader | null,
    traffic: Traffic | null = null,
    carrier: Socket = socket,
  ) {
    this.#socket = socket;
    this.#carrier = carrier;
    this.#thread = thread;
    this.#lingering = lingering;
    this.#reader = reader;
    this.#traffic = traffic;
    this.#lastByte = thread.clock.monotonic();
  }

  #take(chunk: Buffer, bytes: number): void {
    const { turn, clock } = this.#thread;
    turn.enter();
    this.#lastByte = clock.monotonic();
    this.#traffic?.received(bytes);
    try {
      if (this.#closing === 'no' || this.#closing === 'end') {
        this.#protocol?.onBytes(chunk, 0, bytes);
      } else if (this.#closing === 'lingering') {
        this.#lingerOn();
      }
    } catch (error) {
      this.#failed(error);
    }
    turn.leave();
  }

  /** When the connection has ended, however it did. */
  onceClosed(act: () => void): void {
    this.#socket.once('close', act);
  }

  /** Connects the core; its deadline is swept from now on. Bytes flow at once. */
  attach(protocol: WireProtocol): void {
    const { deadlines } = this.#thread;
    this.#protocol = protocol;
    deadlines.add(protocol);
    if (this.#reader === null) {
      this.#socket.on('data', (chunk: Buffer) => {
        this.#take(chunk, chunk.length);
      });
    } else {
      this.#reader.onRead = (shared, bytes) => {
        // Gone when this returns: a core that keeps bytes gets its own.
        if (protocol.borrowsBytes) this.#take(shared, bytes);
        else this.#take(Buffer.from(shared.subarray(0, bytes)), bytes);
      };
    }
    // The server accepts connections paused; with a reader this is what makes the end of the stream known.
    this.#socket.resume();
    this.#socket.on('end', () => {
      this.#peerEnded = true;
      this.#inTurn(() => {
        if (this.#closing === 'lingering') this.#socket.destroy();
        else protocol.onPeerEnd();
      });
    });
    this.#socket.on('error', (error: Error) => {
      this.#error ??= error;
    });
    this.#socket.on('close', () => {
      this.#gone = true;
      this.#charge(0);
      deadlines.remove(protocol);
      deadlines.remove(this);
      this.#inTurn(() => {
        protocol.onClose(this.#error);
      });
    });
  }

  #inTurn(act: () => void): void {
    const { turn } = this.#thread;
    turn.enter();
    try {
      act();
    } catch (error) {
      this.#failed(error);
    }
    turn.leave();
  }

  #failed(error: unknown): void {
    this.#thread.turn.failed(error);
    this.destroy();
  }

  /** Monotonic milliseconds at which bytes came or were sent last. */
  get lastByte(): number {
    return this.#lastByte;
  }

  /** Bytes that came, and that were sent, so far. */
  get bytes(): { readonly received: number; readonly sent: number } {
    return { received: this.#socket.bytesRead, sent: this.#socket.bytesWritten };
  }

  /** The descriptor of the socket; null where the system has none, or it is closed. */
  get descriptor(): number | null {
    // oxlint-disable-next-line no-underscore-dangle -- Node shows it nowhere else
    const fd = (this.#socket as WithWriteQueue)._handle?.fd;
    return fd === undefined || fd < 0 ? null : fd;
  }

  get queued(): number {
    return this.#pending + this.#undelivered();
  }

  #undelivered(): number {
    if (this.#inFlight === 0) return 0;
    // oxlint-disable-next-line no-underscore-dangle -- Node shows the number nowhere else; see WithWriteQueue
    const left = (this.#socket as WithWriteQueue)._handle?.writeQueueSize;
    return left === undefined || left === 0 ? this.#inFlight : Math.min(left, this.#inFlight);
  }

  write(data: string | Uint8Array): boolean {
    if (this.#gone) return true;
    this.#pending += data.length;
    if (this.#parts !== null) this.#parts.push(data);
    else if (typeof data === 'string') this.#text += data;
    else if (this.#text === '') this.#parts = [data];
    else {
      this.#parts = [this.#text, data];
      this.#text = '';
    }
    if (this.#inFlight > 0) this.#charge(this.#pending + this.#inFlight);
    else this.#markDirty();
    if (this.#pending + this.#inFlight < HIGH_WATER) return true;
    this.#wantsDrain = true;
    return false;
  }

  #markDirty(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#thread.turn.add(this);
  }

  /** Gives what is queued to the operating system; called at the end of a turn. */
  flush(): void {
    this.#dirty = false;
    if (this.#gone || this.#inFlight > 0) return;
    if (this.#pending > 0) {
      const sending = this.#pending;
      this.#lastByte = this.#thread.clock.monotonic();
      this.#traffic?.sent(sending);
      this.#send();
      // What the operating system took at once is not counted as queued by the socket any more.
      if (this.#socket.writableLength > 0) {
        this.#inFlight = sending;
        this.#charge(sending);
        // A write of nothing is called back when everything before it has gone, or with an error when it
        // never will: then `close` follows.
        this.#socket.write(EMPTY, (error) => {
          if (error instanceof Error) return;
          this.#inTurn(() => {
            this.#sent();
          });
        });
        // Also behind `close`: only the core can tell how long the peer may take none of it.
        this.#protocol?.onBlocked();
        return;
      }
    }
    this.#sent();
  }

  #send(): void {
    const parts = this.#parts;
    const bytes = this.#pending;
    this.#pending = 0;
    if (parts === null) {
      const text = this.#text;
      this.#text = '';
      this.#socket.write(text, 'latin1');
      return;
    }
    this.#parts = null;
    if (bytes <= JOINED_BYTES) {
      this.#socket.write(joined(parts), 'latin1');
      return;
    }
    if (parts.length > 1) this.#socket.cork();
    for (const part of parts) {
      if (typeof part === 'string') this.#socket.write(part, 'latin1');
      else this.#socket.write(part);
    }
    if (parts.length > 1) this.#socket.uncork();
  }

  #sent(): void {
    if (this.#gone) return;
    if (this.#inFlight > 0) {
      this.#inFlight = 0;
      this.#charge(0);
    }
    if (this.#pending > 0) {
      this.#markDirty();
      return;
    }
    const protocol = this.#protocol;
    if (this.#wantsDrain) {
      this.#wantsDrain = false;
      if (this.#closing === 'no') protocol?.onDrain();
    }
    if (this.#pending > 0) return;
    protocol?.onFlushed();
    if (this.#pending === 0 && this.#closing !== 'no') this.#finish();
  }

  #charge(bytes: number): void {
    const change = bytes - this.#charged;
    if (change === 0) return;
    this.#charged = bytes;
    if (change > 0) this.#thread.budget.take(change);
    else this.#thread.budget.give(-change);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    if (this.#gone || this.#closing !== 'no') return;
    this.#closing = 'end';
    this.#markDirty();
  }

  close(linger: boolean): void {
    if (this.#gone || this.#closing === 'close' || this.#closing === 'linger') return;
    this.#closing = linger && !this.#peerEnded ? 'linger' : 'close';
    this.#markDirty();
  }

  // Everything queued has been taken: the FIN may go.
  #finish(): void {
    if (this.#closing === 'end') {
      this.#socket.end();
    } else if (this.#closing === 'close') {
      this.#socket.destroySoon();
    } else if (this.#closing === 'linger') {
      this.#closing = 'lingering';
      this.#socket.end();
      const { clock, deadlines } = this.#thread;
      this.#lingerUntil = clock.monotonic() + this.#lingering.total;
      deadlines.add(this);
      this.#lingerOn();
      this.#socket.resume();
    }
  }

  #lingerOn(): void {
    const idle = this.#thread.clock.monotonic() + this.#lingering.idle;
    this.deadline = Math.min(idle, this.#lingerUntil);
  }

  /** The time to linger is over. */
  onDeadline(): void {
    this.#socket.destroy();
  }

  destroy(): void {
    if (this.#gone) return;
    // What is lost is not to be taken for sent at the end of the turn.
    this.#gone = true;
    this.#pending = 0;
    this.#text = '';
    this.#parts = null;
    // Only TCP knows a reset; a unix socket that is closed early tells its peer by the missing end.
    // Behind a FIN that is still on its way a reset fails and would leave the socket open for ever.
    const { remoteFamily, writableEnded, writableFinished } = this.#socket;
    const ending = writableEnded && !writableFinished;
    if (remoteFamily === undefined || ending) this.#socket.destroy();
    // Without the end that TLS would announce: its peer sees a reset, too.
    else this.#carrier.resetAndDestroy();
  }
}

function joined(parts: readonly (string | Uint8Array)[]): string {
  let text = '';
  for (const part of parts) {
    text += typeof part === 'string' ? part : asBuffer(part).toString('latin1');
  }
  return text;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
