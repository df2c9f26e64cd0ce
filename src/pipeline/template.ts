/**
 * Text with variables in it, `$name` or `${name}`, compiled at load. `$1` to `$9` take one digit; `$$` is
 * a dollar sign, which nginx has no way to write; any other dollar sign is an error, as in nginx.
 */
import type { Parsed } from '../schema/index.ts';
import type { Context } from './handler.ts';
import type { Variable, Variables } from './variables.ts';

/** A compiled text. Values are latin1 bytes. */
export interface Template {
  /** The text where it is the same for every request, else null. */
  readonly constant: string | null;
  /** The text for this request. */
  evaluate(context: Context): string;
}

/** How values are written into the text. */
export interface TemplateWriting {
  /** Changes a value that is there. */
  readonly value: (text: string) => string;
  /** Stands where a variable has no value. */
  readonly missing: string;
}

const plain: TemplateWriting = { value: (text) => text, missing: '' };
const NAME = /^(?:\{(\w+)\}|([1-9])|([A-Za-z_]\w*))/;

class Compiled implements Template {
  readonly constant: string | null;
  readonly #parts: readonly (string | Variable)[];
  readonly #writing: TemplateWriting;

  constructor(parts: readonly (string | Variable)[], writing: TemplateWriting) {
    const [first = ''] = parts;
    this.constant = parts.length < 2 && typeof first === 'string' ? first : null;
    this.#parts = parts;
    this.#writing = writing;
  }

  evaluate(context: Context): string {
    let text = '';
    for (const part of this.#parts) {
      if (typeof part === 'string') {
        text += part;
        continue;
      }
      const value = part.read(context);
      text += value === null ? this.#writing.missing : this.#writing.value(value);
    }
    return text;
  }
}

/**
 * Compiles a text. Characters beyond ASCII become their UTF-8 bytes. An unknown variable or a stray
 * dollar sign is what is wrong with it.
 */
export function compileTemplate(
  written: string,
  variables: Variables,
  writing: TemplateWriting = plain,
): Parsed<Template> {
  const text = Buffer.from(written, 'utf8').toString('latin1');
  const parts: (string | Variable)[] = [];
  let literal = '';
  let from = 0;
  for (;;) {
    const dollar = text.indexOf('$', from);
    literal += text.slice(from, dollar === -1 ? text.length : dollar);
    if (dollar === -1) break;
    const rest = text.slice(dollar + 1);
    if (rest.startsWith('$')) {
      literal += '$';
      from = dollar + 2;
      continue;
    }
    const name = NAME.exec(rest);
    if (name === null) {
      return {
        message: `A dollar sign in ${JSON.stringify(written)} is not followed by the name of a variable`,
        cure: 'Write "$$" for the sign itself, or "${name}"',
      };
    }
    const variable = variables.find(name[1] ?? name[2] ?? name[3] ?? '');
    if (!('value' in variable)) return variable;
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(variable.value);
    from = dollar + 1 + name[0].length;
  }
  if (literal !== '') parts.push(literal);
  return { value: new Compiled(parts, writing) };
}
