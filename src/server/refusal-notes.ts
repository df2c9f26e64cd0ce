/**
 * What the log is told of connections that were turned away. Where the server itself has no room there may be thousands
 * a second: then one line a minute tells it, and how many there were.
 */
import type { Clock, Fault } from '../base/index.ts';

const QUIET_MS = 60_000;

interface Told {
  readonly at: number;
  untold: number;
}

/** See the head of this file. */
export class RefusalNotes {
  readonly #clock: Clock;
  readonly #told = new Map<string, Told>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The line for a connection that was turned away; null where one like it was told a moment ago. */
  lineOf({ kind, stage, message }: Fault, remoteAddress: string): string | null {
    const line = `${kind.code} (${stage}): ${message}, client: ${remoteAddress}`;
    // Each client has its own line.
    if (kind.blame === 'client') return line;
    const now = this.#clock.monotonic();
    const told = this.#told.get(kind.code);
    if (told !== undefined && now - told.at < QUIET_MS) {
      told.untold++;
      return null;
    }
    this.#told.set(kind.code, { at: now, untold: 0 });
    return told === undefined || told.untold === 0
      ? line
      : `${line}; ${told.untold} more since it was told last`;
  }
}
