/** Ends a server, and stays until it is over. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, systemClock } from '../base/index.ts';
import type { StatusReport, StopReport } from '../admin/contract.ts';
import { isRunning } from '../supervisor/index.ts';
import { AdminError } from './admin-client.ts';
import type { CommandOutput } from './command-output.ts';
import { ageText, countedText } from './quantity-text.ts';

/** As much of `AdminClient` as it takes. */
export interface EndableServer {
  status(): Promise<StatusReport>;
  drain(limit: number): Promise<Pick<StopReport, 'supervisor'>>;
  stop(): Promise<Pick<StopReport, 'supervisor'>>;
}

/** Time, as it passes for who waits; tests have their own. */
export interface Waiting {
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<unknown>;
  /** Whether a process of this machine runs. */
  readonly runs: (pid: number) => boolean;
}

const LOOK_MS = 100;
/** A server that ends quickly needs no words. */
const QUIET_MS = 1000;
const TELL_MS = 1000;
/** What may pass between the end of the last connection and the end of the last process. */
const GRACE_MS = 15_000;
const CLEAR_LINE = '\r\u001b[K';

/**
 * Tells the server to end within `limit` milliseconds, at once for 0, and looks until nobody answers there any more, or
 * another server does. Resolves to the exit status: 1, after a sentence, if it is still there 15 s after the limit.
 * Rejects with an `AdminError` if it could not be told.
 */
export async function endServer(
  server: EndableServer,
  limit: number,
  output: CommandOutput,
  { clock, pause: wait, runs }: Waiting = { clock: systemClock, pause, runs: isRunning },
): Promise<number> {
  await mustBeThere(server);
  // While an upgrade runs two may answer here, of which one has taken the order.
  const { supervisor: pid } = await (limit === 0 ? server.stop() : server.drain(limit));
  const told = clock.monotonic();
  const progress = new Progress(output);
  let open = 0;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- it looks again and again
    const report = await look(server);
    const waited = clock.monotonic() - told;
    const other = report === 'gone' || report === null ? pid : report.supervisor.pid;
    if (report === 'gone' || (other !== pid && !runs(pid))) {
      progress.end();
      const beside = other === pid ? '' : ` Process ${other} serves in its place.`;
      output.print(`The server has ended.${cutText(limit, waited, open)}${beside}\n`);
      return 0;
    }
    if (typeof report === 'object' && report !== null && other === pid) open = openOf(report);
    if (waited > limit + GRACE_MS) {
      progress.end();
      output.printError(
        `The server is still there, ${ageText(waited)} after it was told. "kill -9 ${pid}" ends it for sure.\n`,
      );
      return 1;
    }
    if (waited >= QUIET_MS) {
      const left = limit - waited;
      const until = left > 0 ? `, at most ${ageText(left + 999)} more` : '';
      progress.tell(waitingFor(other === pid ? report : null), until, waited);
    }
    // oxlint-disable-next-line no-await-in-loop -- as above
    await wait(LOOK_MS);
  }
}

// A server that cannot say how it is may still take the order; one that nobody may ask will not.
async function mustBeThere(server: EndableServer): Promise<void> {
  try {
    await server.status();
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    if (error.kind === 'absent' || error.kind === 'forbidden') throw error;
  }
}

// While it ends it may drop a connection, or be too busy to answer: only that nobody listens tells.
async function look(server: EndableServer): Promise<StatusReport | 'gone' | null> {
  try {
    return await server.status();
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    return error.kind === 'absent' ? 'gone' : null;
  }
}

// By the last look, which is a moment old.
function cutText(limit: number, waited: number, open: number): string {
  if (limit === 0 || waited < limit || open === 0) return '';
  const were = open === 1 ? 'was' : 'were';
  return ` ${countedText(open, 'connection')} that ${were} still open at the limit ${were} cut.`;
}

function openOf({ threads, supervisor }: StatusReport): number {
  const inProcesses = supervisor.processes.reduce((sum, each) => sum + (each.connections ?? 0), 0);
  const inThreads = threads.reduce((sum, { connections }) => sum + connections, 0);
  return Math.max(inProcesses, inThreads);
}

function waitingFor(report: StatusReport | null): string {
  if (report === null) return 'Waiting for the server, which does not answer';
  const open = openOf(report);
  return open === 0
    ? 'Waiting for the process to end'
    : `Waiting for ${countedText(open, 'connection')} to end`;
}

/** One line that is written over at a terminal; elsewhere a line where what it waits for changes, once a second at most. */
class Progress {
  readonly #output: CommandOutput;
  #told = '';
  #at = 0;

  constructor(output: CommandOutput) {
    this.#output = output;
  }

  tell(what: string, until: string, at: number): void {
    if (this.#told !== '' && at - this.#at < TELL_MS) return;
    if (!this.#output.isTerminal && what === this.#told) return;
    this.#told = what;
    this.#at = at;
    const text = `${what}${until} …`;
    this.#output.print(this.#output.isTerminal ? `${CLEAR_LINE}${text}` : `${text}\n`);
  }

  end(): void {
    if (this.#told !== '' && this.#output.isTerminal) this.#output.print(CLEAR_LINE);
  }
}
