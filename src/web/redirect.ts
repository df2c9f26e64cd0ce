import {
  answerRedirect,
  type Context,
  DONE,
  type Handler,
  type Outcome,
  type Phase,
  type Template,
} from '../pipeline/index.ts';
import { type RedirectStyle, siteAddress } from './site-address.ts';

/** Where clients are sent (nginx `return 301 …`, `rewrite … permanent`). */
export interface RedirectModel {
  readonly status: 301 | 302 | 303 | 307 | 308;
  /** An absolute address, or a path of this site, which begins with a slash. */
  readonly target: Template;
  /** How a path is sent. */
  readonly style: RedirectStyle;
  /** See `RespondModel.phase`. */
  readonly phase: Extract<Phase, 'rewrite' | 'content'>;
}

const SAFE = safeBytes();

function safeBytes(): Uint8Array {
  const table = new Uint8Array(256);
  // Visible ASCII stands as the configuration or the client wrote it, a percent sign too: the text is
  // an address already and escaping it again would change it.
  for (let code = 0x21; code < 0x7f; code++) table[code] = 1;
  table[0x5c] = 0;
  return table;
}

/**
 * Escapes what no Location can carry: controls, so that a line break in a decoded path cannot begin a
 * header field of the client's choice, blanks, bytes beyond ASCII, and backslashes: browsers read one as
 * a slash (WHATWG URL), so that `/\evil.example` would lead to that host. RFC 3986 has them nowhere.
 */
export function escapeLocation(target: string): string {
  let escaped = '';
  let from = 0;
  for (let at = 0; at < target.length; at++) {
    const code = target.charCodeAt(at);
    if (SAFE[code] === 1) continue;
    const hex = code.toString(16).toUpperCase().padStart(2, '0');
    escaped += `${target.slice(from, at)}%${hex}`;
    from = at + 1;
  }
  return from === 0 ? target : escaped + target.slice(from);
}

/** Sends clients elsewhere, whatever the method of the request. */
export class Redirect implements Handler {
  readonly name = 'redirect';
  readonly phase: Phase;
  readonly #model: RedirectModel;

  constructor(model: RedirectModel) {
    this.phase = model.phase;
    this.#model = model;
  }

  handle(context: Context): Outcome {
    const { status, target, style } = this.#model;
    const location = escapeLocation(target.constant ?? target.evaluate(context));
    const isPath = location.startsWith('/');
    answerRedirect(context, status, isPath ? siteAddress(context, location, style) : location);
    return DONE;
  }
}
