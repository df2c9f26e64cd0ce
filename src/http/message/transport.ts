/**
 * The Transport: one interface for every protocol behind us, the mirror image of the Exchange. A proxy
 * gives it a request and a receiver; which protocol and which connection carry it is its own business.
 */
import type { Fault } from '../../base/index.ts';
import type { BodyReceiver } from './exchange.ts';
import type { Fields } from './fields.ts';
import type { ConnectionFacts } from './request.ts';

/** A request on its way to a back end. */
export interface OutgoingRequest {
  readonly method: string;
  /** The target as it is to appear on the wire. */
  readonly target: string;
  /** What the back end sees as `Host`. */
  readonly authority: string;
  /** End-to-end fields only: no `Host`, no framing, nothing hop-by-hop. */
  readonly fields: Fields;
  /** Exact number of body bytes to come, 0 for none, or `UNKNOWN_LENGTH`. */
  readonly length: number;
  /** Protocol to switch to, as in `RequestHead.upgrade`; null for an ordinary request. */
  readonly upgrade: string | null;
  /**
   * The connection of the client whose request it is, for protocols that tell a back end of it by themselves; null for
   * a request of our own.
   */
  readonly client: ConnectionFacts | null;
}

/** How long a back end may keep a call waiting, in milliseconds. Between bytes, never for the whole. */
export interface CallTimeouts {
  /** For the connection to stand. nginx: `proxy_connect_timeout`. */
  readonly connect: number;
  /** Without the back end taking a byte of the request. nginx: `proxy_send_timeout`. */
  readonly send: number;
  /** Without a byte of the response, once the request is complete; in a tunnel, without a byte either way, which ends it in order. nginx: `proxy_read_timeout`. */
  readonly read: number;
}

/**
 * Takes what a back end answers. `onEnd` or `onAbort` is called exactly once, last. Only in a tunnel
 * `onEnd` ends no more than the back end's direction: until `end` was called, `onDrain` and one
 * `onAbort` may follow.
 */
export interface ResponseReceiver extends BodyReceiver {
  /**
   * A connection was made for the call, and stands: for those who want to know how long it took. Not
   * called where one was open already; called again where the call has to move to a fresh one.
   */
  onConnected?(): void;
  /** An interim response other than 101, such as 103. `100 Continue` is consumed by the transport. */
  onInform(status: number, fields: Fields): void;
  /**
   * The final head. `length` is the exact number of body bytes to come, or `UNKNOWN_LENGTH`; for a
   * tunnel (`status` 101, or 2xx to a CONNECT) the body is what the back end sends through it. For
   * HEAD and 304 it is what a GET would have had. `fields` are as they came, hop-by-hop ones included;
   * they are the receiver's, as trailers are, and may be changed.
   */
  onHead(status: number, reason: string, fields: Fields, length: number): void;
  /** The request body may go on after `write` answered false. */
  onDrain(): void;
  /**
   * `onHead`, `onData` and `onEnd` in one, which a transport may call instead of them where all of a final
   * response is there at once and the request was complete; `body` is latin1. The mirror image of
   * `ResponseSink.send`, for the many responses that are small. As with `onEnd` the call is over then, and
   * what a receiver throws reaches nobody but the log.
   */
  onWhole(status: number, reason: string, fields: Fields, body: string): void;
}

/**
 * One request under way. A request of length 0 is complete when it is opened, and `end` does nothing;
 * in a tunnel `write` and `end` are our direction. Calls on one that is over do nothing.
 */
export interface OutgoingCall {
  /** Sends bytes `[start, end)` of `chunk`, part of the request body. False: stop until `onDrain`. */
  write(chunk: Uint8Array, start: number, end: number): boolean;
  /** Ends the request body, or our direction of a tunnel. */
  end(trailers: Fields | null): void;
  /** Gives the call up: nothing more is called on the receiver, and the connection is not used again. */
  abort(fault: Fault): void;
  /** Holds the response body back. */
  pause(): void;
  /** Lets the response body flow again. */
  resume(): void;
  /**
   * How much the back end may have seen: `nothing` (safe to repeat for any method), `head` (repeat only
   * what is idempotent), `body` (body bytes are gone as well).
   */
  readonly sent: 'nothing' | 'head' | 'body';
  /** Bytes that have come for it: heads, framing and body. Stays readable when the call is over. */
  readonly received: number;
}

/** Carries requests to one back end, over as many connections as it likes. */
export interface Transport {
  /**
   * Begins a call. Nothing is called on the receiver before this returns. Throws a `TypeError`, and sends
   * nothing, where method, target, authority or protocol cannot be written as one request, and a `Fault` where the
   * request is none that the protocol can carry. A protocol that cannot switch to another one ignores `upgrade`.
   */
  open(request: OutgoingRequest, receiver: ResponseReceiver, timeouts: CallTimeouts): OutgoingCall;
}
