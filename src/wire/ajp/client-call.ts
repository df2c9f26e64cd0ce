import type { MemoryBudget } from '../../base/index.ts';
import {
  type CallCarrier,
  type CallTimeouts,
  type Fields,
  type OutgoingRequest,
  type ResponseReceiver,
  SerialCall,
  UNKNOWN_LENGTH,
} from '../../http/message/index.ts';
import type { AjpClientSettings } from './client-settings.ts';
import { LAST_BODY_PACKET, mostRequestBody, requestBodyHead } from './response-messages.ts';

/** The connection as its call sees it. */
export interface AjpCallCarrier extends CallCarrier {
  /** Bytes of the body wait now until the container asks for them. */
  bodyWaits(): void;
}

/** Above this many bytes that wait for the container the caller is asked to wait. */
const HIGH_WATER = 64 * 1024;

/**
 * One request to a container, which takes the body packet by packet: it asks for each but the first, and that comes
 * unasked only where the length of the body is known.
 */
export class AjpClientCall extends SerialCall<AjpCallCarrier> {
  readonly #packetSize: number;
  readonly #budget: MemoryBudget;
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  // Bytes that the next packet may have; 0 while the container has not asked.
  #asked = 0;
  #callerEnded: boolean;
  #sentBody = false;
  #owesDrain = false;

  constructor(
    carrier: AjpCallCarrier,
    request: OutgoingRequest,
    receiver: ResponseReceiver,
    timeouts: CallTimeouts,
    { packetSize, budget }: Pick<AjpClientSettings, 'packetSize' | 'budget'>,
  ) {
    super(carrier, request, receiver, timeouts);
    this.#packetSize = packetSize;
    this.#budget = budget;
    this.#callerEnded = request.length === 0;
  }

  override get sent(): 'nothing' | 'head' | 'body' {
    if (!this.left) return 'nothing';
    return this.#sentBody ? 'body' : 'head';
  }

  /** Whether the container waits for a packet of the body. */
  get isAsked(): boolean {
    return this.#asked > 0;
  }

  /** Bytes of the body that wait for the container to ask for them. */
  get waiting(): number {
    return this.isAsked ? 0 : this.#waiting;
  }

  write(chunk: Uint8Array, start: number, end: number): boolean {
    const { carrier } = this;
    if (carrier === null || end === start) return true;
    if (this.#callerEnded && this.request.length === UNKNOWN_LENGTH) return true;
    if (!this.count(carrier, end - start)) return true;
    this.#pieces.push(chunk.subarray(start, end));
    this.#hold(end - start);
    if (this.written === this.request.length) this.#callerEnded = true;
    const isFirst = this.#waiting === end - start;
    this.#send(carrier);
    if (isFirst && this.waiting > 0) carrier.bodyWaits();
    if (this.#waiting < HIGH_WATER) return true;
    this.#owesDrain = true;
    return false;
  }

  // There are no trailers in AJP.
  end(_trailers: Fields | null): void {
    const { carrier } = this;
    if (carrier === null || this.#callerEnded) return;
    if (this.request.length !== UNKNOWN_LENGTH) {
      this.tooShort(carrier);
      return;
    }
    this.#callerEnded = true;
    this.#send(carrier);
  }

  /** The head has left: the container waits for the first packet, if the length of the body is known. */
  begin(): void {
    if (this.request.length > 0) this.ask(this.#packetSize);
  }

  /** The container takes up to so many bytes of the body now. */
  ask(most: number): void {
    const { carrier } = this;
    if (carrier === null) return;
    const largest = mostRequestBody(this.#packetSize);
    // A container that names no number takes what fits.
    this.#asked = most === 0 ? largest : Math.min(most, largest);
    this.#send(carrier);
    if (!this.#owesDrain || this.#waiting >= HIGH_WATER / 2) return;
    this.#owesDrain = false;
    this.receiver.onDrain();
  }

  #send(carrier: AjpCallCarrier): void {
    if (this.isAsked && this.#waiting > 0) {
      this.#putPacket(carrier, Math.min(this.#asked, this.#waiting));
      this.#asked = 0;
    } else if (this.isAsked && this.#callerEnded) {
      carrier.put(LAST_BODY_PACKET);
      this.#asked = 0;
    }
    if (this.#callerEnded && this.#waiting === 0 && !this.requestEnded)
      carrier.requestComplete(this);
  }

  // What waits here is in no queue of the wire, which would count it.
  #hold(change: number): void {
    this.#waiting += change;
    if (change > 0) this.#budget.take(change);
    else this.#budget.give(-change);
  }

  override detach(): void {
    super.detach();
    this.#pieces = [];
    this.#hold(-this.#waiting);
  }

  #putPacket(carrier: AjpCallCarrier, bytes: number): void {
    carrier.put(requestBodyHead(bytes));
    this.#sentBody = true;
    this.#hold(-bytes);
    let left = bytes;
    let whole = 0;
    for (const piece of this.#pieces) {
      if (piece.length > left) break;
      carrier.put(piece);
      left -= piece.length;
      whole++;
    }
    this.#pieces.splice(0, whole);
    const [next] = this.#pieces;
    if (left === 0 || next === undefined) return;
    carrier.put(next.subarray(0, left));
    this.#pieces[0] = next.subarray(left);
  }
}
