/**
 * The client's side of one HTTP/1.1 connection: one call at a time out, its response back. It holds no
 * socket and no timer; `net` drives it through `WireProtocol`, a pool owns it.
 *
 * Rules.
 *  - A byte that comes before the request has left cannot be its answer. Such bytes, and bytes between
 *    two calls, end the connection: they are never taken for the answer to the next request.
 *  - The connection is used again only if the request was taken as a whole, the response was complete
 *    and well framed, neither side wants to close, and nothing is left over.
 *  - A final response that is complete before its request ends the call; what the caller still writes
 *    goes nowhere and the connection is closed (RFC 9112 section 9.3 allows no reuse).
 *  - The receiver hears one end. A tunnel has two directions: `onEnd` ends the back end's, and while
 *    ours is open an `onDrain` or one `onAbort` may still follow.
 */
import { Fault, NEVER } from '../../base/index.ts';
import { EXCHANGE_FAULTS } from '../message/faults.ts';
import { FIELD } from '../message/field-names.ts';
import type { Fields } from '../message/fields.ts';
import { equalsIgnoreCaseAscii } from '../message/token.ts';
import type { CallTimeouts, OutgoingRequest, ResponseReceiver } from '../message/transport.ts';
import type { Activity, Wire, WireProtocol } from '../message/wire.ts';
import { type CallCarrier, H1ClientCall } from './client-call.ts';
import type { H1ClientSettings } from './client-settings.ts';
import { H1_RESPONSE_FAULTS as FAULTS } from './faults.ts';
import { EVENT } from './message-parser.ts';
import { requestHead } from './request-writer.ts';
import { ResponseParser } from './response-parser.ts';
import { type InputOwner, WireInput } from './wire-input.ts';

/** Who decides which call a connection carries next: a pool. */
export interface H1ConnectionOwner {
  /** The connection may be given another call, at once if the owner likes. */
  onIdle(): void;
  /** The connection will take no further call. Called once; a call under way goes on. */
  onUnusable(): void;
}

/** Bodies of up to this many bytes are handed over with their head where all of them is there. */
const WHOLE_BODY = 16 * 1024;

/** See the head of this file. */
export class H1ClientConnection implements WireProtocol, CallCarrier, InputOwner {
  /** Heads and small bodies become text, and are read in place; what a receiver is to keep is copied. */
  readonly borrowsBytes: boolean = true;
  deadline = NEVER;

  readonly #wire: Wire;
  readonly #settings: H1ClientSettings;
  readonly #owner: H1ConnectionOwner;
  readonly #parser: ResponseParser;
  readonly #input: WireInput;

  #call: H1ClientCall | null = null;
  #calls = 0;
  #running = false;
  #borrowed = false;
  #finalHead = false;
  #interims = 0;
  #backEnded = false;
  #blockedWith = 0;
  #peerEnded = false;
  #closing = false;
  #unusable = false;
  #gone = false;

  constructor(wire: Wire, settings: H1ClientSettings, owner: H1ConnectionOwner) {
    this.#wire = wire;
    this.#settings = settings;
    this.#owner = owner;
    this.#parser = new ResponseParser(settings.limits, settings.lenientLineEnds);
    this.#input = new WireInput(wire, settings.budget);
  }

  /** Whether `open` may be called. */
  get usable(): boolean {
    return this.#call === null && !this.#unusable && !this.#closing && !this.#gone;
  }

  /** How many calls the connection has carried, the current one included. */
  get calls(): number {
    return this.#calls;
  }

  /**
   * Sends the head of a request; its body follows by the call that is returned. A request without a
   * body is complete at once. Throws a `TypeError`, and sends nothing, for a head that would not be one
   * request, and where the connection is not `usable`.
   */
  open(request: OutgoingRequest, receiver: ResponseReceiver, timeouts: CallTimeouts): H1ClientCall {
    if (!this.usable) throw new TypeError('The connection takes no call now');
    const head = requestHead(request, !this.#settings.keepAlive);
    const call = new H1ClientCall(this, request, receiver, timeouts);
    this.#call = call;
    this.#calls++;
    this.#finalHead = false;
    this.#interims = 0;
    this.#backEnded = false;
    this.#parser.expect(request.method, request.upgrade !== null && request.upgrade !== 'connect');
    this.#wire.write(head);
    this.#watch();
    return call;
  }

  // Driven by net.

  onBytes(chunk: Uint8Array, start: number, end: number): void {
    if (this.#closing) return;
    const call = this.#call;
    if (call === null) {
      this.#drop(false);
      return;
    }
    if (!call.left) {
      this.fail(
        call,
        new Fault(FAULTS['h1-response-unasked'], 'upstream-head', 'ahead of the request'),
      );
      return;
    }
    call.answered = true;
    call.received += end - start;
    this.#borrowed = this.borrowsBytes;
    this.#parser.push(chunk, start, end);
    this.#watch();
    this.#run();
    if (this.#borrowed) {
      this.#borrowed = false;
      this.#parser.keepUnread();
    }
  }

  onPeerEnd(): void {
    if (this.#closing || this.#peerEnded) return;
    this.#peerEnded = true;
    const call = this.#call;
    if (call === null) this.#drop(true);
    else if (call.left) {
      this.#tellUnusable();
      this.#run();
    } else
      this.fail(call, new Fault(FAULTS['h1-response-none'], 'upstream-head', 'idle connection'));
  }

  onDrain(): void {
    const call = this.#call;
    if (call === null || call.requestEnded) return;
    try {
      call.receiver.onDrain();
    } catch (error) {
      this.#defect(error);
    }
  }

  onBlocked(): void {
    this.#blockedWith = this.#wire.queued;
    if (this.#call !== null) this.#call.left = true;
    this.#watch();
  }

  onFlushed(): void {
    const call = this.#call;
    if (call !== null) call.left = true;
    if (this.#blockedWith === 0) return;
    this.#blockedWith = 0;
    this.#watch();
  }

  onClose(error: Error | null): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#input.close();
    this.#closing = this.#call === null || !this.#peerEnded || error !== null;
    const call = this.#call;
    if (call !== null && this.#closing) this.fail(call, this.#cut(call, error));
    if (this.#closing) this.#input.hold(0);
    this.#tellUnusable();
  }

  get activity(): Activity {
    return this.#call === null ? 'idle' : 'answering';
  }

  windDown(): void {
    this.retire();
  }

  retire(): void {
    if (this.#call === null) this.#drop(true);
    else this.#tellUnusable();
  }

  onDeadline(now: number): void {
    const call = this.#call;
    if (this.#closing) {
      if (!this.#gone) this.#wire.destroy();
    } else if (call === null) {
      this.#drop(true);
    } else if (this.#blockedWith > 0 && !this.#finalHead) {
      const { queued } = this.#wire;
      if (queued < this.#blockedWith) {
        this.#blockedWith = queued;
        this.deadline = now + call.timeouts.send;
      } else {
        const detail = `${queued} bytes queued for ${call.timeouts.send} ms`;
        this.fail(call, new Fault(FAULTS['h1-call-timeout'], 'upstream-head', detail));
      }
    } else {
      const stage = this.#finalHead ? 'upstream-body' : 'upstream-head';
      const detail = `${call.timeouts.read} ms without a byte`;
      const fault = new Fault(FAULTS['h1-response-timeout'], stage, detail);
      if (call.tunnel) {
        // Nothing is cut off in a tunnel that nobody uses.
        this.#endTunnel(call);
        this.#tell(call, fault);
      } else this.fail(call, fault);
    }
  }

  onRelief(): void {
    this.#watch();
    this.#run();
  }

  // Called by the call.

  put(data: string | Uint8Array): boolean {
    if (this.#gone) return true;
    // More to take is no sign that the back end stands still.
    if (this.#blockedWith > 0) this.#blockedWith += data.length;
    return this.#wire.write(data);
  }

  requestComplete(call: H1ClientCall): void {
    call.requestEnded = true;
    this.#watch();
  }

  tunnelWritten(): void {
    this.#watch();
  }

  tunnelEnded(call: H1ClientCall): void {
    call.requestEnded = true;
    if (this.#backEnded) this.#endTunnel(call);
    else if (!this.#gone) this.#wire.end();
  }

  flowChanged(call: H1ClientCall): void {
    this.#watch();
    if (!call.paused) this.#run();
    else if (this.#finalHead && !this.#running) this.#settle();
  }

  abandon(call: H1ClientCall): void {
    if (this.#call !== call) return;
    this.#call = null;
    call.detach();
    this.#drop(false);
  }

  fail(call: H1ClientCall, fault: Fault): void {
    if (this.#call !== call) return;
    this.abandon(call);
    this.#tell(call, fault);
  }

  #tell(call: H1ClientCall, fault: Fault): void {
    try {
      call.receiver.onAbort(fault);
    } catch (error) {
      this.#settings.onDefect(error);
    }
  }

  // The machine.

  // Calls from inside a receiver that is being run by this very method only leave their mark; the loop
  // sees it.
  #run(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#step());
      this.#settle();
    } catch (error) {
      this.#defect(error);
    } finally {
      this.#running = false;
    }
  }

  #defect(error: unknown): void {
    this.#settings.onDefect(error);
    const call = this.#call;
    const fault = new Fault(EXCHANGE_FAULTS['handler-failed'], 'handler', '', error);
    if (call !== null) this.fail(call, fault);
  }

  // One event; true while there may be another.
  #step(): boolean {
    const call = this.#call;
    if (call === null || this.#closing || this.#backEnded) return false;
    if (call.paused && this.#finalHead) return false;
    const parser = this.#parser;
    switch (parser.next()) {
      case EVENT.head:
        this.#takeHead(call);
        return true;
      case EVENT.data:
        this.#giveData(call);
        return true;
      case EVENT.end:
        this.#responseEnded(call, parser.trailers);
        return true;
      case EVENT.refused:
        this.fail(call, parser.fault ?? this.#cut(call, null));
        return false;
      default:
        if (!this.#peerEnded) return false;
        if (this.#finalHead && parser.finish() === EVENT.end) this.#responseEnded(call, null);
        else this.fail(call, this.#cut(call, null));
        return false;
    }
  }

  #giveData(call: H1ClientCall): void {
    const parser = this.#parser;
    if (this.#borrowed) {
      this.#borrowed = false;
      parser.keepData();
    }
    call.receiver.onData(parser.window, parser.dataStart, parser.dataEnd);
  }

  #takeHead(call: H1ClientCall): void {
    const parser = this.#parser;
    const { status, headFields } = parser;
    if (parser.tunnel) {
      const offered = call.request.upgrade ?? '';
      const taken = headFields.joined(FIELD.upgrade);
      if (status === 101 && (taken === null || !equalsIgnoreCaseAscii(taken, offered))) {
        const detail = `a switch to ${JSON.stringify(taken)}`;
        this.fail(call, new Fault(FAULTS['h1-response-unasked'], 'upstream-head', detail));
        return;
      }
      call.tunnel = true;
      call.requestEnded = false;
    } else if (status < 200) {
      if (++this.#interims > this.#settings.interimLimit) {
        const detail = `more than ${this.#settings.interimLimit}`;
        this.fail(call, new Fault(FAULTS['h1-response-interims'], 'upstream-head', detail));
      } else if (status !== 100) call.receiver.onInform(status, headFields);
      return;
    }
    this.#finalHead = true;
    const { length, reason } = parser;
    if (length >= 0 && length <= WHOLE_BODY && call.requestEnded && !call.paused) {
      // None for HEAD and 304: there the length is that of a body which does not come.
      const body = parser.takeWholeBody(length);
      if (body !== null) {
        this.#wholeCame(call, body);
        return;
      }
    }
    call.receiver.onHead(status, reason, headFields, length);
  }

  #responseEnded(call: H1ClientCall, trailers: Fields | null): void {
    if (call.tunnel) {
      this.#backEnded = true;
      if (call.requestEnded) this.#endTunnel(call);
      call.receiver.onEnd(null);
      return;
    }
    this.#release(call);
    try {
      call.receiver.onEnd(trailers);
    } catch (error) {
      // The call is over, and the connection may carry another one by now.
      this.#settings.onDefect(error);
    }
  }

  #wholeCame(call: H1ClientCall, body: string): void {
    const { status, reason, headFields } = this.#parser;
    this.#release(call);
    try {
      call.receiver.onWhole(status, reason, headFields, body);
    } catch (error) {
      this.#settings.onDefect(error);
    }
  }

  // The response is complete: the call is over, and the connection waits for the next one or goes.
  #release(call: H1ClientCall): void {
    const complete = call.requestEnded && (this.#gone || this.#wire.queued === 0);
    const again =
      complete &&
      this.#settings.keepAlive &&
      this.#parser.keepAlive &&
      this.#parser.unread === 0 &&
      !this.#unusable;
    this.#call = null;
    call.detach();
    if (again) {
      this.deadline = this.#settings.clock.monotonic() + this.#settings.idleTimeout;
      this.#input.hold(0);
      this.#owner.onIdle();
    } else this.#drop(complete);
  }

  #endTunnel(call: H1ClientCall): void {
    this.#call = null;
    call.detach();
    this.#drop(true);
    // A back end that does not take the end of a tunnel would keep it open for ever.
    if (!this.#gone && this.#wire.queued > 0) {
      this.deadline = this.#settings.clock.monotonic() + call.timeouts.send;
    }
  }

  // The fault of a connection that ended under a call. Whether a byte had come decides whether the
  // request may be repeated, so the two are different kinds.
  #cut(call: H1ClientCall, error: Error | null): Fault {
    const detail = error === null ? '' : error.message;
    if (!call.answered) {
      return new Fault(FAULTS['h1-response-none'], 'upstream-head', detail, error ?? undefined);
    }
    const stage = this.#finalHead ? 'upstream-body' : 'upstream-head';
    return new Fault(FAULTS['h1-response-cut'], stage, detail, error ?? undefined);
  }

  // Behind the last event: what to read, what to hold.
  #settle(): void {
    if (this.#closing) return;
    const call = this.#call;
    this.#input.hold(this.#parser.held);
    if (!this.#borrowed && this.#parser.wasteful) this.#parser.keepUnread();
    if (call === null) this.#input.resume();
    else if (call.paused && this.#finalHead) this.#input.pause();
    else {
      this.#input.resumeWithin(this);
      if (this.#input.waits) this.#watch();
    }
  }

  // Sets what is waited for from now on. While our own side holds things up, nothing is: a slow client
  // is no fault of the back end. Behind the final head a request that the back end does not take is its
  // right, so only its answer is waited for; in a tunnel, bytes of either side count.
  #watch(): void {
    const call = this.#call;
    if (this.#closing || call === null) return;
    if (this.#blockedWith > 0 && !this.#finalHead) {
      this.deadline = this.#settings.clock.monotonic() + call.timeouts.send;
    } else if (
      (call.requestEnded || this.#finalHead) &&
      !(call.paused && this.#finalHead) &&
      !this.#input.waits
    ) {
      this.deadline = this.#settings.clock.monotonic() + call.timeouts.read;
    } else this.deadline = NEVER;
  }

  #tellUnusable(): void {
    if (this.#unusable) return;
    this.#unusable = true;
    this.#owner.onUnusable();
  }

  #drop(cleanly: boolean): void {
    if (!this.#closing) {
      this.#closing = true;
      this.deadline = NEVER;
      this.#input.hold(0);
      if (!this.#gone) {
        if (cleanly) this.#wire.close(false);
        else this.#wire.destroy();
      }
    }
    this.#tellUnusable();
  }
}
