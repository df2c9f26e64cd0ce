/** The levels and faults by which limits tell what they did. */
import { Fault, type FaultKind } from '../../base/index.ts';
import { type Context, DONE, type Outcome } from '../../pipeline/index.ts';
import type { LimitLogLevel } from './options.ts';

const LESS = { error: 'warn', warn: 'notice', notice: 'info', info: 'info' } as const;

/** One less grave: for what is delayed (nginx `limit_req_log_level`). */
export function lessThan(level: LimitLogLevel): LimitLogLevel {
  return LESS[level];
}

/** The fault of a limit with the status and the level that the configuration says. */
export function refusalKind(kind: FaultKind, status: number, level: LimitLogLevel): FaultKind {
  // 444 closes the connection without an answer, as in nginx.
  return Object.freeze({ ...kind, status: status === 444 ? 0 : status, level });
}

/** Ends a request that a limit refused. */
export function refuse(context: Context, kind: FaultKind, detail: string): Outcome {
  context.failWith(new Fault(kind, 'handler', detail));
  return DONE;
}
