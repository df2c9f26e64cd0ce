/** What answers for a request that failed: the page that the configuration names, or a small one. */
import type { Fault } from '../base/index.ts';
import { EXCHANGE_FAULTS, FIELD, Fields } from '../http/message/index.ts';
import { BODY_TYPES, errorBody } from './built-in-page.ts';
import type { Context } from './handler.ts';
import { preferredKind } from './error-body-kind.ts';

/**
 * Whether the connection ends behind such an answer, as in nginx: what follows on it cannot be trusted
 * to be a request (400, 408, 414, 431, 505), or is a body that nobody wants (413), or the state of the
 * server is in doubt (500, 501).
 */
function endsConnection(status: number, context: Context): boolean {
  switch (status) {
    case 400:
    case 408:
    case 414:
    case 431:
    case 500:
    case 501:
    case 505:
      return true;
    case 413:
      return context.exchange.bodyPending;
    default:
      return false;
  }
}

/** See the head of this file. One serves all requests of a thread. */
export class ErrorPages {
  /**
   * Answers `context` for a fault with `status`, 300 to 599. `fields` go into the answer whichever page
   * it is. The page of the location is fetched by an internal redirect; a fault on the way to it, and a
   * request that was never well formed, get the built-in page, which tells status and request id alone.
   */
  answer(context: Context, status: number, fault: Fault, fields: Fields | null = null): void {
    const { exchange } = context;
    if (!exchange.canRespond) return;
    // Streams of one HTTP/2 connection are not to end for the fault of another.
    if (exchange.request.version < 20 && endsConnection(status, context)) exchange.closes = true;
    if (context.errorStatus === 0) {
      context.errorStatus = status;
      context.errorFields = fields;
      const page = mayFetch(context, fault) ? context.location.errorPages.get(status) : undefined;
      if (page !== undefined) {
        context.pageStatus = page.status === 0 ? status : Math.max(page.status, 0);
        if (page.path.startsWith('@')) context.redirectNamed(page.path);
        else context.redirect(page.path, null);
        return;
      }
    }
    // What the client asked for failed; that its page failed as well is for the log.
    const first = context.errorStatus;
    context.pageStatus = 0;
    const kind = preferredKind(exchange.request.fields.joined(FIELD.accept));
    const head = new Fields();
    head.appendKnown(FIELD.contentType, BODY_TYPES[kind]);
    head.appendKnown(FIELD.vary, 'Accept');
    context.send(first, head, errorBody(kind, first, context.requestId));
  }
}

/** Whether a page may be looked for: not for bytes that were no request, nor without memory to spare. */
function mayFetch({ exchange }: Context, fault: Fault): boolean {
  return exchange.refusal === null && fault.kind !== EXCHANGE_FAULTS['memory-exhausted'];
}
