import type { Fault } from '../../src/base/index.ts';
import {
  type CallTimeouts,
  type Fields,
  NO_FIELDS,
  type OutgoingCall,
  type OutgoingRequest,
  type ResponseReceiver,
  type Transport,
} from '../../src/http/message/index.ts';

/** One call to a server that a test plays by the receiver. */
export class ScriptedCall implements OutgoingCall {
  readonly request: OutgoingRequest;
  readonly receiver: ResponseReceiver;
  readonly timeouts: CallTimeouts;
  sent: 'nothing' | 'head' | 'body' = 'nothing';
  received = 0;
  body = '';
  ended = false;
  trailers: Fields | null = null;
  aborted: Fault | null = null;
  paused = false;
  /** While true, `write` answers false. */
  full = false;

  constructor(request: OutgoingRequest, receiver: ResponseReceiver, timeouts: CallTimeouts) {
    this.request = request;
    this.receiver = receiver;
    this.timeouts = timeouts;
  }

  write(chunk: Uint8Array, start: number, end: number): boolean {
    this.body += Buffer.from(chunk).toString('latin1', start, end);
    return !this.full;
  }

  end(trailers: Fields | null): void {
    this.ended = true;
    this.trailers = trailers;
  }

  abort(fault: Fault): void {
    if (this.aborted !== null) throw new Error('a call was given up twice');
    this.aborted = fault;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  /** Answers with a whole response, told as one. */
  answerWhole(status: number, body = '', fields: Fields = NO_FIELDS, reason = ''): void {
    this.receiver.onWhole(status, reason, fields, body);
  }

  /** Answers with a whole response, told piece by piece. */
  answer(status: number, body = '', fields: Fields = NO_FIELDS): void {
    this.receiver.onHead(status, '', fields, body.length);
    if (this.aborted !== null) return;
    if (body !== '') this.receiver.onData(Buffer.from(body, 'latin1'), 0, body.length);
    this.receiver.onEnd(null);
  }
}

/** A transport without a server: its calls are kept for the test to play. */
export class ScriptedTransport implements Transport {
  readonly calls: ScriptedCall[] = [];
  /** Whether calls begin with a server that takes nothing more. */
  full = false;

  open(request: OutgoingRequest, receiver: ResponseReceiver, timeouts: CallTimeouts): OutgoingCall {
    const call = new ScriptedCall(request, receiver, timeouts);
    call.full = this.full;
    this.calls.push(call);
    return call;
  }

  /** The call that came last. */
  get last(): ScriptedCall {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error('nothing was asked of this server');
    return call;
  }
}
