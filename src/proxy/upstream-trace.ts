/**
 * What was tried for a request, recorded as it happens, for the `$upstream_…` variables. It costs an
 * object a try, so it is made only where the configuration uses such a variable.
 */
import type { Fields, OutgoingCall } from '../http/message/index.ts';
import type { Context, UpstreamTry } from '../pipeline/index.ts';

/** What the variables of a configuration want to know of tries; the proxies of one thread share it. */
export interface TraceWants {
  /** Whether tries are recorded at all. */
  tries: boolean;
  /** Whether the fields of answers are kept as they came. */
  fields: boolean;
}

/** One try, filled in while it goes on; see `UpstreamTry`. Instants are monotonic milliseconds. */
export class TryRecord implements UpstreamTry {
  readonly address: string;
  status = 0;
  connectTime = -1;
  headerTime = -1;
  responseTime = -1;
  bodyLength = 0;
  fields: Fields | null = null;
  readonly #startedAt: number;
  #call: OutgoingCall | null = null;

  constructor(address: string, now: number) {
    this.address = address;
    this.#startedAt = now;
  }

  get bytesReceived(): number {
    return this.#call === null ? 0 : this.#call.received;
  }

  /** The call of this try was begun. */
  begun(call: OutgoingCall): void {
    this.#call = call;
  }

  /** The connection stands. */
  connected(now: number): void {
    this.connectTime = now - this.#startedAt;
  }

  /** The final head came; `fields` are kept, null to keep none. */
  answered(now: number, status: number, fields: Fields | null): void {
    this.#wasConnected();
    this.status = status;
    this.headerTime = now - this.#startedAt;
    this.fields = fields;
  }

  /** The server did not answer; where it did, its own status stays. */
  failed(status: 502 | 504): void {
    if (this.status === 0) this.status = status;
  }

  /** The try is over, well or not. */
  over(now: number): void {
    if (this.responseTime >= 0) return;
    if (this.#call !== null && this.#call.sent !== 'nothing') this.#wasConnected();
    this.responseTime = now - this.#startedAt;
  }

  // Nobody told of the connection: it stood already when the try began.
  #wasConnected(): void {
    if (this.connectTime === -1) this.connectTime = 0;
  }
}

/**
 * The list that a proxy adds the tries of a request to, behind those of a location that answered before
 * an internal redirect; null where nobody wants it.
 */
export function traceOf(context: Context, wants: TraceWants): (UpstreamTry | null)[] | null {
  if (!wants.tries) return null;
  const tries = (context.tries ??= []);
  if (tries.length > 0) tries.push(null);
  return tries;
}
