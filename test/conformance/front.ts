import type { MemoryBudget } from '../../src/base/index.ts';
import type { ExchangeHandler, Fields } from '../../src/http/message/index.ts';

/** What a conformance test asks a client to send. */
export interface TestRequest {
  readonly method?: string;
  readonly target?: string;
  readonly fields?: Fields;
  /** Bytes announced, `'stream'` for a body whose end only the framing tells; none by default. */
  readonly body?: number | 'stream';
  readonly expectContinue?: boolean;
  readonly upgrade?: string;
  /** Whether the client says that it takes trailers. */
  readonly takesTrailers?: boolean;
}

/** One request as the client sees it. */
export interface TestCall {
  /** Sends body bytes (or tunnel bytes), latin1. */
  write(bytes: string): void;
  /** Ends the request body (or the client's side of a tunnel). */
  end(trailers?: Fields): void;
  /** Breaks the framing of the body in a way the protocol can notice; false where it cannot be broken. */
  breakBody(): boolean;
  readonly informed: readonly number[];
  /** Status of the final response, 0 before it came. */
  readonly status: number;
  readonly fields: Fields | null;
  readonly body: string;
  readonly trailers: Fields | null;
  /** `broken`: the client can tell that the response is not complete. */
  readonly state: 'waiting' | 'open' | 'complete' | 'broken';
}

/** A client on one connection, which sends what it is told at once and reads unless it stalls. */
export interface TestClient {
  request(request?: TestRequest): TestCall;
  /** Sends a request that no parser may accept; the answer comes as if to a call. */
  requestGarbage(): TestCall;
  /** Stops reading what the server sends, until `readOn`. */
  stall(): void;
  readOn(): void;
  /** Is gone, without a word. */
  leave(): void;
  /** Ends its sending side and goes on reading. */
  halfClose(): void;
  /** Whether the server closed the connection, or will take no further request on it. */
  readonly closed: boolean;
}

/** A protocol in front with a handler behind it. */
export interface FrontUnderTest {
  readonly budget: MemoryBudget;
  connect(): TestClient;
  /** Moves the clock and sweeps the deadlines. */
  advance(ms: number): void;
  /** Errors that the front reported as defects of handlers. */
  readonly defects: readonly unknown[];
  dispose(): Promise<void>;
}

/** What a protocol in front has at all. */
export interface FrontCarries {
  readonly trailers: boolean;
  readonly tunnels: boolean;
  readonly interims: boolean;
}

/** How to open a protocol in front; the suite in `exchange.ts` runs against each. */
export interface FrontHarness {
  readonly name: string;
  readonly carries: FrontCarries;
  /** Times used by the front: every timeout is 1000 ms, the keep-alive timeout 5000 ms. */
  open(
    handler: ExchangeHandler,
    options?: { readonly budget?: number },
  ): FrontUnderTest | Promise<FrontUnderTest>;
}
