import type { MemoryBudget } from '../../src/base/index.ts';
import type { Fields, Transport } from '../../src/http/message/index.ts';

/** Ways in which a back end breaks its protocol, or ends in the middle of it. */
export const BREAKAGES = [
  'no protocol at all',
  'a control character in a field',
  'a line end in a field',
  'a folded field',
  'two lengths',
  'a length that is no number',
  'a length beside another framing',
  'an unknown framing',
  'an endless head',
  'too many fields',
  'interim responses without end',
  'a switch that nobody asked for',
  'no response',
  'a cut head',
  'a cut body',
  'a cut body of unknown length',
  'a broken body',
] as const;

/** A way to break an answer so that a client of the protocol can tell; one of `BREAKAGES`. */
export type Breakage = (typeof BREAKAGES)[number];

/** One request as the scripted back end sees it. */
export interface BackCall {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly fields: Fields;
  readonly upgrade: string | null;
  readonly body: string;
  readonly bodyEnded: boolean;
  readonly trailers: Fields | null;
  /** Whether the transport cut the call off. */
  readonly gone: boolean;
  /** Counts the connections that this back end has seen; that of the call. */
  readonly connection: number;
  inform(status: number, fields?: Fields): void;
  /** `until-close` ends the body with the connection; a protocol without that frames it otherwise. */
  respond(status: number, length: number | 'unknown' | 'until-close', fields?: Fields): void;
  /** Sends body bytes, or tunnel bytes, latin1. */
  write(bytes: string): void;
  end(trailers?: Fields): void;
  /** Switches to `protocol`, or answers a CONNECT for an empty one. */
  switch(protocol: string): void;
  /** Says that the connection ends with this response; to be called before `respond`. */
  lastOne(): void;
  /** Sends bytes that belong to no response; false where the protocol has no such place. */
  stray(): boolean;
  /** Breaks the response; false where the protocol cannot be broken like this. */
  breakWith(how: Breakage): boolean;
  /** Stops reading, until `readOn`. */
  stall(): void;
  readOn(): void;
  /** Ends the connection without an answer: a FIN, or a reset. */
  leave(how: 'fin' | 'reset'): void;
}

/** A transport with a scripted back end behind it. */
export interface BackUnderTest {
  readonly transport: Transport;
  readonly budget: MemoryBudget;
  /** The requests that arrived, in order. */
  readonly calls: readonly BackCall[];
  /** Errors that the transport reported as defects of receivers. */
  readonly defects: readonly unknown[];
  /** Whether one connection carries several calls at once. */
  readonly multiplexed: boolean;
  /** Moves the clock and sweeps the deadlines. */
  advance(ms: number): void;
  dispose(): Promise<void>;
}

/** How to open a transport; the suite in `transport.ts` runs against each. */
export interface BackHarness {
  readonly name: string;
  /** What the protocol has at all. */
  readonly carries: { readonly trailers: boolean; readonly tunnels: boolean };
  /** Idle connections are kept for 5000 ms. */
  open(options?: { readonly budget?: number }): BackUnderTest;
}
