import { Fault, type FaultKind } from '../base/index.ts';
import { FIELD, Fields } from '../http/message/index.ts';
import type { Context } from '../pipeline/index.ts';
import { WEB_FAULTS } from './faults.ts';
import type { Missing } from './open-file.ts';

function refuse(
  context: Context,
  kind: FaultKind,
  detail: string,
  id: number,
  value: string,
): void {
  const fields = new Fields();
  fields.appendKnown(id, value);
  context.failWith(new Fault(kind, 'handler', detail), fields);
}

/** 405 with the Allow that RFC 9110 §15.5.6 asks for; nginx leaves it out. */
export function refuseMethod(context: Context): void {
  const kind = WEB_FAULTS['method-not-allowed'];
  refuse(context, kind, context.method, FIELD.allow, 'GET, HEAD');
}

/** 416 with the Content-Range that tells the client the length there is (RFC 9110 §15.5.17). */
export function refuseRange(context: Context, asked: string, contentRange: string): void {
  refuse(context, WEB_FAULTS['range-unsatisfiable'], asked, FIELD.contentRange, contentRange);
}

/** Why there is no file; where the machine is at its limits, with the time after which to come back. */
export function refuseMissing(context: Context, { fault, detail }: Missing): void {
  if (fault.status === 503) refuse(context, fault, detail, FIELD.retryAfter, '1');
  else context.fail(fault, detail);
}
