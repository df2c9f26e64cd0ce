/** From a request on the administration's listener to its answer: guard, resource, method, and the audit. */
import { setImmediate as turn } from 'node:timers/promises';
import { Fault } from '../base/index.ts';
import {
  EXCHANGE_FAULTS,
  type Exchange,
  type ExchangeHandler,
  reasonPhrase,
} from '../http/message/index.ts';
import type { ServerView } from '../server/port.ts';
import { type AdminAccess, type Denial, Gate } from './access.ts';
import { type AdminAnswer, sendAnswer, textAnswer } from './answer.ts';
import { tooLong } from './api/drain.ts';
import { BODY_LIMIT } from './request-body.ts';
import type { Resource } from './resource.ts';
import { RESOURCES } from './resources.ts';

/** Takes one line for each order, followed or not: what, from where, and what came of it. Without a time and a line end. */
export type Audit = (line: string) => void;

/**
 * What answers on a listener of the administration.
 *
 * @throws TypeError for an access that lets nobody in or everybody: see `Gate`.
 */
export function adminHandler(
  view: ServerView,
  access: AdminAccess,
  audit: Audit = () => {},
): ExchangeHandler {
  const gate = new Gate(access);
  return {
    onExchange(exchange) {
      new AdminRequest(view, exchange, audit).take(gate);
    },
  };
}

class AdminRequest {
  readonly #view: ServerView;
  readonly #exchange: Exchange;
  readonly #audit: Audit;
  #afterwards: (() => Promise<void>) | null = null;
  #order = '';

  constructor(view: ServerView, exchange: Exchange, audit: Audit) {
    this.#view = view;
    this.#exchange = exchange;
    this.#audit = audit;
    exchange.observer = {
      onDrain: () => {},
      onHalfClose: () => {},
      onAbort: () => {},
      onFinish: () => {
        this.#finished();
      },
    };
  }

  take(gate: Gate): void {
    const exchange = this.#exchange;
    const { refusal, request } = exchange;
    if (refusal !== null) {
      const { status } = refusal.kind;
      exchange.closes = true;
      if (status < 400 || status === 499) exchange.abort(refusal);
      else sendAnswer(exchange, textAnswer(status, reasonPhrase(status)));
      return;
    }
    const resource = RESOURCES.find(({ path }) => path === request.path);
    const denial = gate.deny(exchange, resource?.open ?? false);
    const isOrder = resource?.method === 'POST' && request.method === 'POST';
    // The path is one of ours here: nothing that a client made up reaches the audit.
    if (isOrder) this.#order = `POST ${resource.path} from ${remoteOf(exchange)}`;
    const answer = denial === null ? unanswerable(exchange, resource) : this.#denied(denial);
    if (answer !== null || resource === undefined) this.#answer(answer ?? unknownPath());
    else if (isOrder) void this.#obey(resource);
    else void this.#ask(resource);
  }

  // While no process was there to accept it, who gave an order may have given up and gone, and it was told as not followed.
  async #obey(resource: Resource): Promise<void> {
    // The loop looks at every socket once between the two.
    await turn();
    await turn();
    if (!this.#exchange.connection.peerEnded) {
      await this.#ask(resource);
      return;
    }
    this.#note('not followed: who gave the order has left');
    this.#exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'handler'));
  }

  #denied({ why, answer }: Denial): AdminAnswer {
    return { ...answer, outcome: `not allowed, ${why}` };
  }

  async #ask(resource: Resource): Promise<void> {
    let answer: AdminAnswer;
    try {
      answer = await resource.answer(this.#view, this.#exchange);
    } catch (error) {
      answer = this.#failed(error);
    }
    this.#answer(answer);
  }

  #failed(error: unknown): AdminAnswer {
    const said = messageOf(error);
    this.#exchange.fault ??= new Fault(EXCHANGE_FAULTS['handler-failed'], 'handler', said, error);
    return {
      ...textAnswer(500, `The server could not do it: ${said}`),
      outcome: `failed: ${said}`,
    };
  }

  #answer(answer: AdminAnswer): void {
    const refused = answer.status >= 400 ? 'not understood' : 'done';
    this.#note(answer.outcome ?? refused);
    this.#afterwards = answer.afterwards ?? null;
    sendAnswer(this.#exchange, answer);
    // A client that left before its answer has given its order all the same.
    if (this.#exchange.finished) this.#finished();
  }

  #finished(): void {
    const afterwards = this.#afterwards;
    this.#afterwards = null;
    afterwards?.().catch((error: unknown) => {
      this.#note(`failed: ${messageOf(error)}`);
    });
  }

  #note(outcome: string): void {
    if (this.#order !== '') this.#audit(`${this.#order}: ${printable(outcome)}`);
  }
}

function unanswerable(exchange: Exchange, resource: Resource | undefined): AdminAnswer | null {
  const { method, contentLength } = exchange.request;
  if (contentLength > BODY_LIMIT) return tooLong(exchange);
  if (resource === undefined) return null;
  const allowed = resource.method === 'GET' ? ['GET', 'HEAD'] : ['POST'];
  if (allowed.includes(method)) return null;
  const allow = allowed.join(', ');
  return textAnswer(405, `${resource.path} takes ${allow}.`, [['Allow', allow]]);
}

function unknownPath(): AdminAnswer {
  const width = Math.max(...RESOURCES.map(({ path }) => path.length));
  const lines = RESOURCES.map(
    ({ method, path, means }) => `${method.padEnd(4)} ${path.padEnd(width)}  ${means}`,
  );
  return textAnswer(404, ['There is nothing here. There is:', '', ...lines].join('\n'));
}

function remoteOf({ connection: { remoteAddress, remotePort } }: Exchange): string {
  if (remoteAddress.startsWith('unix:')) return 'the unix socket';
  const host = remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress;
  return `${host}:${remotePort}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// An error's message may quote anything; a line of the audit stays one line.
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
}
