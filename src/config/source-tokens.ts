/**
 * A small scanner of JavaScript and TypeScript: words, texts and nested brackets with their places.
 * It knows just enough of the language (comments, templates, regular expressions) to find the
 * object literals of a configuration; what it misreads costs a line number, nothing else.
 */

/** A piece of source: a bracket with what it holds, or one token. */
export type SourceNode =
  | {
      readonly kind: 'group';
      readonly open: '{' | '[' | '(';
      readonly offset: number;
      readonly items: readonly SourceNode[];
    }
  | {
      readonly kind: 'word' | 'text' | 'sign';
      readonly offset: number;
      /** The word, the value of the text, or the sign. */
      readonly value: string;
    };

const WORD = /[A-Za-z0-9_$\u0080-\uFFFF.]+/y;
const CLOSING = new Map([
  ['{', '}'],
  ['[', ']'],
  ['(', ')'],
]);
const DEEPEST = 300;
// After these a slash begins a regular expression, not a division.
const OPERATOR_WORDS = new Set(['return', 'typeof', 'case', 'in', 'of', 'await', 'default']);

/** Scans a whole source; brackets that do not match end where they can. */
export function scanSource(source: string): readonly SourceNode[] {
  return new Scanner(source).until(undefined);
}

class Scanner {
  readonly #source: string;
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  until(closing: string | undefined): readonly SourceNode[] {
    this.#depth++;
    const items = this.#items(closing);
    this.#depth--;
    return items;
  }

  #items(closing: string | undefined): readonly SourceNode[] {
    const items: SourceNode[] = [];
    for (;;) {
      this.#skip();
      const offset = this.#at;
      const character = this.#source[offset];
      if (character === undefined) return items;
      if (character === closing) {
        this.#at++;
        return items;
      }
      const opened = CLOSING.get(character);
      if (opened !== undefined && this.#depth < DEEPEST) {
        this.#at++;
        const open = character as '{' | '[' | '(';
        items.push({ kind: 'group', open, offset, items: this.until(opened) });
      } else if (character === '"' || character === "'")
        items.push({ kind: 'text', offset, value: this.#text(character) });
      else if (character === '`') items.push({ kind: 'text', offset, value: this.#template() });
      else if (character === '/' && startsExpression(items.at(-1))) this.#expression();
      else items.push(this.#word(offset) ?? this.#sign(offset, character));
    }
  }

  #word(offset: number): SourceNode | undefined {
    // Three dots before a name are a spread, not a part of the name.
    if (this.#source[offset] === '.') return undefined;
    WORD.lastIndex = offset;
    const value = WORD.exec(this.#source)?.[0];
    if (value === undefined) return undefined;
    this.#at += value.length;
    return { kind: 'word', offset, value };
  }

  #sign(offset: number, character: string): SourceNode {
    const pair = this.#source.slice(offset, offset + 3);
    const value = pair === '...' ? pair : pair.startsWith('=>') ? '=>' : character;
    this.#at += value.length;
    return { kind: 'sign', offset, value };
  }

  #skip(): void {
    for (;;) {
      const character = this.#source[this.#at];
      const next = this.#source[this.#at + 1];
      if (character === '/' && next === '/') this.#skipTo('\n', 0);
      else if (character === '/' && next === '*') this.#skipTo('*/', 2);
      else if (character !== undefined && (character <= ' ' || character === '\uFEFF')) this.#at++;
      else return;
    }
  }

  #skipTo(end: string, more: number): void {
    const found = this.#source.indexOf(end, this.#at + more);
    this.#at = found === -1 ? this.#source.length : found + more;
  }

  #text(quote: string): string {
    let value = '';
    this.#at++;
    for (;;) {
      const character = this.#source[this.#at++];
      if (character === undefined || character === quote || character === '\n') return value;
      if (character !== '\\') value += character;
      // Escapes other than of the quote or the backslash hardly occur in names.
      else value += this.#source[this.#at++] ?? '';
    }
  }

  #template(): string {
    let value = '';
    this.#at++;
    for (;;) {
      const character = this.#source[this.#at++];
      if (character === undefined || character === '`') return value;
      if (character === '\\') value += this.#source[this.#at++] ?? '';
      else if (character === '$' && this.#source[this.#at] === '{' && this.#depth < DEEPEST) {
        this.#at++;
        this.until('}');
        // A text with a hole has no value that could be looked for.
        value += '\0';
      } else value += character;
    }
  }

  #expression(): void {
    let inClass = false;
    for (this.#at++; ; this.#at++) {
      const character = this.#source[this.#at];
      if (character === undefined || character === '\n') return;
      if (character === '\\') this.#at++;
      else if (character === '[') inClass = true;
      else if (character === ']') inClass = false;
      else if (character === '/' && !inClass) {
        this.#at++;
        return;
      }
    }
  }
}

function startsExpression(before: SourceNode | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'sign') return true;
  return before.kind === 'word' && OPERATOR_WORDS.has(before.value);
}
