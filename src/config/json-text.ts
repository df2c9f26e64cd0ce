/**
 * JSON (RFC 8259) with the place of every value. `JSON.parse` gives no places, takes the last of
 * two equal keys without a word, and words its errors differently from version to version.
 */
import type { PlacedValue } from './text-position.ts';

/** A fault of the text: the place and what is wrong there. */
export interface TextFault {
  readonly offset: number;
  readonly code: 'syntax' | 'duplicate';
  readonly message: string;
  readonly cure: string;
}

/** What reading a text comes to; duplicate keys leave it readable, everything else does not. */
export interface ReadText {
  readonly value: unknown;
  readonly places: PlacedValue;
  readonly faults: readonly TextFault[];
}

// A configuration is a dozen levels deep; the limit keeps a hostile text from using up the stack.
const DEEPEST = 200;
const NOWHERE: PlacedValue = { offset: 0, inside: new Map() };
const ESCAPES = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const LITERALS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

class SyntaxFault extends Error {
  readonly offset: number;
  readonly cure: string;

  constructor(offset: number, message: string, cure: string) {
    super(message);
    this.offset = offset;
    this.cure = cure;
  }
}

/** Reads a JSON text; a byte order mark before it is taken. */
export function readJson(text: string): ReadText {
  const reader = new JsonReader(text);
  try {
    const { value, places } = reader.whole();
    return { value, places, faults: reader.faults };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    const { offset, message, cure } = error;
    return {
      value: undefined,
      places: NOWHERE,
      faults: [...reader.faults, { offset, code: 'syntax', message, cure }],
    };
  }
}

interface Placed {
  readonly value: unknown;
  readonly places: PlacedValue;
}

class JsonReader {
  readonly faults: TextFault[] = [];
  readonly #text: string;
  #at: number;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.startsWith('\uFEFF') ? 1 : 0;
  }

  whole(): Placed {
    this.#space();
    const placed = this.#value(this.#at, 0);
    this.#space();
    if (this.#at < this.#text.length)
      throw this.#fault(
        `Expected the end of the file, got ${this.#here()}`,
        'Remove what follows the first value',
      );
    return placed;
  }

  #value(offset: number, depth: number): Placed {
    if (depth > DEEPEST)
      throw this.#fault(`The text is nested more than ${DEEPEST} levels deep`, 'Nest it less');
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(offset, depth);
    if (first === '[') return this.#list(offset, depth);
    const places: PlacedValue = { offset, inside: new Map() };
    if (first === '"') return { value: this.#string(), places };
    const number = this.#match(NUMBER);
    if (number !== undefined) return { value: Number(number), places };
    const start = this.#at;
    const word = this.#match(WORD);
    if (word !== undefined && LITERALS.has(word)) return { value: LITERALS.get(word), places };
    this.#at = start;
    throw this.#fault(`Expected a value, got ${this.#here()}`, this.#cureOfValue());
  }

  #cureOfValue(): string {
    const first = this.#text[this.#at];
    if (first === "'") return 'Write texts in double quotes';
    if (first === '}' || first === ']') return 'Remove the comma before it';
    if (first === '/') return 'Remove the comment, or use YAML or TypeScript, which have comments';
    return 'Write a text in double quotes, a number, true, false, null, a list or an object';
  }

  #object(offset: number, depth: number): Placed {
    const inside = new Map<string, PlacedValue>();
    const value: Record<string, unknown> = {};
    this.#at++;
    this.#space();
    if (this.#take('}')) return { value, places: { offset, inside } };
    for (;;) {
      const start = this.#at;
      if (this.#text[start] !== '"')
        throw this.#fault(
          `Expected a key, got ${this.#here()}`,
          this.#text[start] === '}' ? 'Remove the comma before it' : 'Write keys in double quotes',
        );
      const key = this.#string();
      this.#space();
      if (!this.#take(':'))
        throw this.#fault(`Expected ":", got ${this.#here()}`, 'Write a colon after the key');
      this.#space();
      const placed = this.#value(start, depth + 1);
      if (inside.has(key))
        this.faults.push({
          offset: start,
          code: 'duplicate',
          message: `The key ${JSON.stringify(key)} stands twice in the same object`,
          cure: 'Remove one of them',
        });
      else inside.set(key, placed.places);
      // Not an assignment: the key __proto__ would set the prototype.
      Object.defineProperty(value, key, {
        value: placed.value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
      this.#space();
      if (this.#take('}')) return { value, places: { offset, inside } };
      if (!this.#take(','))
        throw this.#fault(
          `Expected "," or "}", got ${this.#here()}`,
          'Separate entries by a comma',
        );
      this.#space();
    }
  }

  #list(offset: number, depth: number): Placed {
    const inside = new Map<number, PlacedValue>();
    const value: unknown[] = [];
    this.#at++;
    this.#space();
    if (this.#take(']')) return { value, places: { offset, inside } };
    for (;;) {
      const placed = this.#value(this.#at, depth + 1);
      inside.set(value.length, placed.places);
      value.push(placed.value);
      this.#space();
      if (this.#take(']')) return { value, places: { offset, inside } };
      if (!this.#take(','))
        throw this.#fault(`Expected "," or "]", got ${this.#here()}`, 'Separate items by a comma');
      this.#space();
    }
  }

  #string(): string {
    const start = this.#at;
    let value = '';
    this.#at++;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character === '\n' || character === '\r') {
        this.#at = start;
        throw this.#fault('The text does not end on its line', 'Add the closing double quote');
      }
      if (character < ' ')
        throw this.#fault(
          `A text cannot hold the control character ${JSON.stringify(character)}`,
          'Write it as an escape, such as "\\t"',
        );
      this.#at++;
      if (character === '"') return value;
      value += character === '\\' ? this.#escape() : character;
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at] ?? '';
    const simple = ESCAPES.get(letter);
    if (simple !== undefined) {
      this.#at++;
      return simple;
    }
    const hex = letter === 'u' ? this.#text.slice(this.#at + 1, this.#at + 5) : '';
    if (!/^[0-9A-Fa-f]{4}$/.test(hex))
      throw this.#fault(
        `There is no escape ${JSON.stringify(`\\${letter}`)}`,
        'Write a backslash itself as "\\\\"',
      );
    this.#at += 5;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    for (;;) {
      const character = this.#text[this.#at];
      if (character !== ' ' && character !== '\n' && character !== '\r' && character !== '\t')
        return;
      this.#at++;
    }
  }

  #here(): string {
    const character = this.#text[this.#at];
    return character === undefined ? 'the end of the file' : JSON.stringify(character);
  }

  #fault(message: string, cure: string): SyntaxFault {
    return new SyntaxFault(this.#at, message, cure);
  }
}
