/**
 * Regular expressions that an operator writes and hostile paths are matched against. The server starts
 * with V8's fallback to its breadth-first engine, which bounds every match to time linear in the
 * subject; but V8 falls back only where that engine can run the expression. It cannot run back
 * references, look-around, the `i` flag, and bodies that counted repetition multiplies by more than 16.
 * The first two are refused; letter case is spelt out as classes, and counts of single characters are
 * cut into pieces, so that what is accepted is always covered.
 */
import { regexFault } from './regex.ts';
import type { Parsed } from './scalars.ts';

/** V8's limit on how often counted repetition copies its body (`kMaxReplicationFactor`). */
const COPIES = 16;
/** The largest count in braces that is taken; the expression grows with it. */
const LARGEST_COUNT = 1000;

const COUNT = /\{(\d+)(,(\d*))?\}/y;
const GROUP_NAME = /\(\?<[^>=!]+>/y;

/** A refusal on its way out of the scanner. */
class Refused extends Error {
  readonly cure: string;

  constructor(message: string, cure: string) {
    super(message);
    this.cure = cure;
  }
}

/** The way in which one part of an expression repeats. */
interface Count {
  readonly min: number;
  /** Infinity for no bound. */
  readonly max: number;
}

/** Rewrites one expression, front to back; `regexFault` has found it to be valid JavaScript. */
class Rewriter {
  readonly #source: string;
  readonly #ignoreCase: boolean;
  #at = 0;

  constructor(source: string, ignoreCase: boolean) {
    this.#source = source;
    this.#ignoreCase = ignoreCase;
  }

  /** Rewrites up to the end, or up to the parenthesis that closes the group. */
  body(): { text: string; copies: number } {
    let text = '';
    let copies = 1;
    while (this.#at < this.#source.length && this.#source[this.#at] !== ')') {
      const from = this.#at;
      const atom = this.#atom();
      const count = this.#count();
      if (count === null) {
        text += atom.text;
        copies = Math.max(copies, atom.copies);
        continue;
      }
      const lazy = this.#source[this.#at] === '?' ? '?' : '';
      this.#at += lazy.length;
      const own = count.max === Infinity ? Math.max(count.min, 1) : count.max;
      if (own <= COPIES && own * atom.copies <= COPIES) {
        text += atom.text + spell(count) + lazy;
        copies = Math.max(copies, own * atom.copies);
      } else if (atom.single && own <= LARGEST_COUNT) {
        text += pieces(atom.text, count, lazy);
        copies = COPIES;
      } else {
        throw new Refused(
          `${JSON.stringify(this.#source.slice(from, this.#at))} repeats too often to be matched in linear time`,
          `Use * or +, counts of at most ${LARGEST_COUNT} for a single character, and counts whose product is at most ${COPIES} for groups`,
        );
      }
    }
    return { text, copies };
  }

  #atom(): { text: string; copies: number; single: boolean } {
    const source = this.#source;
    const char = source.charAt(this.#at);
    if (char === '(') return { ...this.#group(), single: false };
    if (char === '[') return { text: this.#class(), copies: 1, single: true };
    if (char === '\\') {
      const after = source.charAt(this.#at + 1);
      if ((after >= '1' && after <= '9') || after === 'k') {
        throw new Refused(
          'A back reference cannot be matched in linear time',
          'Write the expression without \\1 or \\k<name>, for instance as two expressions',
        );
      }
      const { text, code } = this.#escape();
      return { text: code === -1 ? text : this.#anyCase(code, text), copies: 1, single: true };
    }
    this.#at++;
    return { text: this.#anyCase(char.charCodeAt(0), char), copies: 1, single: true };
  }

  #group(): { text: string; copies: number } {
    const source = this.#source;
    let open = '(';
    if (source.startsWith('(?', this.#at)) {
      GROUP_NAME.lastIndex = this.#at;
      const named = GROUP_NAME.exec(source);
      if (named !== null) open = named[0];
      else if (source.startsWith('(?:', this.#at)) open = '(?:';
      else if (/^\(\?<?[=!]/.test(source.slice(this.#at, this.#at + 4))) {
        throw new Refused(
          'Look-ahead and look-behind cannot be matched in linear time',
          'Write a route for what the expression excludes, in front of this one',
        );
      } else {
        throw new Refused(
          'Modifiers inside an expression cannot be matched in linear time',
          'Write both cases of the letters, as in [aA]',
        );
      }
    }
    this.#at += open.length;
    const inner = this.body();
    this.#at++;
    return { text: `${open}${inner.text})`, copies: inner.copies };
  }

  /** One escape as it stands, and the character that it means, or -1 for a class or an assertion. */
  #escape(): { text: string; code: number } {
    const source = this.#source;
    const kind = source.charAt(this.#at + 1);
    let length = 2;
    let code = kind.charCodeAt(0);
    const digits = kind === 'x' ? 2 : kind === 'u' ? 4 : 0;
    const hex = source.slice(this.#at + 2, this.#at + 2 + digits);
    if (digits > 0 && hex.length === digits && /^[0-9a-fA-F]+$/.test(hex)) {
      length += digits;
      code = Number.parseInt(hex, 16);
    } else if (kind === 'c') {
      length = /[A-Za-z]/.test(source.charAt(this.#at + 2)) ? 3 : 1;
      code = -1;
    } else if ('dDwWsSbBtnvfr0'.includes(kind)) {
      code = -1;
    }
    const text = source.slice(this.#at, this.#at + length);
    this.#at += length;
    return { text, code };
  }

  #class(): string {
    const source = this.#source;
    let text = '[';
    this.#at++;
    if (source[this.#at] === '^') {
      text += '^';
      this.#at++;
    }
    let last = -1;
    while (source[this.#at] !== ']') {
      if (source[this.#at] === '-' && last !== -1 && source[this.#at + 1] !== ']') {
        this.#at++;
        const end = this.#classMember();
        text += `-${end.text}`;
        if (end.code !== -1) text += this.#otherCase(last, end.code);
        last = -1;
        continue;
      }
      const member = this.#classMember();
      // The other case goes in front, so that a range which begins here stays whole.
      if (member.code !== -1) text += this.#otherCase(member.code, member.code);
      text += member.text;
      last = member.code;
    }
    this.#at++;
    return `${text}]`;
  }

  #classMember(): { text: string; code: number } {
    if (this.#source[this.#at] === '\\') return this.#escape();
    const text = this.#source.charAt(this.#at);
    this.#at++;
    return { text, code: text.charCodeAt(0) };
  }

  #anyCase(code: number, text: string): string {
    const other = this.#otherCase(code, code);
    return other === '' ? text : `[${String.fromCharCode(code)}${other}]`;
  }

  /** The letters of the other case for those in `[from, to]`, as members of a class. */
  #otherCase(from: number, to: number): string {
    return this.#ignoreCase ? swapped(from, to, 0x61, -32) + swapped(from, to, 0x41, 32) : '';
  }

  #count(): Count | null {
    const source = this.#source;
    const char = source[this.#at];
    if (char === '*' || char === '+' || char === '?') {
      this.#at++;
      return { min: char === '+' ? 1 : 0, max: char === '?' ? 1 : Infinity };
    }
    if (char !== '{') return null;
    COUNT.lastIndex = this.#at;
    const count = COUNT.exec(source);
    if (count === null) return null;
    this.#at += count[0].length;
    const min = Number(count[1]);
    return { min, max: count[2] === undefined ? min : count[3] ? Number(count[3]) : Infinity };
  }
}

function swapped(from: number, to: number, alphabet: number, distance: number): string {
  const first = Math.max(from, alphabet);
  const last = Math.min(to, alphabet + 25);
  if (first > last) return '';
  const start = String.fromCharCode(first + distance);
  return first === last ? start : `${start}-${String.fromCharCode(last + distance)}`;
}

function spell({ min, max }: Count): string {
  if (max === Infinity) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

/** `x{1,40}` as `x{1,16}x{0,16}x{0,8}`. */
function pieces(atom: string, { min, max }: Count, lazy: string): string {
  let text = '';
  let needed = min;
  let allowed = max;
  while (allowed > 0) {
    const required = Math.min(needed, COPIES);
    needed -= required;
    if (max === Infinity && needed === 0) {
      return text + atom + spell({ min: required, max }) + lazy;
    }
    const taken = Math.min(allowed, COPIES);
    const piece =
      max === Infinity ? { min: required, max: required } : { min: required, max: taken };
    text += atom + spell(piece) + lazy;
    allowed -= taken;
  }
  return text;
}

/**
 * Compiles an expression whose every match takes linear time, given the start flag of the server. The
 * syntax is that of JavaScript without `u`; subjects are latin1 bytes, and `ignoreCase` concerns ASCII
 * letters alone, like PCRE in nginx. The result has no flags, hence no state: it can be shared.
 */
export function compileRegex(source: string, ignoreCase = false): Parsed<RegExp> {
  const invalid = regexFault(source);
  if (invalid !== undefined) return invalid;
  try {
    return { value: new RegExp(new Rewriter(source, ignoreCase).body().text) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return {
      message: `The regular expression ${JSON.stringify(source)} is refused: ${error.message}`,
      cure: error.cure,
    };
  }
}
