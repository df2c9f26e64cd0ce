/**
 * The web server's side of one connection to a container: one call at a time out, its response back; see
 * `SerialConnection`.
 *
 * Rules.
 *  - Where a ping is due, the head of the request waits for its answer: of a container that does not give one, nothing
 *    was asked, and any request can go elsewhere.
 *  - The container asks for what it wants of the body. A response that is complete before its request leaves the
 *    connection in step, and it is used again, unless a packet of the body is owed.
 *  - What is wrong in a packet ends the connection: the place of the next one is known, its meaning is not.
 */
import { Fault } from '../../base/index.ts';
import {
  CALL_FAULTS,
  type CallTimeouts,
  type ConnectionOwner,
  FIELD,
  Fields,
  type OutgoingRequest,
  parseDecimal,
  type ResponseReceiver,
  SerialConnection,
  UNKNOWN_LENGTH,
  WHOLE_BODY,
  type Wire,
} from '../../http/message/index.ts';
import { type AjpCallCarrier, AjpClientCall } from './client-call.ts';
import type { AjpClientSettings } from './client-settings.ts';
import { TO_SERVER } from './codes.ts';
import { AJP_RESPONSE_FAULTS as FAULTS } from './faults.ts';
import { PacketReader } from './packet-reader.ts';
import { requestPacket } from './request-packet.ts';
import { type ContainerMessage, CPING, latin1, readContainerMessage } from './response-messages.ts';

type HeadersMessage = Extract<ContainerMessage, { type: 'headers' }>;
type BodyMessage = Extract<ContainerMessage, { type: 'body' }>;

/** See the head of this file. */
export class AjpClientConnection extends SerialConnection<AjpClientCall> implements AjpCallCarrier {
  readonly #settings: AjpClientSettings;
  readonly #reader: PacketReader;
  // A request that waits for the answer to a ping.
  #waitingHead: string | null = null;
  #pinging = false;
  #idleUntil = 0;
  // A final head that its receiver has not got yet, because all of a small response may be there, and what of the body
  // came with it.
  #head: HeadersMessage | null = null;
  #length = UNKNOWN_LENGTH;
  #body = '';
  // Bytes that are missing of a body whose length is known; UNKNOWN_LENGTH for another.
  #left = UNKNOWN_LENGTH;
  #bodiless = false;
  #reuse = false;

  constructor(wire: Wire, settings: AjpClientSettings, owner: ConnectionOwner) {
    super(wire, settings, owner);
    this.#settings = settings;
    this.#reader = new PacketReader(TO_SERVER, settings.packetSize);
  }

  /** Throws a `Fault` as well, for a head that does not fit into a packet. */
  open(
    request: OutgoingRequest,
    receiver: ResponseReceiver,
    timeouts: CallTimeouts,
  ): AjpClientCall {
    if (!this.usable) throw new TypeError('The connection takes no call now');
    const head = requestPacket(request, this.#settings);
    const { ping, packetSize, budget } = this.#settings;
    const call = new AjpClientCall(this, request, receiver, timeouts, { packetSize, budget });
    this.begin(call);
    this.#waitingHead = head;
    if (this.#pinging) return call;
    if (ping === 'request' || (ping === 'connect' && this.calls === 1)) this.#ping();
    else this.#sendHead(call);
    return call;
  }

  #sendHead(call: AjpClientCall): void {
    const head = this.#waitingHead;
    if (head === null) return;
    this.#waitingHead = null;
    this.wire.write(head);
    try {
      call.begin();
    } catch (error) {
      this.defect(error);
    }
    this.watch();
  }

  // Called by the call.

  bodyWaits(): void {
    this.watch();
  }

  // Pings.

  #ping(): void {
    this.#pinging = true;
    this.wire.write(CPING);
    this.deadline = this.#now() + this.#settings.pingTimeout;
  }

  #now(): number {
    return this.#settings.clock.monotonic();
  }

  override onBytes(chunk: Uint8Array, start: number, end: number): void {
    if (!this.#pinging || this.closing) {
      super.onBytes(chunk, start, end);
      return;
    }
    const reader = this.#reader;
    reader.push(chunk, start, end);
    if (reader.next()) {
      const message = readContainerMessage(reader.bytes, reader.start, reader.end);
      if (message?.type === 'cpong' && reader.idle) this.#answered();
      else this.#pingFailed(this.#unexpected('in place of CPONG'));
    } else if (reader.flaw !== null) this.#pingFailed(this.#noPacket(reader.flaw));
    reader.keepUnread();
  }

  #answered(): void {
    this.#pinging = false;
    if (this.call === null) this.#waitIdle();
    else this.#sendHead(this.call);
  }

  #pingFailed(fault: Fault): void {
    if (this.call === null) this.drop(false);
    else this.fail(this.call, fault);
  }

  // An idle connection is kept until then, and asked now and then.
  #waitIdle(): void {
    const { pingInterval } = this.#settings;
    this.deadline =
      pingInterval === 0 ? this.#idleUntil : Math.min(this.#idleUntil, this.#now() + pingInterval);
  }

  override onDeadline(now: number): void {
    const { call } = this;
    if (this.closing) super.onDeadline(now);
    else if (this.#pinging) {
      const detail = `${this.#settings.pingTimeout} ms`;
      this.#pingFailed(new Fault(CALL_FAULTS['call-ping-timeout'], 'connect', detail));
    } else if (call === null) {
      if (now < this.#idleUntil) this.#ping();
      else super.onDeadline(now);
    } else super.onDeadline(now);
  }

  protected override watch(): void {
    const { call } = this;
    if (this.#pinging) return;
    super.watch();
    // Whether it wants more of the request is the container's affair: it works, and is waited for as one that does.
    const isUnasked = call !== null && call.waiting > 0 && !this.finalHead;
    if (isUnasked && !this.closing && this.blockedWith === 0 && !this.input.waits)
      this.deadline = this.#now() + call.timeouts.read;
  }

  // Only what leaves behind the head is of the request.
  override onFlushed(): void {
    if (this.#waitingHead === null) super.onFlushed();
  }

  override onBlocked(): void {
    if (this.#waitingHead === null) super.onBlocked();
  }

  // The container says when it takes more, not the socket.
  override onDrain(): void {}

  // What this protocol adds.

  protected push(chunk: Uint8Array, start: number, end: number): void {
    this.#reader.push(chunk, start, end);
  }

  protected get held(): number {
    return this.#reader.held + this.#body.length;
  }

  protected keepUnread(): void {
    this.#reader.keepUnread();
  }

  protected override trim(): void {
    if (this.#reader.idle) this.#reader.keepUnread();
  }

  protected get mayFollow(): boolean {
    return this.#reuse && this.#reader.idle;
  }

  protected override requestOver(call: AjpClientCall): boolean {
    return !call.isAsked;
  }

  protected override release(call: AjpClientCall): void {
    super.release(call);
    if (!this.usable) return;
    this.#idleUntil = this.deadline;
    this.#waitIdle();
  }

  protected step(call: AjpClientCall): boolean {
    const reader = this.#reader;
    if (!reader.next()) {
      if (reader.flaw !== null) this.fail(call, this.#noPacket(reader.flaw));
      else {
        this.#giveHead(call);
        if (this.peerEnded) this.fail(call, this.cut(call, null));
      }
      return false;
    }
    const message = readContainerMessage(reader.bytes, reader.start, reader.end);
    switch (message?.type) {
      case 'headers':
        this.#takeHead(call, message);
        return true;
      case 'body':
        this.#takeBody(call, message);
        return true;
      case 'get-body':
        this.#takeAsk(call, message.most);
        return true;
      case 'end':
        this.#takeEnd(call, message.reuse);
        return true;
      case 'cpong':
        this.fail(call, this.#unexpected('CPONG'));
        return false;
      case undefined:
        this.fail(call, this.#malformed(`a packet of ${reader.end - reader.start} bytes`));
        return false;
    }
  }

  #takeHead(call: AjpClientCall, message: HeadersMessage): void {
    const { status, fields } = message;
    if (this.finalHead) {
      this.fail(call, this.#unexpected('a second head'));
      return;
    }
    if (status === 101) {
      this.fail(call, new Fault(CALL_FAULTS['call-unasked'], 'upstream-head', 'a switch'));
      return;
    }
    if (status < 200) {
      if (this.countInterim(call) && status !== 100) call.receiver.onInform(status, fields);
      return;
    }
    const length = lengthOf(fields);
    if (length === null) {
      this.fail(call, this.#malformed('no clear Content-Length'));
      return;
    }
    this.finalHead = true;
    this.#bodiless = call.request.method === 'HEAD' || status === 204 || status === 304;
    this.#length = status === 204 ? 0 : length;
    this.#left = this.#bodiless ? UNKNOWN_LENGTH : length;
    this.#head = message;
    this.#body = '';
    // It holds back what comes behind the head, which is all that would show it.
    if (call.paused) this.#giveHead(call);
  }

  #takeAsk(call: AjpClientCall, most: number): void {
    if (call.isAsked) {
      this.fail(call, this.#unexpected('GET_BODY_CHUNK twice'));
      return;
    }
    // Who is asked for more may want a pause, and has to know of the head by then.
    this.#giveHead(call);
    call.ask(most);
    this.watch();
  }

  // Its receiver gets what waits for it.
  #giveHead(call: AjpClientCall): void {
    const head = this.#head;
    if (head === null) return;
    this.#head = null;
    const body = this.#body;
    this.#body = '';
    call.receiver.onHead(head.status, reasonOf(head), head.fields, this.#length);
    if (body !== '' && this.call === call)
      call.receiver.onData(Buffer.from(body, 'latin1'), 0, body.length);
  }

  #takeBody(call: AjpClientCall, { start, end }: BodyMessage): void {
    if (!this.finalHead) {
      this.fail(call, this.#unexpected('a body without a head'));
      return;
    }
    const bytes = end - start;
    // No bytes ask to pass on what is there, which is done as soon as all of it is read; those where none belong, some
    // containers send with HEAD.
    if (bytes === 0 || this.#bodiless) return;
    if (this.#left !== UNKNOWN_LENGTH) {
      if (bytes > this.#left) {
        this.fail(call, this.#malformed(`${bytes - this.#left} bytes more than Content-Length`));
        return;
      }
      this.#left -= bytes;
    }
    const reader = this.#reader;
    if (this.#head !== null) {
      if (this.#body.length + bytes <= WHOLE_BODY) {
        this.#body += latin1(reader.bytes, start, end);
        return;
      }
      this.#giveHead(call);
      if (this.call !== call) return;
    }
    const from = start - reader.start;
    if (this.borrowed) {
      this.borrowed = false;
      reader.keepAll();
    }
    call.receiver.onData(reader.bytes, reader.start + from, reader.start + from + bytes);
  }

  #takeEnd(call: AjpClientCall, reuse: boolean): void {
    if (!this.finalHead) {
      this.fail(call, this.#unexpected('an end without a head'));
      return;
    }
    if (this.#left > 0) {
      const detail = `${this.#left} bytes less than Content-Length`;
      this.#giveHead(call);
      this.fail(call, this.#malformed(detail));
      return;
    }
    this.#reuse = reuse;
    const head = this.#head;
    const isWhole = call.requestEnded && !this.#bodiless;
    if (head !== null && !isWhole) {
      this.#giveHead(call);
      if (this.call !== call) return;
    }
    const body = this.#body;
    this.#body = '';
    this.#head = null;
    this.release(call);
    try {
      if (head !== null && isWhole)
        call.receiver.onWhole(head.status, reasonOf(head), head.fields, body);
      else call.receiver.onEnd(null);
    } catch (error) {
      this.report(error);
    }
  }

  #unexpected(what: string): Fault {
    return new Fault(FAULTS['ajp-response-unexpected'], this.#stage, what);
  }

  #malformed(what: string): Fault {
    return new Fault(FAULTS['ajp-response-malformed'], this.#stage, what);
  }

  #noPacket(flaw: string): Fault {
    return new Fault(FAULTS['ajp-response-packet'], this.#stage, flaw);
  }

  get #stage(): 'upstream-head' | 'upstream-body' {
    return this.finalHead ? 'upstream-body' : 'upstream-head';
  }
}

// Tomcat says the number once more where it has no words.
function reasonOf({ status, reason }: HeadersMessage): string {
  return reason === String(status) ? '' : reason;
}

// `UNKNOWN_LENGTH` where there is none; null where it is no number, or there are two.
function lengthOf(fields: Fields): number | null {
  const at = fields.indexOf(FIELD.contentLength);
  if (at < 0) return UNKNOWN_LENGTH;
  if (fields.indexOf(FIELD.contentLength, at + 1) >= 0) return null;
  const length = parseDecimal(fields.valueAt(at));
  return length < 0 ? null : length;
}
