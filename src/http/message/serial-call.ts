import { Fault } from '../../base/index.ts';
import { CALL_FAULTS } from './faults.ts';
import type { Fields } from './fields.ts';
import { UNKNOWN_LENGTH } from './request.ts';
import type { CallTimeouts, OutgoingCall, OutgoingRequest, ResponseReceiver } from './transport.ts';

/** The connection as its call sees it. */
export interface CallCarrier {
  /** Queues bytes of the request; false above the wire's high-water mark. */
  put(data: string | Uint8Array): boolean;
  /** The request is complete: from now on the back end is waited for. */
  requestComplete(call: SerialCall): void;
  /** The receiver asked for a pause, or for more. */
  flowChanged(call: SerialCall): void;
  /** The caller gave the call up. */
  abandon(call: SerialCall): void;
  /** Ends the call with a fault; the connection goes with it. */
  fail(call: SerialCall, fault: Fault): void;
}

/**
 * One request on a connection that carries one at a time. How its body is framed is the protocol's. Once the call is
 * over it knows no connection any more, so that a caller who holds on to it cannot touch the next call.
 */
export abstract class SerialCall<K extends CallCarrier = CallCarrier> implements OutgoingCall {
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

  /** Null once the call is over. */
  protected carrier: K | null;
  /** Bytes of the body that the caller has given. */
  protected written = 0;

  constructor(
    carrier: K,
    request: OutgoingRequest,
    receiver: ResponseReceiver,
    timeouts: CallTimeouts,
  ) {
    this.carrier = carrier;
    this.request = request;
    this.receiver = receiver;
    this.timeouts = timeouts;
    this.requestEnded = request.length === 0;
  }

  get sent(): 'nothing' | 'head' | 'body' {
    if (!this.left) return 'nothing';
    return this.written > 0 ? 'body' : 'head';
  }

  abstract write(chunk: Uint8Array, start: number, end: number): boolean;

  abstract end(trailers: Fields | null): void;

  /** Counts bytes of the body; false, and the call is over, where they are more than were announced. */
  protected count(carrier: K, bytes: number): boolean {
    const { length } = this.request;
    if (length !== UNKNOWN_LENGTH && this.written + bytes > length) {
      carrier.fail(
        this,
        new Fault(CALL_FAULTS['call-length'], 'request-body', `more than ${length} bytes`),
      );
      return false;
    }
    this.written += bytes;
    return true;
  }

  /** Ends the call because its body is shorter than was announced. */
  protected tooShort(carrier: K): void {
    const detail = `${this.written} of ${this.request.length} bytes`;
    carrier.fail(this, new Fault(CALL_FAULTS['call-length'], 'request-body', detail));
  }

  abort(_fault: Fault): void {
    this.carrier?.abandon(this);
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.carrier?.flowChanged(this);
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.carrier?.flowChanged(this);
  }

  /** The call is over. */
  detach(): void {
    this.carrier = null;
  }
}
