import { Fault } from '../../base/index.ts';
import type { Fields } from '../message/fields.ts';
import { UNKNOWN_LENGTH } from '../message/request.ts';
import type {
  CallTimeouts,
  OutgoingCall,
  OutgoingRequest,
  ResponseReceiver,
} from '../message/transport.ts';
import { H1_RESPONSE_FAULTS as FAULTS } from './faults.ts';
import { chunkLine, fieldLines } from './head-writer.ts';

/** The connection as its call sees it. */
export interface CallCarrier {
  /** Queues bytes of the request; false above the wire's high-water mark. */
  put(data: string | Uint8Array): boolean;
  /** The request is complete: from now on the back end is waited for. */
  requestComplete(call: H1ClientCall): void;
  /** Bytes were written into the tunnel, which is thereby not idle. */
  tunnelWritten(): void;
  /** Our side of the tunnel ended. */
  tunnelEnded(call: H1ClientCall): void;
  /** The receiver asked for a pause, or for more. */
  flowChanged(call: H1ClientCall): void;
  /** The caller gave the call up. */
  abandon(call: H1ClientCall): void;
  /** Ends the call with a fault; the connection goes with it. */
  fail(call: H1ClientCall, fault: Fault): void;
}

/**
 * One request on a client connection: frames its body. Once the call is over it knows no connection
 * any more, so that a caller who holds on to it cannot touch the next call.
 */
export class H1ClientCall implements OutgoingCall {
  readonly request: OutgoingRequest;
  readonly receiver: ResponseReceiver;
  readonly timeouts: CallTimeouts;
  /** Whether the request is complete; in a tunnel, whether our side ended. */
  requestEnded: boolean;
  /** Whether the receiver asked for a pause. */
  paused = false;
  /** Whether bytes of this request may have left the machine. */
  left = false;
  /** Whether a byte came back since then. */
  answered = false;
  received = 0;
  /** Whether the final head came and made a tunnel of the connection. */
  tunnel = false;

  #connection: CallCarrier | null;
  #written = 0;

  constructor(
    connection: CallCarrier,
    request: OutgoingRequest,
    receiver: ResponseReceiver,
    timeouts: CallTimeouts,
  ) {
    this.#connection = connection;
    this.request = request;
    this.receiver = receiver;
    this.timeouts = timeouts;
    this.requestEnded = request.length === 0;
  }

  get sent(): 'nothing' | 'head' | 'body' {
    if (!this.left) return 'nothing';
    return this.#written > 0 ? 'body' : 'head';
  }

  write(chunk: Uint8Array, start: number, end: number): boolean {
    const connection = this.#connection;
    if (connection === null || end === start) return true;
    const bytes = start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end);
    if (this.tunnel) {
      if (this.requestEnded) return true;
      connection.tunnelWritten();
      return connection.put(bytes);
    }
    const { length } = this.request;
    if (length !== UNKNOWN_LENGTH && this.#written + bytes.length > length) {
      connection.fail(
        this,
        new Fault(FAULTS['h1-call-length'], 'request-body', `more than ${length} bytes`),
      );
      return true;
    }
    if (this.requestEnded) return true;
    this.#written += bytes.length;
    if (length !== UNKNOWN_LENGTH) {
      const room = connection.put(bytes);
      if (this.#written === length) connection.requestComplete(this);
      return room;
    }
    connection.put(chunkLine(bytes.length));
    connection.put(bytes);
    return connection.put('\r\n');
  }

  end(trailers: Fields | null): void {
    const connection = this.#connection;
    if (connection === null || this.requestEnded) {
      return;
    }
    if (this.tunnel) {
      connection.tunnelEnded(this);
      return;
    }
    const { length } = this.request;
    if (length !== UNKNOWN_LENGTH) {
      const detail = `${this.#written} of ${length} bytes`;
      connection.fail(this, new Fault(FAULTS['h1-call-length'], 'request-body', detail));
      return;
    }
    connection.put(trailers === null ? '0\r\n\r\n' : `0\r\n${fieldLines(trailers)}\r\n`);
    connection.requestComplete(this);
  }

  abort(_fault: Fault): void {
    this.#connection?.abandon(this);
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.#connection?.flowChanged(this);
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.#connection?.flowChanged(this);
  }

  /** The call is over. */
  detach(): void {
    this.#connection = null;
  }
}
