/**
 * The seam between a socket and a protocol core. `net` owns the socket and implements `Wire`; a core
 * implements `WireProtocol` and never learns what carries its bytes, which is what lets every test of a
 * core run without a socket.
 */
import type { Deadlined } from '../../base/index.ts';

/** The outgoing half of a connection, and the control over its incoming half. */
export interface Wire {
  /**
   * Queues latin1 text or bytes; what is queued within one turn of events leaves in one system call.
   * False: the queue is above its high-water mark, stop until `onDrain`. The wire owns the bytes.
   */
  write(data: string | Uint8Array): boolean;
  /** Bytes queued and not yet taken by the operating system; it falls whenever the peer takes some. */
  readonly queued: number;
  /** Stops reading from the peer; bytes already read may still be delivered. */
  pause(): void;
  /** Reads from the peer again. */
  resume(): void;
  /**
   * Sends what is queued, then FIN, and delivers nothing more. With `linger` the peer may still be
   * sending: its bytes are read and thrown away for a while, because a socket that is closed with bytes
   * unread sends a reset, which takes the answer with it (RFC 9112 section 9.6). nginx: `lingering_close`.
   */
  close(linger: boolean): void;
  /** Sends what is queued, then FIN, while bytes of the peer are still delivered: the end of one direction of a tunnel. */
  end(): void;
  /** Closes at once with a reset, so that the peer cannot take what it has for complete; what is queued is lost. */
  destroy(): void;
}

/** A request arrives, or is answered; nothing happens between two; or the bytes are not HTTP any more. */
export type Activity = 'idle' | 'reading' | 'answering' | 'tunnel';

/** A protocol core as `net` drives it. Its `deadline` is swept with those of the other connections. */
export interface WireProtocol extends Deadlined {
  /** What the connection is doing, for whoever watches. */
  readonly activity: Activity;
  /**
   * Whether the core copies what it keeps of the bytes that `onBytes` gets next, so that they may lie in a
   * buffer that is used again; else it owns them.
   */
  readonly borrowsBytes: boolean;
  /** Bytes `[start, end)` of `chunk` arrived. */
  onBytes(chunk: Uint8Array, start: number, end: number): void;
  /** The peer sent FIN. */
  onPeerEnd(): void;
  /** The queue fell below its low-water mark after a `write` answered false. */
  onDrain(): void;
  /** The operating system did not take all that was queued in this turn; `onFlushed` follows when it did. */
  onBlocked(): void;
  /** Everything queued was taken by the operating system. */
  onFlushed(): void;
  /** The connection is gone, whoever ended it; the last call. `error` says why, null for a clean end. */
  onClose(error: Error | null): void;
  /**
   * Another process takes the listener over: a request that comes now is answered, and told to be the last. A
   * connection that waits for one stays open; closing it now might cross a request that is on its way.
   */
  windDown(): void;
  /** The server shuts down or the connection's listener goes away: finish what runs, start nothing new. */
  retire(): void;
}
