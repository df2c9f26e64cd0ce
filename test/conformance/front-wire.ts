import type { ManualClock, MemoryBudget } from '../../src/base/index.ts';
import type {
  ConnectionFacts,
  ExchangeHandler,
  Wire,
  WireProtocol,
} from '../../src/http/message/index.ts';
import type { FrontCarries, TestCall, TestRequest } from './front.ts';

/** The way from a client to the server under test. */
export interface ClientLine {
  /** Sends latin1 text. */
  readonly send: (text: string) => void;
  /** Sends FIN. */
  readonly end: () => void;
}

/** What a test client says and understands of a protocol, over whatever carries its bytes. */
export interface ClientSide {
  request(request?: TestRequest): TestCall;
  requestGarbage(): TestCall;
  /** Whether the connection is a tunnel. */
  readonly tunnelling: boolean;
  /** Bytes of the server. */
  take(bytes: Buffer): void;
  /** Nothing follows: the server ended its side, or cut the connection off by a reset. */
  over(how: 'ended' | 'reset'): void;
}

/** What a server's connection has around it in a test. */
export interface FrontWorld {
  readonly handler: ExchangeHandler;
  readonly clock: ManualClock;
  readonly budget: MemoryBudget;
  readonly defects: unknown[];
}

/** A protocol in front, seen from both ends; which carries them is another matter. */
export interface FrontWire {
  readonly name: string;
  readonly carries: FrontCarries;
  /** The end under test: every timeout is 1000 ms, the keep-alive timeout 5000 ms. */
  server(wire: Wire, facts: ConnectionFacts, world: FrontWorld): WireProtocol;
  side(line: ClientLine): ClientSide;
}
