/**
 * The client's side of a connection that carries one call at a time, whatever the protocol: what becomes of a call when
 * bytes come, or do not, or the connection ends. It holds no socket and no timer; `net` drives it through
 * `WireProtocol`, a pool owns it. A protocol adds how requests are written and responses read.
 *
 * Rules.
 *  - A byte that comes before the request has left cannot be its answer. Such bytes, and bytes between
 *    two calls, end the connection: they are never taken for the answer to the next request.
 *  - The connection is used again only if the request was taken as a whole, the response was complete
 *    and well framed, neither side wants to close, and nothing is left over.
 *  - The receiver hears one end.
 */
import { type Clock, Fault, type MemoryBudget, NEVER } from '../../base/index.ts';
import { CALL_FAULTS as FAULTS, EXCHANGE_FAULTS } from './faults.ts';
import type { CallCarrier, SerialCall } from './serial-call.ts';
import type { CallTimeouts, OutgoingRequest, ResponseReceiver } from './transport.ts';
import { type InputOwner, WireInput } from './wire-input.ts';
import type { Activity, Wire, WireProtocol } from './wire.ts';

/** Who decides which call a connection carries next: a pool. */
export interface ConnectionOwner {
  /** The connection may be given another call, at once if the owner likes. */
  onIdle(): void;
  /** The connection will take no further call. Called once; a call under way goes on. */
  onUnusable(): void;
}

/** What the connections to a back end have in common, whatever their protocol. Times are milliseconds. */
export interface SerialSettings {
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  /** Whether connections are used again. */
  readonly keepAlive: boolean;
  /** How long a connection waits for its next call. nginx: `keepalive_timeout` of an upstream, 60 s. */
  readonly idleTimeout: number;
  /** Interim responses (1xx) that a final one may be preceded by; more are an attempt to keep us busy. */
  readonly interimLimit: number;
  /** Hears of exceptions that a receiver let through; its call was ended already. */
  readonly onDefect: (error: unknown) => void;
}

/** Bodies of up to this many bytes are handed over with their head where all of them is there. */
export const WHOLE_BODY = 16 * 1024;

/** See the head of this file. */
export abstract class SerialConnection<C extends SerialCall = SerialCall>
  implements WireProtocol, CallCarrier, InputOwner
{
  /** Heads and small bodies become text, and are read in place; what a receiver is to keep is copied. */
  readonly borrowsBytes: boolean = true;
  deadline = NEVER;

  protected readonly wire: Wire;
  protected readonly input: WireInput;
  protected call: C | null = null;
  /** Whether the bytes that are being read are in a buffer which is used again. */
  protected borrowed = false;
  protected finalHead = false;
  protected peerEnded = false;
  protected closing = false;
  protected gone = false;
  /** Bytes that the wire could not give away when it was last looked at; 0 while it takes everything. */
  protected blockedWith = 0;
  readonly #settings: SerialSettings;
  readonly #owner: ConnectionOwner;
  #calls = 0;
  #interims = 0;
  #running = false;
  #unusable = false;

  constructor(wire: Wire, settings: SerialSettings, owner: ConnectionOwner) {
    this.wire = wire;
    this.#settings = settings;
    this.#owner = owner;
    this.input = new WireInput(wire, settings.budget);
  }

  // What a protocol adds.

  /**
   * Sends the head of a request; its body follows by the call that is returned. A request without a
   * body is complete at once. Throws a `TypeError`, and sends nothing, for a head that would not be one
   * request, and where the connection is not `usable`.
   */
  abstract open(
    request: OutgoingRequest,
    receiver: ResponseReceiver,
    timeouts: CallTimeouts,
  ): SerialCall;

  /** Takes bytes that came for the call. */
  protected abstract push(chunk: Uint8Array, start: number, end: number): void;

  /** One event of what was taken; true while there may be another. */
  protected abstract step(call: C): boolean;

  /** Bytes that are kept for later, which count against the memory budget. */
  protected abstract readonly held: number;

  /** Copies what is not read yet, so that the buffer that it came in may be used again. */
  protected abstract keepUnread(): void;

  /** Lets go of memory that what is not read yet does not need. */
  protected trim(): void {}

  /** Whether the response was framed so that another one may follow it, and nothing is left over. */
  protected abstract readonly mayFollow: boolean;

  /** Whether the back end waits for nothing of the request any more. */
  protected requestOver(call: C): boolean {
    return call.requestEnded;
  }

  /** The back end has been silent for too long. */
  protected readTimedOut(call: C, fault: Fault): void {
    this.fail(call, fault);
  }

  // Driven by the pool.

  /** Whether `open` may be called. */
  get usable(): boolean {
    return this.call === null && !this.#unusable && !this.closing && !this.gone;
  }

  /** How many calls the connection has carried, the current one included. */
  get calls(): number {
    return this.#calls;
  }

  /** Takes a call whose head is written next. */
  protected begin(call: C): void {
    this.call = call;
    this.#calls++;
    this.finalHead = false;
    this.#interims = 0;
  }

  // Driven by net.

  onBytes(chunk: Uint8Array, start: number, end: number): void {
    if (this.closing) return;
    const { call } = this;
    if (call === null) {
      this.drop(false);
      return;
    }
    if (!call.left) {
      this.fail(call, new Fault(FAULTS['call-unasked'], 'upstream-head', 'ahead of the request'));
      return;
    }
    call.answered = true;
    call.received += end - start;
    this.borrowed = this.borrowsBytes;
    this.push(chunk, start, end);
    this.run();
    // What came may have been the head, behind which less is waited for.
    this.watch();
    if (this.borrowed) {
      this.borrowed = false;
      this.keepUnread();
    }
  }

  onPeerEnd(): void {
    if (this.closing || this.peerEnded) return;
    this.peerEnded = true;
    const { call } = this;
    if (call === null) this.drop(true);
    else if (call.left) {
      this.#tellUnusable();
      this.run();
    } else
      this.fail(call, new Fault(FAULTS['call-unanswered'], 'upstream-head', 'idle connection'));
  }

  onDrain(): void {
    const { call } = this;
    if (call === null || call.requestEnded) return;
    try {
      call.receiver.onDrain();
    } catch (error) {
      this.defect(error);
    }
  }

  onBlocked(): void {
    this.blockedWith = this.wire.queued;
    if (this.call !== null) this.call.left = true;
    this.watch();
  }

  onFlushed(): void {
    const { call } = this;
    if (call !== null) call.left = true;
    if (this.blockedWith === 0) return;
    this.blockedWith = 0;
    this.watch();
  }

  onClose(error: Error | null): void {
    if (this.gone) return;
    this.gone = true;
    this.input.close();
    this.closing = this.call === null || !this.peerEnded || error !== null;
    const { call } = this;
    if (call !== null && this.closing) this.fail(call, this.cut(call, error));
    if (this.closing) this.input.hold(0);
    this.#tellUnusable();
  }

  get activity(): Activity {
    return this.call === null ? 'idle' : 'answering';
  }

  windDown(): void {
    this.retire();
  }

  retire(): void {
    if (this.call === null) this.drop(true);
    else this.#tellUnusable();
  }

  onDeadline(now: number): void {
    const { call } = this;
    if (this.closing) {
      if (!this.gone) this.wire.destroy();
    } else if (call === null) {
      this.drop(true);
    } else if (this.blockedWith > 0 && !this.finalHead) {
      const { queued } = this.wire;
      if (queued < this.blockedWith) {
        this.blockedWith = queued;
        this.deadline = now + call.timeouts.send;
      } else {
        const detail = `${queued} bytes queued for ${call.timeouts.send} ms`;
        this.fail(call, new Fault(FAULTS['call-send-timeout'], 'upstream-head', detail));
      }
    } else {
      const stage = this.finalHead ? 'upstream-body' : 'upstream-head';
      const detail = `${call.timeouts.read} ms without a byte`;
      this.readTimedOut(call, new Fault(FAULTS['call-read-timeout'], stage, detail));
    }
  }

  onRelief(): void {
    this.watch();
    this.run();
  }

  // Called by the call.

  put(data: string | Uint8Array): boolean {
    if (this.gone) return true;
    // More to take is no sign that the back end stands still.
    if (this.blockedWith > 0) this.blockedWith += data.length;
    return this.wire.write(data);
  }

  requestComplete(call: SerialCall): void {
    call.requestEnded = true;
    this.watch();
  }

  flowChanged(call: SerialCall): void {
    this.watch();
    if (!call.paused) this.run();
    else if (this.finalHead && !this.#running) this.#settle();
  }

  abandon(call: SerialCall): void {
    if (this.call !== call) return;
    this.call = null;
    call.detach();
    this.drop(false);
  }

  fail(call: SerialCall, fault: Fault): void {
    if (this.call !== call) return;
    this.abandon(call);
    this.tell(call, fault);
  }

  /** Tells the receiver of a call of its end. */
  protected tell(call: SerialCall, fault: Fault): void {
    try {
      call.receiver.onAbort(fault);
    } catch (error) {
      this.report(error);
    }
  }

  // The machine.

  // Calls from inside a receiver that is being run by this very method only leave their mark; the loop
  // sees it.
  protected run(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      for (;;) {
        const { call } = this;
        if (call === null || this.closing) break;
        if (call.paused && this.finalHead) break;
        if (!this.step(call)) break;
      }
      this.#settle();
    } catch (error) {
      this.defect(error);
    } finally {
      this.#running = false;
    }
  }

  /** Somebody who was called let an exception through. */
  protected defect(error: unknown): void {
    this.#settings.onDefect(error);
    const { call } = this;
    const fault = new Fault(EXCHANGE_FAULTS['handler-failed'], 'handler', '', error);
    if (call !== null) this.fail(call, fault);
  }

  /** Counts an interim response; false, and the call is over, where there were too many. */
  protected countInterim(call: C): boolean {
    if (++this.#interims <= this.#settings.interimLimit) return true;
    const detail = `more than ${this.#settings.interimLimit}`;
    this.fail(call, new Fault(FAULTS['call-interims'], 'upstream-head', detail));
    return false;
  }

  /**
   * The response is complete: the call is over, and the connection waits for the next one or goes. The receiver is told
   * behind this; what it throws then is for `report`.
   */
  protected release(call: C): void {
    const complete = this.requestOver(call) && (this.gone || this.wire.queued === 0);
    const again = complete && this.#settings.keepAlive && this.mayFollow && !this.#unusable;
    this.call = null;
    call.detach();
    if (again) {
      this.deadline = this.#settings.clock.monotonic() + this.#settings.idleTimeout;
      this.input.hold(0);
      this.#owner.onIdle();
    } else this.drop(complete);
  }

  /** Somebody let an exception through whose call is over; the connection may carry another one by now. */
  protected report(error: unknown): void {
    this.#settings.onDefect(error);
  }

  /**
   * The fault of a connection that ended under a call. Whether a byte had come decides whether the request may be
   * repeated, so the two are different kinds.
   */
  protected cut(call: C, error: Error | null): Fault {
    const detail = error === null ? '' : error.message;
    if (!call.answered) {
      return new Fault(FAULTS['call-unanswered'], 'upstream-head', detail, error ?? undefined);
    }
    const stage = this.finalHead ? 'upstream-body' : 'upstream-head';
    return new Fault(FAULTS['call-cut'], stage, detail, error ?? undefined);
  }

  // Behind the last event: what to read, what to hold.
  #settle(): void {
    if (this.closing) return;
    const { call } = this;
    this.input.hold(this.held);
    if (!this.borrowed) this.trim();
    if (call === null) this.input.resume();
    else if (call.paused && this.finalHead) this.input.pause();
    else {
      this.input.resumeWithin(this);
      if (this.input.waits) this.watch();
    }
  }

  /**
   * Sets what is waited for from now on. While our own side holds things up, nothing is: a slow client
   * is no fault of the back end. Behind the final head a request that the back end does not take is its
   * right, so only its answer is waited for; in a tunnel, bytes of either side count.
   */
  protected watch(): void {
    const { call } = this;
    if (this.closing || call === null) return;
    if (this.blockedWith > 0 && !this.finalHead) {
      this.deadline = this.#settings.clock.monotonic() + call.timeouts.send;
    } else if (
      (call.requestEnded || this.finalHead) &&
      !(call.paused && this.finalHead) &&
      !this.input.waits
    ) {
      this.deadline = this.#settings.clock.monotonic() + call.timeouts.read;
    } else this.deadline = NEVER;
  }

  #tellUnusable(): void {
    if (this.#unusable) return;
    this.#unusable = true;
    this.#owner.onUnusable();
  }

  /** Closes the connection: in order, or at once where the back end must not take what it has for complete. */
  protected drop(cleanly: boolean): void {
    if (!this.closing) {
      this.closing = true;
      this.deadline = NEVER;
      this.input.hold(0);
      if (!this.gone) {
        if (cleanly) this.wire.close(false);
        else this.wire.destroy();
      }
    }
    this.#tellUnusable();
  }
}
