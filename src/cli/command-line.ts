/** From the words of a command line to a command, or to one sentence that says what is wrong with them. */
import { parseArgs } from 'node:util';
import { parseDuration } from '../schema/index.ts';

/** What a person asked for. */
export type Command =
  | { readonly name: 'help'; readonly about: CommandName | null }
  | { readonly name: 'version' }
  | { readonly name: 'demo' }
  | {
      readonly name: 'run';
      readonly file: string | null;
      readonly user: string | null;
      /** In the background. */
      readonly daemon: boolean;
    }
  | { readonly name: 'check'; readonly file: string | null }
  | { readonly name: 'doctor'; readonly file: string | null; readonly json: boolean }
  | AdminCommand
  | WasCommand
  | {
      readonly name: 'serve';
      readonly directory: string;
      readonly listen: string | null;
      readonly threads: number | 'auto';
    };

/** Which web applications are served, and where. */
export interface WasCommand {
  readonly name: 'was';
  /** Directory with a folder for each application. */
  readonly webapps: string;
  /** As `listen` in a configuration; null where nothing is said. */
  readonly http: string | null;
  /** The same, for web servers that speak AJP. */
  readonly ajp: string | null;
  /** File with the secret of AJP; null for none. */
  readonly ajpSecret: string | null;
  /** What stands behind the ids of sessions; null for nothing. */
  readonly route: string | null;
}

/** What is asked of a server that runs. */
export interface AdminCommand {
  readonly name: AdminCommandName;
  /** The configuration file that it runs; null for the one of the working directory, or the only server that runs. */
  readonly file: string | null;
  /** Where its administration is, whatever the configuration says; null where that says it. */
  readonly admin: string | null;
  /** File with the token of the administration; null where the configuration says it. */
  readonly tokenFile: string | null;
  /** A report as JSON. */
  readonly json: boolean;
  /** Milliseconds; null where nothing is said. */
  readonly limit: number | null;
}

/** The commands that ask a server that runs. */
export type AdminCommandName = (typeof ADMIN_NAMES)[number];

/** The commands that have a help page of their own. */
export type CommandName = 'run' | 'serve' | 'was' | 'check' | 'doctor' | 'demo' | AdminCommandName;

const ADMIN_NAMES = ['status', 'connections', 'top', 'reload', 'drain', 'stop'] as const;

/** What a command line that says nothing that can be done ends with; 1 is for what was tried and failed. */
export const MISUSE_STATUS = 2;

/** A command line that says nothing that can be done. */
export interface Misuse {
  readonly message: string;
  readonly cure: string;
}

const NAMES: readonly CommandName[] = [
  'run',
  'serve',
  'was',
  'check',
  'doctor',
  'demo',
  ...ADMIN_NAMES,
];
const ADMIN_OPTIONS = ['admin', 'token-file'];
const OPTIONS: Readonly<Record<CommandName, readonly string[]>> = {
  run: ['user', 'daemon'],
  check: [],
  doctor: ['json'],
  demo: [],
  serve: ['listen', 'threads'],
  was: ['webapps', 'http', 'ajp', 'ajp-secret', 'route'],
  status: [...ADMIN_OPTIONS, 'json'],
  connections: [...ADMIN_OPTIONS, 'json'],
  top: ADMIN_OPTIONS,
  reload: ADMIN_OPTIONS,
  drain: [...ADMIN_OPTIONS, 'limit'],
  stop: ADMIN_OPTIONS,
};
/** Options without a value. */
const SWITCHES: readonly string[] = ['json', 'daemon'];
const ARGUMENTS: Readonly<Record<CommandName, number>> = {
  run: 1,
  check: 1,
  doctor: 1,
  serve: 1,
  demo: 0,
  was: 0,
  status: 1,
  connections: 1,
  top: 1,
  reload: 1,
  drain: 1,
  stop: 1,
};
/** The longest that `drain` may wait, in milliseconds. */
const LONGEST_DRAIN = 86_400_000;

/** The commands whose names other programs call differently, and nginx's options. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['start', 'run'],
  ['-c', 'run'],
  ['test', 'check'],
  ['validate', 'check'],
  ['-t', 'check'],
  ['diagnose', 'doctor'],
  ['-V', '--version'],
  ['-?', '--help'],
]);

/** What signals do here and commands do elsewhere. */
const SIGNALS: ReadonlyMap<string, string> = new Map([
  ['reload', 'To load the configuration again: "daemun reload"'],
  ['reopen', 'To open the logs again, send the process USR1: "kill -USR1 <pid>"'],
  ['stop', 'To end the server: "daemun stop"'],
  ['quit', 'To end it when all requests are answered: "daemun drain"'],
]);

/** Options of `serve` as other programs call them. */
const OPTIONS_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['--port', '--listen'],
  ['-p', '--listen'],
  ['-l', '--listen'],
  ['--host', '--listen'],
  ['--bind', '--listen'],
  ['--address', '--listen'],
  ['--workers', '--threads'],
]);

/** What a word names that is no command: a directory that is there, a configuration file, or neither. */
export type Named = 'directory' | 'configuration' | null;

/** Reads the words behind `daemun`; `named` looks at one that stands where a command should. */
export function readCommandLine(
  words: readonly string[],
  named: (word: string) => Named = () => null,
): Command | Misuse {
  const [first, ...rest] = words;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    return readHelp(rest);
  }
  if (first === '--version' || first === '-v' || first === 'version') {
    return rest[0] === undefined ? { name: 'version' } : oneTooMany(rest[0], first, null);
  }
  const name = NAMES.find((each) => each === first);
  if (name === undefined) return unknownCommand(first, named(first), rest[0]);
  if (rest.includes('--help') || rest.includes('-h')) return { name: 'help', about: name };
  return readWords(name, rest);
}

function readHelp(rest: readonly string[]): Command | Misuse {
  const [about, extra] = rest;
  if (about === undefined) return { name: 'help', about: null };
  // The general page is all there is to say about help.
  if (about === 'help') return readHelp(rest.slice(1));
  const name = NAMES.find((each) => each === about);
  if (name === undefined) return unknownCommand(about, null);
  return extra === undefined ? { name: 'help', about: name } : oneTooMany(extra, 'help', null);
}

function unknownCommand(word: string, named: Named, next?: string): Misuse {
  const isOption = word.startsWith('-');
  const message = `There is no ${isOption ? 'option' : 'command'} ${JSON.stringify(word)}`;
  if (named === 'directory') {
    return { message, cure: `To serve the directory: "daemun serve ${word}"` };
  }
  if (named === 'configuration') {
    return { message, cure: `To serve what the file says: "daemun run ${word}"` };
  }
  const own = NAMES.find((name) => OPTIONS[name].some((option) => isThatOption(word, option)));
  if (own !== undefined)
    return { message, cure: `Name the command first: "daemun ${own} ${word}"` };
  // nginx sends signals by an option.
  const signal = SIGNALS.get(word === '-s' && next !== undefined ? next : word);
  if (signal !== undefined) return { message, cure: signal };
  const near = ELSEWHERE.get(word) ?? closest(word, isOption ? ['--help', '--version'] : NAMES);
  return {
    message,
    cure: near === null ? 'See "daemun --help"' : `Did you mean "daemun ${near}"?`,
  };
}

function isThatOption(word: string, option: string): boolean {
  return word === `--${option}` || word.startsWith(`--${option}=`);
}

function readWords(name: CommandName, words: readonly string[]): Command | Misuse {
  const known = OPTIONS[name];
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      known.map((option) => [
        option,
        { type: SWITCHES.includes(option) ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
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
    if (SWITCHES.includes(token.name)) {
      if (token.value !== undefined)
        return { message: `${token.rawName} takes no value`, cure: 'Leave the value out' };
      values.set(token.name, '');
      continue;
    }
    // `--listen --threads 2` lacks the address, it does not listen on "--threads"; -1 is a value, if a wrong one.
    const taken = token.inlineValue !== true && /^-(?![0-9])/.test(token.value ?? '');
    if (token.value === undefined || token.value === '' || taken) {
      return { message: `${token.rawName} needs a value`, cure: `See "daemun ${name} --help"` };
    }
    if (values.has(token.name)) {
      return { message: `${token.rawName} is given twice`, cure: 'Give it once' };
    }
    values.set(token.name, token.value);
  }
  if (places[0] === '' && ARGUMENTS[name] > 0) return nameless(name);
  const extra = places[ARGUMENTS[name]];
  if (extra !== undefined) return oneTooMany(extra, name, name);
  return command(name, places[0], values);
}

// What a variable that is not set leaves of a command line.
function nameless(name: CommandName): Misuse {
  return name === 'serve'
    ? { message: '"" names no directory', cure: 'Name one, or leave it out for the current one' }
    : {
        message: '"" names no file',
        cure: 'Name one, or leave it out for the one of this directory',
      };
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
  if (name === 'check') return { name, file: place ?? null };
  if (name === 'doctor') return { name, file: place ?? null, json: values.has('json') };
  if (name === 'run') {
    const daemon = values.has('daemon');
    return { name, file: place ?? null, user: values.get('user') ?? null, daemon };
  }
  if (name === 'was') return wasCommand(values);
  if (name !== 'serve') return adminCommand(name, place ?? null, values);
  const threads = values.get('threads') ?? 'auto';
  // How many there may be is the configuration's to say.
  if (threads !== 'auto' && !/^[1-9][0-9]*$/.test(threads)) {
    return {
      message: `--threads is ${JSON.stringify(threads)}`,
      cure: 'Give a whole number from 1, or auto for one thread a processor core',
    };
  }
  return {
    name,
    directory: place ?? '.',
    listen: values.get('listen') ?? null,
    threads: threads === 'auto' ? threads : Number(threads),
  };
}

function wasCommand(values: ReadonlyMap<string, string>): Command | Misuse {
  const webapps = values.get('webapps');
  if (webapps === undefined) {
    return {
      message: '--webapps is missing',
      cure: 'Name the directory with a folder for each application: "daemun was --webapps ./webapps"',
    };
  }
  const ajp = values.get('ajp') ?? null;
  const ajpSecret = values.get('ajp-secret') ?? null;
  if (ajpSecret !== null && ajp === null) {
    return { message: '--ajp-secret is for an address', cure: 'Give it with --ajp' };
  }
  const http = values.get('http') ?? null;
  return { name: 'was', webapps, http, ajp, ajpSecret, route: values.get('route') ?? null };
}

function adminCommand(
  name: AdminCommandName,
  file: string | null,
  values: ReadonlyMap<string, string>,
): Command | Misuse {
  const written = values.get('limit');
  const limit = written === undefined ? null : parseDuration(written);
  if (limit !== null && (!('value' in limit) || limit.value > LONGEST_DRAIN)) {
    return {
      message: `--limit is ${JSON.stringify(written)}`,
      cure: 'Give a duration of a day at most, such as 30s or 5m',
    };
  }
  return {
    name,
    file,
    admin: values.get('admin') ?? null,
    tokenFile: values.get('token-file') ?? null,
    json: values.has('json'),
    limit: limit === null ? null : limit.value,
  };
}

function unknownOption(name: CommandName, option: string): Misuse {
  const message = `"daemun ${name}" has no option ${option}`;
  const known = OPTIONS[name].map((each) => `--${each}`);
  const meant = OPTIONS_ELSEWHERE.get(option) ?? option;
  const near = known.includes(meant) ? meant : closest(option, known);
  if (near !== null) return { message, cure: `Did you mean ${near}?` };
  if (name === 'run' && OPTIONS.serve.some((each) => `--${each}` === meant)) {
    return { message, cure: 'Write it into the configuration file' };
  }
  return { message, cure: `See "daemun ${name} --help"` };
}

// The known word that shares most of its letters in order with what was written, if that is most of it.
function closest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let most = 0;
  const written = word.replace(/^-+/, '');
  for (const each of known) {
    const name = each.replace(/^-+/, '');
    const alike = (2 * commonLetters(written, name)) / (written.length + name.length);
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
