/** What a request brings as a form: parameters of its query and of its body, and uploads. */
import { FIELD } from '../../../http/message/index.ts';
import type { Context } from '../../../pipeline/index.ts';
import { BodyTooLargeException, type Part } from '../../api/index.ts';
import type { MultipartModel } from '../../descriptor/index.ts';
import { charsetDecoder, decodeUtf8 } from '../form/charset-decoder.ts';
import { ParameterTable, readForm } from '../form/form-parameters.ts';
import { receiveParts, type ReceivedParts } from '../form/receive-parts.ts';
import type { RequestBody } from './request-body.ts';

/** How much a form may bring; Tomcat has the same. */
const LIMITS = {
  /** Bytes of a body that is kept for parameters: `maxPostSize`. */
  bytes: 2 * 1024 * 1024,
  /** Parameters of query and body together: `maxParameterCount`. */
  parameters: 1000,
} as const;

/** See the head of this file. */
export class RequestForm {
  readonly #context: Context;
  readonly #body: RequestBody;
  readonly #temporary: string;
  #kept: 'none' | 'whole' | 'too large' = 'none';
  #taken: string | null = null;
  #table: ParameterTable | null = null;
  #receiving: Promise<ReceivedParts> | null = null;
  #received: ReceivedParts | null = null;
  #failure: unknown = null;

  /** Uploads that are too large for memory go to the directory `temporary`. */
  constructor(context: Context, body: RequestBody, temporary: string) {
    this.#context = context;
    this.#body = body;
    this.#temporary = temporary;
  }

  /** Lets the body of a form come, so that parameters can be had without waiting. */
  async keep(): Promise<void> {
    const { contentLength } = this.#context.request;
    const fits = contentLength <= LIMITS.bytes && (await this.#body.keep(LIMITS.bytes));
    this.#kept = fits ? 'whole' : 'too large';
  }

  /**
   * The parameters of query, form and parts, in this order. `charset` is that of the body.
   * @throws BodyTooLargeException where there is more than may be kept, and what was wrong with the parts: an
   * application must not take some of its parameters for all of them.
   */
  parameters(charset: string): ParameterTable {
    if (this.#failure !== null) throw this.#failure;
    if (this.#table !== null) return this.#table;
    const table = new ParameterTable(LIMITS.parameters);
    const { query } = this.#context;
    if (query !== null) readForm(query, decodeUtf8, table);
    if (this.#kept === 'too large') {
      throw new BodyTooLargeException(`The form has more than ${LIMITS.bytes} bytes`);
    }
    if (this.#kept === 'whole') {
      const decode = charsetDecoder(charset) ?? decodeUtf8;
      // It is nobody else's any more (section 3.1.1), and is not taken twice: parts may make the table anew.
      this.#taken ??= this.#body.take().toString('latin1');
      readForm(this.#taken, decode, table);
    }
    for (const [name, value] of this.#received?.fields ?? []) table.add(name, value);
    this.#table = table;
    return table;
  }

  /** The parts of a multipart body, received by the limits of the servlet. */
  async parts(model: MultipartModel, charset: string): Promise<readonly Part[]> {
    const maxParameters = LIMITS.parameters - this.parameters(charset).size;
    this.#receiving ??= receiveParts(
      this.#body,
      this.#context.request.fields.get(FIELD.contentType),
      { ...model, temporary: this.#temporary, charset, maxParameters },
    );
    try {
      this.#received = await this.#receiving;
      // They bring parameters of their own.
      this.#table = null;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    return this.#received.parts;
  }

  /** Whether somebody asked for parts, which may have left something behind. */
  get hasReceived(): boolean {
    return this.#receiving !== null;
  }

  /** Lets go what was uploaded; the request is over. */
  async discard(): Promise<void> {
    if (this.#receiving === null) return;
    const received = await this.#receiving.catch(() => null);
    await received?.discard();
  }
}
