/**
 * The client's side of one HTTP/1.1 connection: one call at a time out, its response back; see `SerialConnection`.
 *
 * Rules.
 *  - A final response that is complete before its request ends the call; what the caller still writes
 *    goes nowhere and the connection is closed (RFC 9112 section 9.3 allows no reuse).
 *  - A tunnel has two directions: `onEnd` ends the back end's, and while ours is open an `onDrain` or one
 *    `onAbort` may still follow.
 */
import { Fault } from '../../base/index.ts';
import { CALL_FAULTS } from '../message/faults.ts';
import { FIELD } from '../message/field-names.ts';
import type { Fields } from '../message/fields.ts';
import {
  type ConnectionOwner,
  SerialConnection,
  WHOLE_BODY,
} from '../message/serial-connection.ts';
import { equalsIgnoreCaseAscii } from '../message/token.ts';
import type { CallTimeouts, OutgoingRequest, ResponseReceiver } from '../message/transport.ts';
import type { Wire } from '../message/wire.ts';
import { type H1CallCarrier, H1ClientCall } from './client-call.ts';
import type { H1ClientSettings } from './client-settings.ts';
import { EVENT } from './message-parser.ts';
import { requestHead } from './request-writer.ts';
import { ResponseParser } from './response-parser.ts';

/** See the head of this file. */
export class H1ClientConnection extends SerialConnection<H1ClientCall> implements H1CallCarrier {
  readonly #settings: H1ClientSettings;
  readonly #parser: ResponseParser;
  #backEnded = false;

  constructor(wire: Wire, settings: H1ClientSettings, owner: ConnectionOwner) {
    super(wire, settings, owner);
    this.#settings = settings;
    this.#parser = new ResponseParser(settings.limits, settings.lenientLineEnds);
  }

  open(request: OutgoingRequest, receiver: ResponseReceiver, timeouts: CallTimeouts): H1ClientCall {
    if (!this.usable) throw new TypeError('The connection takes no call now');
    const head = requestHead(request, !this.#settings.keepAlive);
    const call = new H1ClientCall(this, request, receiver, timeouts);
    this.begin(call);
    this.#backEnded = false;
    this.#parser.expect(request.method, request.upgrade !== null && request.upgrade !== 'connect');
    this.wire.write(head);
    this.watch();
    return call;
  }

  // Called by the call.

  tunnelWritten(): void {
    this.watch();
  }

  tunnelEnded(call: H1ClientCall): void {
    call.requestEnded = true;
    if (this.#backEnded) this.#endTunnel(call);
    else if (!this.gone) this.wire.end();
  }

  // What this protocol adds.

  protected push(chunk: Uint8Array, start: number, end: number): void {
    this.#parser.push(chunk, start, end);
  }

  protected get held(): number {
    return this.#parser.held;
  }

  protected keepUnread(): void {
    this.#parser.keepUnread();
  }

  protected override trim(): void {
    if (this.#parser.wasteful) this.#parser.keepUnread();
  }

  protected get mayFollow(): boolean {
    return this.#parser.keepAlive && this.#parser.unread === 0;
  }

  protected override readTimedOut(call: H1ClientCall, fault: Fault): void {
    if (call.tunnel) {
      // Nothing is cut off in a tunnel that nobody uses.
      this.#endTunnel(call);
      this.tell(call, fault);
    } else this.fail(call, fault);
  }

  protected step(call: H1ClientCall): boolean {
    if (this.#backEnded) return false;
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
        this.fail(call, parser.fault ?? this.cut(call, null));
        return false;
      default:
        if (!this.peerEnded) return false;
        if (this.finalHead && parser.finish() === EVENT.end) this.#responseEnded(call, null);
        else this.fail(call, this.cut(call, null));
        return false;
    }
  }

  #giveData(call: H1ClientCall): void {
    const parser = this.#parser;
    if (this.borrowed) {
      this.borrowed = false;
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
        this.fail(call, new Fault(CALL_FAULTS['call-unasked'], 'upstream-head', detail));
        return;
      }
      call.tunnel = true;
      call.requestEnded = false;
    } else if (status < 200) {
      if (this.countInterim(call) && status !== 100) call.receiver.onInform(status, headFields);
      return;
    }
    this.finalHead = true;
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
    this.release(call);
    try {
      call.receiver.onEnd(trailers);
    } catch (error) {
      this.report(error);
    }
  }

  #wholeCame(call: H1ClientCall, body: string): void {
    const { status, reason, headFields } = this.#parser;
    this.release(call);
    try {
      call.receiver.onWhole(status, reason, headFields, body);
    } catch (error) {
      this.report(error);
    }
  }

  #endTunnel(call: H1ClientCall): void {
    this.call = null;
    call.detach();
    this.drop(true);
    // A back end that does not take the end of a tunnel would keep it open for ever.
    if (!this.gone && this.wire.queued > 0) {
      this.deadline = this.#settings.clock.monotonic() + call.timeouts.send;
    }
  }
}
