import { argument, type Exchange, FIELD, hasEssence } from '../../http/message/index.ts';
import { isPlainObject, parseDuration } from '../../schema/index.ts';
import type { ServerView } from '../../server/port.ts';
import { type AdminAnswer, jsonAnswer, textAnswer } from '../answer.ts';
import { ADMIN_PATHS, type StopOrder, type StopReport } from '../contract.ts';
import { BODY_LIMIT, collectBody } from '../request-body.ts';
import type { Resource } from '../resource.ts';

const DEFAULT_LIMIT = '60s' satisfies StopOrder['limit'];
/** Timers end at 24.8 days and fire at once above: a limit beyond this would close everybody's connection now. */
const LONGEST_MS = 86_400_000;

/** Ends the server and lets its clients finish. */
export const drain: Resource = {
  path: ADMIN_PATHS.drain,
  method: 'POST',
  open: false,
  means: 'end when connections have ended, at the latest after "?limit=60s"',
  answer: async (view, exchange) => {
    const written = await writtenLimit(exchange);
    if (typeof written !== 'string') return written;
    const limit = parseDuration(written);
    if (!('value' in limit)) return refused(`${limit.message}. ${limit.cure}.`);
    if (limit.value > LONGEST_MS) return refused('The limit is longer than "24h". Shorten it.');
    return stopAnswer(exchange, view, limit.value);
  },
};

/** The answer to an order to end within `limit` milliseconds. */
export function stopAnswer(exchange: Exchange, view: ServerView, limit: number): AdminAnswer {
  // The connection of who asked is not to be one that is waited for.
  exchange.closes = true;
  const report: StopReport = { stopping: true, limit, supervisor: view.supervisor };
  const outcome = limit === 0 ? 'ends at once' : `ends within ${limit} ms`;
  return jsonAnswer(202, report, { outcome, afterwards: () => view.stop(limit) });
}

async function writtenLimit(exchange: Exchange): Promise<string | AdminAnswer> {
  const { request } = exchange;
  const asked = request.query === null ? null : argument(request.query, 'limit');
  if (request.contentLength === 0) return asked ?? DEFAULT_LIMIT;
  const body = await collectBody(exchange);
  if (body === 'too-long') return tooLong(exchange);
  if (body === 'broken') return refused('The body of the request broke off.');
  if (body.length === 0) return asked ?? DEFAULT_LIMIT;
  // A form of a web page cannot send this type.
  if (!hasEssence(request.fields.get(FIELD.contentType) ?? '', 'application/json')) {
    return textAnswer(415, 'Send the order as application/json, such as {"limit":"60s"}.');
  }
  const order = readOrder(body);
  if (order === null) return refused('The order is not like {"limit":"60s"}.');
  if (order.limit === undefined) return asked ?? DEFAULT_LIMIT;
  return asked === null ? order.limit : refused('The limit is in the address and in the body.');
}

/** The answer to a request that carries more than `BODY_LIMIT`; the rest of it is not read. */
export function tooLong(exchange: Exchange): AdminAnswer {
  exchange.closes = true;
  return textAnswer(413, `A request here carries at most ${BODY_LIMIT} bytes.`);
}

function readOrder(body: Buffer): StopOrder | null {
  let order: unknown;
  try {
    order = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
  if (!isPlainObject(order) || Object.keys(order).some((key) => key !== 'limit')) return null;
  const limit = Object.hasOwn(order, 'limit') ? order['limit'] : undefined;
  if (limit === undefined) return {};
  return typeof limit === 'string' ? { limit } : null;
}

function refused(sentence: string): AdminAnswer {
  return textAnswer(400, sentence);
}
