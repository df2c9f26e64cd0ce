/** From the words of a command line to a command, or to one sentence that says what is wrong with them. */
import { parseArgs } from 'node:util';

/** What a person asked for. */
export type Command =
  | { readonly name: 'help'; readonly about: CommandName | null }
  | { readonly name: 'version' }
  | { readonly name: 'demo' }
  | { readonly name: 'run'; readonly file: string | null }
  | { readonly name: 'check'; readonly file: string | null }
  | {
      readonly name: 'serve';
      readonly directory: string;
      readonly listen: string | null;
      readonly threads: number | 'auto';
    };

/** The commands that have a help page of their own. */
export type CommandName = 'run' | 'serve' | 'check' | 'demo';

/** A command line that says nothing that can be done. */
export interface Misuse {
  readonly message: string;
  readonly cure: string;
}

const NAMES: readonly CommandName[] = ['run', 'serve', 'check', 'demo'];
const OPTIONS: Readonly<Record<CommandName, readonly string[]>> = {
  run: [],
  check: [],
  demo: [],
  serve: ['listen', 'threads'],
};
const ARGUMENTS: Readonly<Record<CommandName, number>> = { run: 1, check: 1, serve: 1, demo: 0 };

/** Reads the words behind `daemun`. */
export function readCommandLine(words: readonly string[]): Command | Misuse {
  const [first, ...rest] = words;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    return readHelp(rest);
  }
  if (first === '--version' || first === '-v' || first === 'version') {
    return rest[0] === undefined ? { name: 'version' } : oneTooMany(rest[0], first, null);
  }
  const name = NAMES.find((each) => each === first);
  if (name === undefined) return unknownCommand(first);
  if (rest.includes('--help') || rest.includes('-h')) return { name: 'help', about: name };
  return readWords(name, rest);
}

function readHelp(rest: readonly string[]): Command | Misuse {
  const [about, extra] = rest;
  if (about === undefined) return { name: 'help', about: null };
  const name = NAMES.find((each) => each === about);
  if (name === undefined) return unknownCommand(about);
  return extra === undefined ? { name: 'help', about: name } : oneTooMany(extra, 'help', null);
}

function unknownCommand(word: string): Misuse {
  const isOption = word.startsWith('-');
  const near = closest(word, isOption ? ['--help', '--version'] : NAMES);
  return {
    message: `There is no ${isOption ? 'option' : 'command'} ${JSON.stringify(word)}`,
    cure: near === null ? 'See "daemun --help"' : `Did you mean "daemun ${near}"?`,
  };
}

function readWords(name: CommandName, words: readonly string[]): Command | Misuse {
  const known = OPTIONS[name];
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(known.map((option) => [option, { type: 'string' as const }])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string>();
  const places: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') places.push(token.value);
    if (token.kind !== 'option') continue;
    if (!known.includes(token.name)) return unknownOption(name, token.rawName);
    // `--listen --threads 2` lacks the address, it does not listen on "--threads".
    const taken = token.inlineValue !== true && token.value?.startsWith('-') === true;
    if (token.value === undefined || token.value === '' || taken) {
      return { message: `${token.rawName} needs a value`, cure: `See "daemun ${name} --help"` };
    }
    if (values.has(token.name)) {
      return { message: `${token.rawName} is given twice`, cure: 'Give it once' };
    }
    values.set(token.name, token.value);
  }
  const extra = places[ARGUMENTS[name]];
  if (extra !== undefined) return oneTooMany(extra, name, name);
  return command(name, places[0], values);
}

function oneTooMany(word: string, behind: string, about: CommandName | null): Misuse {
  return {
    message: `${JSON.stringify(word)} is one word too many for "daemun ${behind}"`,
    cure: about === null ? 'See "daemun --help"' : `See "daemun ${about} --help"`,
  };
}

function command(
  name: CommandName,
  place: string | undefined,
  values: ReadonlyMap<string, string>,
): Command | Misuse {
  if (name === 'demo') return { name };
  if (name !== 'serve') return { name, file: place ?? null };
  const threads = values.get('threads') ?? 'auto';
  if (threads !== 'auto' && !/^[1-9][0-9]{0,3}$/.test(threads)) {
    return {
      message: `--threads is ${JSON.stringify(threads)}`,
      cure: 'Give a number from 1, or auto for one thread a processor core',
    };
  }
  return {
    name,
    directory: place ?? '.',
    listen: values.get('listen') ?? null,
    threads: threads === 'auto' ? threads : Number(threads),
  };
}

function unknownOption(name: CommandName, option: string): Misuse {
  const known = OPTIONS[name].map((each) => `--${each}`);
  const near = closest(option, known);
  return {
    message: `"daemun ${name}" has no option ${option}`,
    cure: near === null ? `See "daemun ${name} --help"` : `Did you mean ${near}?`,
  };
}

// The known word that shares most of its letters in order with what was written, if that is most of it.
function closest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let most = 0;
  for (const each of known) {
    const alike = (2 * commonLetters(word, each)) / (word.length + each.length);
    if (alike > most) [best, most] = [each, alike];
  }
  return most >= 0.6 ? best : null;
}

// Length of the longest common subsequence.
function commonLetters(a: string, b: string): number {
  let row: number[] = Array.from({ length: b.length + 1 }, () => 0);
  for (const letter of a) {
    const next = [0];
    for (let i = 0; i < b.length; i++) {
      const kept = Math.max(row[i + 1] ?? 0, next[i] ?? 0);
      next.push(letter === b[i] ? (row[i] ?? 0) + 1 : kept);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
