import type { ManualClock, MemoryBudget } from '../../src/base/index.ts';
import type { SerialProtocol } from '../../src/net/index.ts';
import type { BackCall } from './back.ts';

/** What carries the bytes of one connection of the back end. */
export interface BackStream {
  send(text: string): void;
  fin(): void;
  reset(): void;
  stall(): void;
  readOn(): void;
}

/** The server's side of one accepted connection: understands requests, answers by script. */
export interface BackConnection {
  onBytes(bytes: Uint8Array): void;
  onFin(): void;
  onGone(): void;
}

/** What the two ends of a connection have in common. */
export interface BackWorld {
  readonly clock: ManualClock;
  readonly budget: MemoryBudget;
  readonly defects: unknown[];
}

/** A protocol that carries one call at a time on a connection, seen from both ends; which carries them is another matter. */
export interface BackWire {
  readonly name: string;
  readonly carries: { readonly trailers: boolean; readonly tunnels: boolean };
  /** The end under test. */
  protocol(world: BackWorld): SerialProtocol;
  /** The scripted end; `calls` collects the requests of all connections, which have a number each. */
  back(number: number, stream: BackStream, calls: BackCall[]): BackConnection;
}
