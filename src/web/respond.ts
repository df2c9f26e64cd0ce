import { FIELD, Fields, NO_FIELDS } from '../http/message/index.ts';
import {
  type Context,
  DONE,
  type Handler,
  type Outcome,
  type Phase,
  type Template,
} from '../pipeline/index.ts';
import { share } from './shared-fields.ts';
import { answerStatus } from './status-answer.ts';

/** A fixed answer (nginx `return`). */
export interface RespondModel {
  /** 200 to 599; 444 closes the connection without an answer. */
  readonly status: number;
  /** The body; null leaves it to the page for the status, as nginx's `return 404`. */
  readonly body: Template | null;
  /** Value of Content-Type, sent with a body. */
  readonly contentType: string;
  /**
   * `content` answers behind access rules; `rewrite`, where nginx has `return`, before them.
   */
  readonly phase: Extract<Phase, 'rewrite' | 'content'>;
}

/** Answers every request alike, whatever its method. */
export class Respond implements Handler {
  readonly name = 'respond';
  readonly phase: Phase;
  readonly #model: RespondModel;
  readonly #fields: Fields;

  constructor(model: RespondModel) {
    this.phase = model.phase;
    this.#model = model;
    const { body, contentType } = model;
    const isEmpty = body === null || body.constant === '';
    const fields = new Fields();
    if (!isEmpty) fields.appendKnown(FIELD.contentType, contentType);
    this.#fields = isEmpty ? NO_FIELDS : share(fields);
  }

  handle(context: Context): Outcome {
    const { status, body } = this.#model;
    // RFC 9110 §15.3.5, §15.4.5: 204 and 304 have no body, whatever the configuration says.
    const bare = status === 204 || status === 304 || status === 444;
    if (body === null || bare) answerStatus(context, status, this.name);
    else context.send(status, this.#fields, body.constant ?? body.evaluate(context));
    return DONE;
  }
}
