import type { FaultKind } from '../base/index.ts';
import { NO_FIELDS } from '../http/message/index.ts';
import type { Context } from '../pipeline/index.ts';
import { WEB_FAULTS } from './faults.ts';

const kinds = new Map<number, FaultKind>();

function kindOf(status: number): FaultKind {
  let kind = kinds.get(status);
  if (kind === undefined) {
    kind = Object.freeze({ ...WEB_FAULTS['status-configured'], status });
    kinds.set(status, kind);
  }
  return kind;
}

/**
 * Answers with a status that the configuration names and with no body of its own, as nginx does for
 * `return 404` and `try_files … =404`: from 300 on with the page for that status, below without a body,
 * as 304 (RFC 9110 section 15.4.5). 444, which no client ever sees, closes the connection. `by` is for the error log.
 */
export function answerStatus(context: Context, status: number, by: string): void {
  if (status === 444) {
    context.fail(WEB_FAULTS['connection-dropped'], by);
  } else if (status >= 300 && status !== 304) {
    context.fail(kindOf(status), by);
  } else {
    context.send(status, NO_FIELDS, null);
  }
}
