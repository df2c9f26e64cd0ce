/** Answers of the administration: whole, small, never cached, never guessed at by a browser. */
import { type Exchange, Fields } from '../http/message/index.ts';

/** Status, body and fields of a response, and what is to happen with it. */
export interface AdminAnswer {
  readonly status: number;
  /** Value of `Content-Type`. */
  readonly type: string;
  /** Unicode; sent as UTF-8. */
  readonly text: string;
  /** Fields beyond those that every answer has. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** For an order: what came of it, in a few words for the audit. */
  readonly outcome?: string;
  /** Work that would keep the answer from leaving: done once it has left, or once the client has. */
  readonly afterwards?: () => Promise<void>;
}

const PLAIN = 'text/plain; charset=utf-8';

/** A sentence for a person, or a list of lines. */
export function textAnswer(
  status: number,
  text: string,
  fields: NonNullable<AdminAnswer['fields']> = [],
): AdminAnswer {
  return { status, type: PLAIN, text: `${text}\n`, fields };
}

/** Anything that JSON can say, indented, because people read it with curl. */
export function jsonAnswer(
  status: number,
  value: unknown,
  more: Pick<AdminAnswer, 'outcome' | 'afterwards'> = {},
): AdminAnswer {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  return { ...more, status, type: 'application/json', text };
}

/** Sends an answer; nothing happens where the client has left. */
export function sendAnswer(exchange: Exchange, answer: AdminAnswer): void {
  const fields = Fields.of(
    ['Content-Type', answer.type],
    ['Cache-Control', 'no-store'],
    ['X-Content-Type-Options', 'nosniff'],
    ...(answer.fields ?? []),
  );
  exchange.send(answer.status, fields, Buffer.from(answer.text, 'utf8'));
}
