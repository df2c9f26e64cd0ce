/**
 * The container's side of one connection of a web server: packets in, exchanges out, responses back in order. It holds
 * no socket and no timer; `net` drives it through `WireProtocol`.
 *
 * Rules.
 *  - One exchange at a time. What comes behind its packets stays unread until it is over.
 *  - A body is asked for packet by packet, while somebody wants it. A packet that is on its way when the response ends
 *    (the first of a body, or one that was asked for) is read and thrown away before the next request.
 *  - Who does not know the secret gets 403, and nothing of the request counts.
 *  - What is wrong in a packet ends the connection behind the answer: its place is known, its meaning is not.
 *  - An exchange is finished when its response was taken by the operating system.
 */
import { Fault, type FaultKind, type Stage } from '../../base/index.ts';
import {
  type Activity,
  type ConnectionFacts,
  type Exchange,
  EXCHANGE_FAULTS,
  type InputOwner,
  NO_FIELDS,
  type RequestHead,
  ServerWatch,
  UNKNOWN_LENGTH,
  type Wire,
  WireInput,
  type WireProtocol,
} from '../../http/message/index.ts';
import { arrivedFrom, arrivedHead, strangeAttribute } from './arrived-request.ts';
import { SERVER_PACKET, TO_CONTAINER } from './codes.ts';
import { AJP_REQUEST_FAULTS as FAULTS } from './faults.ts';
import { type AjpRequest, readForwardRequest } from './forward-request.ts';
import { PacketReader, wordAt } from './packet-reader.ts';
import { Payload } from './payload.ts';
import { CPONG, getBodyChunk, latin1, mostRequestBody } from './response-messages.ts';
import { AjpServerExchange, type AjpServerLine } from './server-exchange.ts';
import type { AjpServerSettings } from './server-settings.ts';

/**
 * The largest packet of a body that is asked for. mod_jk sends none before it has all that was asked for: with more, a
 * client of a rate that Apache still takes (500 bytes a second) would have its body come too late here.
 */
const LARGEST_ASKED = 16 * 1024;

/** See the head of this file. */
export class AjpServerConnection implements WireProtocol, AjpServerLine, InputOwner {
  /** Heads become text, and the bytes of a body are copied once. */
  readonly borrowsBytes: boolean = true;

  readonly #wire: Wire;
  readonly #facts: ConnectionFacts;
  readonly #settings: AjpServerSettings;
  readonly #reader: PacketReader;
  readonly #watch: ServerWatch;
  readonly #input: WireInput;

  #exchange: AjpServerExchange | null = null;
  // What the exchange says of its client, which is not whose connection this is.
  #client: ConnectionFacts | null = null;
  // Exchanges whose responses ended and wait for the operating system to take the last bytes.
  readonly #unflushed: Exchange[] = [];
  #running = false;
  #borrowed = false;
  // Whether a packet of the body is on its way, and how many bytes of the body were not read yet.
  #owed = false;
  #left = 0;
  #responseEnded = true;
  #halfCloseTold = false;
  #wireFull = false;
  #peerEnded = false;
  // The next answer is the last one.
  #last = false;
  #retired = false;
  // Bytes may be on their way that nobody reads.
  #lingers = false;
  #closing = false;
  #gone = false;

  constructor(wire: Wire, facts: ConnectionFacts, settings: AjpServerSettings) {
    this.#wire = wire;
    this.#facts = facts;
    this.#settings = settings;
    this.#reader = new PacketReader(TO_CONTAINER, settings.packetSize);
    this.#watch = new ServerWatch(settings);
    this.#input = new WireInput(wire, settings.budget);
  }

  get deadline(): number {
    return this.#watch.deadline;
  }

  set deadline(time: number) {
    this.#watch.deadline = time;
  }

  get activity(): Activity {
    if (this.#exchange !== null) return this.#left === 0 ? 'answering' : 'reading';
    return this.#reader.idle ? 'idle' : 'reading';
  }

  // Driven by net.

  onBytes(chunk: Uint8Array, start: number, end: number): void {
    if (this.#closing) return;
    this.#borrowed = this.borrowsBytes;
    this.#reader.push(chunk, start, end);
    this.#run();
    if (!this.#borrowed) return;
    this.#borrowed = false;
    this.#reader.keepUnread();
  }

  onPeerEnd(): void {
    if (this.#closing || this.#peerEnded) return;
    this.#peerEnded = true;
    this.#facts.peerEnded = true;
    if (this.#client !== null) this.#client.peerEnded = true;
    this.#run();
  }

  onDrain(): void {
    this.#wireFull = false;
    this.#exchange?.takeDrain();
    this.#run();
  }

  onBlocked(): void {
    this.#watch.blockedWith(this.#wire.queued);
  }

  onFlushed(): void {
    this.#watch.flushed();
    while (this.#unflushed.length > 0) this.#unflushed.shift()?.finish();
    this.#run();
  }

  onClose(error: Error | null): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#closing = true;
    this.#watch.flushed();
    this.#watch.nothing();
    this.#input.close();
    this.#input.hold(0);
    const detail = error === null ? '' : error.message;
    const left = (stage: Stage): Fault => new Fault(EXCHANGE_FAULTS['client-left'], stage, detail);
    for (const exchange of this.#unflushed.splice(0)) exchange.abort(left('response'));
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.abort(left(exchange.bodyPending ? 'request-body' : 'response'));
  }

  windDown(): void {
    this.#last = true;
  }

  retire(): void {
    this.#last = true;
    this.#retired = true;
    this.#run();
  }

  onDeadline(now: number): void {
    const exchange = this.#exchange;
    if (this.#watch.blocked) {
      const trouble = this.#watch.stillBlocked(this.#wire.queued, now);
      if (trouble === null) return;
      const fault = new Fault(FAULTS['ajp-send-timeout'], 'response', trouble);
      for (const waiting of this.#unflushed.splice(0)) waiting.abort(fault);
      exchange?.abort(fault);
      this.#destroy();
    } else if (this.#closing) {
      // The wire sees to what is left.
    } else if (exchange === null) {
      if (this.#reader.idle) this.#close();
      else this.#refuse(FAULTS['ajp-request-head-timeout'], '', null);
    } else if (this.#responseEnded) {
      this.#exchange = null;
      this.#close();
    } else if (this.#owed) {
      const detail = `${this.#settings.bodyTimeout} ms without a byte`;
      this.#bodyFault(exchange, FAULTS['ajp-request-body-timeout'], detail);
    }
  }

  onRelief(): void {
    this.#run();
  }

  // Called by the exchange; `AjpServerLine` tells the meaning.

  get packetSize(): number {
    return this.#settings.packetSize;
  }

  put(data: string | Uint8Array): boolean {
    if (this.#gone) return true;
    const room = this.#wire.write(data);
    if (!room) this.#wireFull = true;
    this.#watch.added(data.length);
    return room;
  }

  get goesOn(): boolean {
    return !this.#last && !this.#peerEnded;
  }

  bodyWanted(): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    this.#ask();
    this.#watch.bodyWanted(exchange.bodyBytesReceived);
    this.#run();
  }

  bodyHeld(): void {
    this.#watch.nothing();
  }

  // A packet of the body that nobody has asked for yet.
  #ask(): void {
    if (this.#owed || this.#left === 0) return;
    this.#owed = true;
    const largest = mostRequestBody(Math.min(this.#settings.packetSize, LARGEST_ASKED));
    this.put(getBodyChunk(Math.min(this.#left, largest)));
  }

  responseEnded(exchange: Exchange): void {
    this.#responseEnded = true;
    this.#watch.nothing();
    // With nothing queued no flush will follow.
    if (this.#gone || this.#wire.queued === 0) exchange.finish();
    else this.#unflushed.push(exchange);
    this.#run();
  }

  reset(exchange: Exchange): void {
    if (this.#exchange === exchange) this.#exchange = null;
    this.#destroy();
  }

  // The machine.

  // Everything that may make progress possible ends here. Calls from inside a handler that is being run
  // by this very method only leave their mark; the loop sees it.
  #run(): void {
    if (this.#running || this.#gone) return;
    this.#running = true;
    try {
      do while (this.#step());
      while (this.#settle());
    } catch (error) {
      this.#settings.onDefect(error);
      this.#exchange?.abort(new Fault(EXCHANGE_FAULTS['handler-failed'], 'handler', '', error));
      this.#destroy();
    } finally {
      this.#running = false;
    }
  }

  // One packet; true while there may be another.
  #step(): boolean {
    if (this.#closing) return false;
    const exchange = this.#exchange;
    if (exchange === null) return !this.#wireFull && this.#nextRequest();
    if (this.#responseEnded) {
      if (exchange.closes || exchange.aborted) {
        this.#exchange = null;
        this.#close();
        return false;
      }
      if (this.#owed) return this.#discardBody();
      this.#exchange = null;
      return true;
    }
    if (!this.#owed || !exchange.bodyClaimed || exchange.paused) return false;
    return this.#readBody(exchange);
  }

  #nextRequest(): boolean {
    const reader = this.#reader;
    if (!reader.next()) {
      if (reader.flaw === null) return false;
      this.#refuse(FAULTS['ajp-request-packet'], reader.flaw, null);
      return true;
    }
    const { bytes, start, end } = reader;
    // Behind an empty packet is another one, whose bytes are not of this.
    const code = start < end ? bytes[start] : undefined;
    switch (code) {
      case SERVER_PACKET.cping:
        if (end === start + 1) this.#pong();
        else this.#refuse(FAULTS['ajp-request-malformed'], 'CPING', null);
        return true;
      case SERVER_PACKET.forward:
        this.#takeRequest(new Payload(latin1(bytes, start + 1, end)));
        return true;
      default:
        this.#refuse(
          FAULTS['ajp-request-unexpected'],
          `a packet of the kind ${code ?? '(empty)'}`,
          null,
        );
        return true;
    }
  }

  #pong(): void {
    this.put(CPONG);
    // One who has shown nothing but that keeps the time of a first request.
    const { deadline } = this.#watch;
    this.#watch.headEnded();
    if (this.#facts.requests === 0) this.#watch.deadline = deadline;
  }

  #takeRequest(payload: Payload): void {
    const read = readForwardRequest(payload);
    if (read.request === null) {
      this.#refuse(FAULTS['ajp-request-malformed'], read.flaw, null);
      return;
    }
    const { request } = read;
    const { secret } = this.#settings;
    if (secret !== null && !secret.is(request.attributes.secret ?? '')) {
      const said = request.attributes.secret === undefined ? 'none' : 'another one';
      this.#refuse(FAULTS['ajp-secret'], said, request);
      return;
    }
    const strange = strangeAttribute(request);
    if (strange !== null) {
      this.#refuse(FAULTS['ajp-attribute'], JSON.stringify(strange.slice(0, 100)), request);
      return;
    }
    const { head, flaw } = arrivedHead(request);
    if (head === null) this.#refuse(FAULTS['ajp-request-malformed'], flaw, request);
    else this.#begin(head, request);
  }

  #begin(head: RequestHead, request: AjpRequest): void {
    const startedAt = this.#watch.headEnded();
    this.#facts.requests++;
    const { contentLength } = head;
    this.#left = contentLength === UNKNOWN_LENGTH ? Infinity : contentLength;
    // The first packet of a body whose length is known comes unasked.
    this.#owed = contentLength > 0;
    this.#responseEnded = false;
    this.#halfCloseTold = false;
    const client = arrivedFrom(request, this.#facts);
    this.#client = client;
    const { budget } = this.#settings;
    this.#hand(new AjpServerExchange(this, head, client, budget, startedAt, null));
  }

  #hand(exchange: AjpServerExchange): void {
    this.#exchange = exchange;
    try {
      this.#settings.handler.onExchange(exchange);
    } catch (error) {
      this.#settings.onDefect(error);
      exchange.abort(new Fault(EXCHANGE_FAULTS['handler-failed'], 'handler', '', error));
    }
  }

  // Input that is no request, or of nobody who may ask: the handler answers with the status of the fault.
  #refuse(kind: FaultKind, detail: string, request: AjpRequest | null): void {
    const { clock, budget } = this.#settings;
    this.#facts.requests++;
    this.#watch.headEnded();
    this.#left = 0;
    this.#owed = false;
    this.#lingers = true;
    this.#responseEnded = false;
    this.#halfCloseTold = true;
    const fault = new Fault(kind, 'head', detail);
    // Who does not know the secret is not believed who has asked.
    const believed = request !== null && kind !== FAULTS['ajp-secret'];
    const client = believed ? arrivedFrom(request, this.#facts) : { ...this.#facts };
    this.#client = client;
    const head = refusedHead(request);
    const exchange = new AjpServerExchange(this, head, client, budget, clock.monotonic(), fault);
    exchange.closes = true;
    this.#hand(exchange);
    this.#run();
  }

  #readBody(exchange: AjpServerExchange): boolean {
    const reader = this.#reader;
    if (!reader.next()) {
      if (reader.flaw !== null)
        this.#bodyFault(exchange, FAULTS['ajp-request-packet'], reader.flaw);
      else if (this.#peerEnded) this.#bodyFault(exchange, FAULTS['ajp-request-body'], 'cut');
      else return false;
      return true;
    }
    this.#owed = false;
    const size = bodySize(reader);
    if (size < 0) this.#bodyFault(exchange, FAULTS['ajp-request-malformed'], 'a body packet');
    else if (size === 0) this.#bodyEnded(exchange);
    else this.#giveData(exchange, size);
    return true;
  }

  // Before the length that it was to have, a body does not end.
  #bodyEnded(exchange: AjpServerExchange): void {
    if (this.#left !== Infinity) {
      const detail = `${this.#left} bytes less than Content-Length`;
      this.#bodyFault(exchange, FAULTS['ajp-request-body'], detail);
      return;
    }
    this.#left = 0;
    this.#watch.nothing();
    exchange.takeEnd(null);
  }

  #giveData(exchange: AjpServerExchange, size: number): void {
    const reader = this.#reader;
    if (size > this.#left) {
      const detail = `${size - this.#left} bytes more than Content-Length`;
      this.#bodyFault(exchange, FAULTS['ajp-request-body'], detail);
      return;
    }
    this.#left -= size;
    this.#watch.nothing();
    if (this.#borrowed) {
      this.#borrowed = false;
      reader.keepAll();
    }
    const from = reader.start + 2;
    exchange.takeData(reader.bytes, from, from + size);
    if (this.#exchange !== exchange || this.#responseEnded) return;
    if (this.#left === 0) exchange.takeEnd(null);
    else if (!exchange.paused) {
      this.#ask();
      const trouble = this.#watch.bodyCame(exchange.bodyBytesReceived);
      if (trouble !== null) this.#bodyFault(exchange, FAULTS['ajp-request-body-timeout'], trouble);
    }
  }

  // What follows is not to be trusted any more: the connection ends with the answer, which is the handler's to give; it
  // hears of the fault through the receiver of the body.
  #bodyFault(exchange: AjpServerExchange, kind: FaultKind, detail: string): void {
    this.#left = 0;
    this.#owed = false;
    this.#lingers = true;
    this.#watch.nothing();
    exchange.takeBodyFault(new Fault(kind, 'request-body', detail));
  }

  #discardBody(): boolean {
    const reader = this.#reader;
    const found = reader.next();
    if (!found && reader.flaw === null && !this.#peerEnded) {
      this.#watch.awaitBodyStill();
      return false;
    }
    this.#owed = false;
    if (found && bodySize(reader) >= 0) return true;
    this.#lingers = !this.#peerEnded;
    if (this.#exchange !== null) this.#exchange.closes = true;
    return true;
  }

  // Behind the last packet: what to read, what to wait for. True where that made something happen that the steps have
  // to look at.
  #settle(): boolean {
    if (this.#closing) return false;
    const exchange = this.#exchange;
    const reader = this.#reader;
    this.#input.hold(reader.held);
    if (!this.#borrowed && reader.idle) reader.keepUnread();
    if (exchange === null) {
      if ((this.#peerEnded && !this.#wireFull) || (this.#retired && reader.idle)) {
        this.#close();
        return false;
      }
      if (!reader.idle) this.#watch.headBegan();
      else if (this.#unflushed.length === 0) this.#watch.awaitRequest();
    } else if (
      this.#peerEnded &&
      this.#left === 0 &&
      !this.#responseEnded &&
      !this.#halfCloseTold
    ) {
      this.#halfCloseTold = true;
      exchange.takeHalfClose();
      return true;
    } else if (this.#readsBody(exchange)) {
      this.#watch.awaitBodyStill();
    }
    if (this.#wantsBytes()) this.#input.resumeWithin(this);
    else this.#input.pause();
    return false;
  }

  #wantsBytes(): boolean {
    const exchange = this.#exchange;
    if (exchange === null) return !this.#wireFull;
    if (this.#owed) return this.#responseEnded || this.#readsBody(exchange);
    // Nothing is to come, but the FIN of a web server that leaves does.
    return this.#reader.idle;
  }

  #readsBody(exchange: Exchange): boolean {
    return this.#owed && !this.#responseEnded && exchange.bodyClaimed && !exchange.paused;
  }

  #close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#watch.nothing();
    this.#input.hold(0);
    this.#wire.close(this.#lingers || this.#owed || !this.#reader.idle);
  }

  #destroy(): void {
    this.#closing = true;
    this.#watch.flushed();
    this.#watch.nothing();
    this.#input.hold(0);
    if (!this.#gone) this.#wire.destroy();
  }
}

// How many bytes of a body the packet has; -1 where it is none of a body.
function bodySize({ bytes, start, end }: PacketReader): number {
  if (end === start) return 0;
  const size = wordAt(bytes, start);
  return end - start === size + 2 ? size : -1;
}

// For the log alone.
function refusedHead(request: AjpRequest | null): RequestHead {
  return {
    method: request?.method ?? '',
    target: request?.uri ?? '',
    path: '/',
    query: null,
    version: 11,
    host: null,
    authority: '',
    fields: request?.fields ?? NO_FIELDS,
    contentLength: 0,
    expectsContinue: false,
    upgrade: null,
  };
}
