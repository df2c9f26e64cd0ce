/**
 * Applications with servlets mapped in all kinds of ways, and targets that hit their patterns or just miss them; made
 * by chance, the same ones every time.
 *
 * Dimensions of a set: the path of its context (a name, deeper below another context or below none, with blank or
 * `é`, the root) · patterns that are exact, with or without a slash or a dot at the end, `/x/*`, nested `/x/y/*`,
 * `/*`, `*.x`, `/`, empty; that have stars which mean nothing, `;` `?` `#` `%`, blanks, characters beyond ASCII, plain
 * or escaped; one servlet with several · welcome files that are files, exact, by prefix, by ending or nothing, with
 * slashes in them · files and directories, shadowed by servlets or not, empty, named after welcome files, hidden ·
 * sessions by cookie alone or by URL too.
 *
 * Dimensions of a target: what it aims at (a pattern, a file, a directory, the root of the context, WEB-INF in any
 * case, nothing) and how closely (a character less or more, a slash less or more, deeper, another ending, other case) ·
 * the context (plain, escaped, with parameters, by dots, through another, with a character less or more, without a
 * slash) · parameters on any segment, `jsessionid` among them · escapes of characters that need none, with large or
 * small digits · doubled slashes, `.` and `..` · what Jakarta Servlet section 3.5.2 calls suspicious: dots that are
 * escaped or have parameters, escaped slashes, backslashes, control characters, broken escapes, bytes that are no
 * UTF-8 · queries · length.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** An application, as far as mapping goes. */
export interface MappingSet {
  /** Named as Tomcat wants it: `m7#deep` is at `/m7/deep`, `ROOT` at the root. */
  readonly folder: string;
  /** Decoded; empty for the root. */
  readonly contextPath: string;
  readonly servlets: readonly MappingServlet[];
  /** Null for no list in the descriptor. */
  readonly welcomeFiles: readonly string[] | null;
  /** Paths without a slash in front. */
  readonly files: readonly string[];
  readonly directories: readonly string[];
  /** Whether sessions may be named in a URL. */
  readonly urlSessions: boolean;
}

/** The probe under one name, with all that leads to it. */
export interface MappingServlet {
  readonly name: string;
  readonly patterns: readonly UrlPattern[];
}

/** What leads to a servlet; a descriptor may spell it in several ways. */
export interface UrlPattern {
  /** What it stands for. */
  readonly decoded: string;
  /** What the descriptor says. */
  readonly written: string;
}

/** A servlet that tells how it was reached, and how a descriptor names it. */
export interface Probe {
  readonly element: 'servlet-class' | 'jsp-file';
  /** What is in the element. */
  readonly content: string;
  /** Path of its source. */
  readonly file: string;
  readonly source: string;
}

/** That of Daemun; Tomcat's is in `tomcat-mapping.ts`. Both write the same lines. */
export const DAEMUN_PROBE: Probe = {
  element: 'servlet-class',
  content: 'probe.MappingProbe',
  file: 'WEB-INF/classes/probe/MappingProbe.ts',
  source: `import { HttpServlet, type HttpServletRequest, type HttpServletResponse } from 'daemun/servlet';

function text(value: string | null): string {
  if (value === null) return '-';
  let escaped = '=';
  for (const byte of Buffer.from(value, 'utf8')) {
    const character = String.fromCharCode(byte);
    if (byte > 32 && byte < 127 && character !== '%') escaped += character;
    else escaped += '%' + byte.toString(16).toUpperCase().padStart(2, '0');
  }
  return escaped;
}

export default class MappingProbe extends HttpServlet {
  override doGet(request: HttpServletRequest, response: HttpServletResponse): void {
    const mapping = request.getHttpServletMapping();
    response.setContentType('text/plain; charset=utf-8');
    response.getWriter().print(
      'servlet' + text(this.getServletName()) +
        '\\ncontextPath' + text(request.getContextPath()) +
        '\\nservletPath' + text(request.getServletPath()) +
        '\\npathInfo' + text(request.getPathInfo()) +
        '\\nrequestURI' + text(request.getRequestURI()) +
        '\\nqueryString' + text(request.getQueryString()) +
        '\\nmatch=' + mapping.getMappingMatch() +
        '\\npattern' + text(mapping.getPattern()) +
        '\\nvalue' + text(mapping.getMatchValue()) +
        '\\nmapped' + text(mapping.getServletName()) + '\\n',
    );
  }
}
`,
};

/** Folders of all sets: 53 plain contexts and eight unusual ones. */
const FOLDERS = [
  ...Array.from({ length: 53 }, (_, number) => `m${number}`),
  'm7#deep',
  'm7#deep#er',
  'm9#x',
  'none#below',
  'caf\u00e9',
  'm 9',
  'p+q',
  'ROOT',
];

const WORDS = ['a', 'ab', 'b', 'x', 'xy', 'y', 'd', 'page', 'hello', 'deep', 'A', 'below', 'm1'];
const ODD_WORDS = [
  'caf\u00e9',
  'cafe\u0301',
  'sp ace',
  'a+b',
  'p%q',
  'p%41',
  'semi;v',
  'q?x',
  'h#f',
  '\u65e5\u672c',
  '~t',
  'x..y',
  'trail.',
  '...',
  'a.b.c',
  '*',
  'a*',
  "it's",
  '(1)',
  'k=v',
  'u@h:1',
  '\u{1f600}',
  'WEB-INF',
];
const ENDINGS = ['do', 'html', 'htm', 'x', 'b', 'd', 'A', 'caf\u00e9'];
/** Legal, but none of them is more than its characters. */
const STARS = ['/a*', '/x/**', '/*x', '/a/*/b', '/**', '/x/*/', '/*/*'];
const ODD_ENDINGS = ['*.e.f', '*.', '*.*', '*.x y', '*.do;v'];

/** Chance that can be had again (mulberry32). */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to but not including 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** True with the given likelihood. */
  hits(likelihood: number): boolean {
    return this.next() < likelihood;
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)];
    if (choice === undefined) throw new Error('Nothing to choose from');
    return choice;
  }

  /** One of the functions, called. */
  one<T>(...choices: readonly (() => T)[]): T {
    return this.pick(choices)();
  }

  many<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }
}

/** One for each folder, the same ones at every call. */
export function mappingSets(): readonly MappingSet[] {
  return FOLDERS.map((folder, at) => makeSet(folder, new Chance(at + 1)));
}

function makeSet(folder: string, chance: Chance): MappingSet {
  const words = [...chance.many(5, () => chance.pick(WORDS)), chance.pick(ODD_WORDS)];
  const endings = chance.many(2, () => chance.pick(ENDINGS));
  const name = (): string => {
    const word = chance.pick(words);
    return chance.hits(0.35) ? `${word}.${chance.pick(endings)}` : word;
  };
  const welcomeFiles = chance.hits(0.25) ? null : welcomeNames(chance, words, endings);
  const { files, directories } = makeTree(chance, name, welcomeFiles ?? ['index.html']);
  const places = [...directories.map((path) => `/${path}`), ''];
  const path = (): string =>
    chance.pick(places) + chance.many(1 + chance.below(2), () => `/${name()}`).join('');
  const taken = new Set<string>();
  const patterns: string[] = [];
  const add = (pattern: string): void => {
    if (!isLegal(pattern) || taken.has(pattern)) return;
    taken.add(pattern);
    patterns.push(pattern);
  };
  if (chance.hits(0.35)) add('');
  if (chance.hits(0.2)) add('/');
  if (chance.hits(0.12)) add('/*');
  if (chance.hits(0.3)) add(chance.pick(STARS));
  if (chance.hits(0.15)) add(chance.pick(ODD_ENDINGS));
  if (chance.hits(0.08)) add(chance.pick(['/WEB-INF/*', '/META-INF/a', '/web-inf/*']));
  for (let more = 4 + chance.below(8); more > 0; more--) {
    const welcome = chance.pick(welcomeFiles ?? ['index.html', 'index.htm']);
    add(
      chance.one(
        () => path(),
        () => `${path()}/*`,
        () => `${path()}/*`,
        () => `/${chance.pick(['x', ...directories])}/*`,
        () => `*.${chance.pick(endings)}`,
        () => `*.${chance.pick(endings)}`,
        () => `/${chance.pick(files)}`,
        () => `${chance.pick(places)}/${welcome}`,
        () => `${chance.pick(places)}/${welcome}/*`,
        () => `${path()}/`,
        () => chance.pick(patterns.length === 0 ? ['/x/*'] : patterns).replace(/\/?\*?$/, '/y/*'),
      ),
    );
  }
  return {
    folder,
    contextPath: folder === 'ROOT' ? '' : `/${folder.replaceAll('#', '/')}`,
    servlets: makeServlets(chance, patterns),
    welcomeFiles,
    files,
    directories,
    urlSessions: chance.hits(0.25),
  };
}

/** Tomcat refuses a star with a dot behind it within a path; a pattern has no line end. */
function isLegal(pattern: string): boolean {
  if (pattern.startsWith('*.')) return !pattern.includes('/');
  return pattern === '' || (pattern.startsWith('/') && !pattern.includes('*.'));
}

function welcomeNames(
  chance: Chance,
  words: readonly string[],
  endings: readonly string[],
): string[] {
  const make = (): string =>
    chance.one(
      () => 'index.html',
      () => `welcome.${chance.pick(endings)}`,
      () => chance.pick(words),
      () => `${chance.pick(words)}/${chance.pick(words)}`,
      () => `${chance.pick(words)}.${chance.pick(endings)}`,
    );
  return [...new Set(chance.many(1 + chance.below(4), make))];
}

function makeTree(
  chance: Chance,
  name: () => string,
  welcomeFiles: readonly string[],
): { readonly files: readonly string[]; readonly directories: readonly string[] } {
  const directories = new Set<string>();
  const files = new Set<string>();
  const isFree = (path: string): boolean => {
    if (files.has(path) || directories.has(path)) return false;
    // A probe cannot be written there, and nothing below it is served.
    if (/^(?:web|meta)-inf(?:\/|$)/i.test(path)) return false;
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1))
      if (files.has(path.slice(0, at))) return false;
    return true;
  };
  const addDirectories = (path: string): void => {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1))
      directories.add(path.slice(0, at));
  };
  const addFile = (path: string): void => {
    if (!isFree(path)) return;
    files.add(path);
    addDirectories(path);
  };
  const place = (): string => {
    const parent = chance.pick(['', ...directories]);
    return parent === '' ? '' : `${parent}/`;
  };
  for (let more = 5; more > 0; more--) {
    const path = place() + name();
    if (!isFree(path)) continue;
    directories.add(path);
    addDirectories(path);
  }
  for (let more = 8; more > 0; more--) {
    addFile(place() + (chance.hits(0.4) ? chance.pick(welcomeFiles) : name()));
  }
  if (chance.hits(0.3)) addFile(`${place()}.hidden`);
  if (chance.hits(0.2)) addFile(`${place()}WEB-INF/x`);
  if (files.size === 0) addFile('only.txt');
  return { files: [...files], directories: [...directories] };
}

function makeServlets(chance: Chance, patterns: readonly string[]): MappingServlet[] {
  const servlets: MappingServlet[] = [];
  for (let at = 0; at < patterns.length;) {
    const some = patterns.slice(at, at + 1 + chance.below(3));
    at += some.length;
    servlets.push({
      name: `${chance.pick(['s', 'Servlet ', 'é'])}${servlets.length}`,
      patterns: some.map((decoded) => ({ decoded, written: writtenPattern(chance, decoded) })),
    });
  }
  return servlets;
}

function writtenPattern(chance: Chance, decoded: string): string {
  // A descriptor has patterns with escapes, so that a percent sign has to be one.
  if (chance.hits(0.6)) return decoded.replaceAll('%', '%25');
  return decoded.replaceAll(/[^/*.]+/g, (part) => escapedText(chance, part));
}

const PLAIN = /^[\w.~!$&'()*+,=:@-]$/;

/** Escapes what has to be escaped in a path, and a little more. */
function escapedText(chance: Chance, text: string, more = 0): string {
  let escaped = '';
  for (const character of text) {
    if (PLAIN.test(character) && !(more > 0 && chance.hits(more))) escaped += character;
    else for (const byte of Buffer.from(character)) escaped += escapedByte(chance, byte);
  }
  return escaped;
}

function escapedByte(chance: Chance, byte: number): string {
  const digits = byte.toString(16).padStart(2, '0');
  return `%${chance.hits(0.3) ? digits : digits.toUpperCase()}`;
}

/** `count` different targets for a set, with its context in front of nearly all. */
export function targetsOf(set: MappingSet, count: number): readonly string[] {
  let seed = 7;
  for (const byte of Buffer.from(set.folder)) seed = (seed * 31 + byte) | 0;
  const maker = new TargetMaker(set, new Chance(seed));
  const targets = new Set<string>();
  while (targets.size < count) targets.add(maker.make());
  return [...targets];
}

/** Blank between them, as nothing of it can be in a target. */
function listed(...texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => text.split(' '));
}

/** Segments that make a target suspicious; section 3.5.2 wants each of them refused. */
const SUSPICIOUS_SEGMENTS = listed(
  '%2e %2E %2e%2E .%2e %2E. %2e%2e;a',
  '..; ..;a=b .; .;a=b ; ;a=b',
);
/** Within a segment, or in parameters, where some mean nothing. */
const SUSPICIOUS_PARTS = listed(
  '%2F %2f ..%2f ;a=%2F %5C %5c \\ ;a=%5C ;a=\\',
  '%00 %01 %09 %0a %0D %1F %7F ;a=%00 ;a=%01',
  '% %2 %zz %u0041 %4 %% ;a=%zz ;a=%',
  '%C3 %c0%af %E0%80%AF %ED%A0%80 %FF %F4%90%80%80 %A9 ;a=%FF',
);
const PARAMETERS = listed(
  '; ;a ;a=b ;a=b;c=d ;; ;a=b.do ;a=%41 ;= ;a=.',
  ';jsessionid=ABC ;jsessionid= ;JSESSIONID=ABC ;a=b;jsessionid=0F.r;c',
);
const QUERIES = ['?', '?x=1', '?a=/b/../c', '?x=%zz&y=%', '?;p', '?a?b', '?%C3%A9', '?x=%2e%2e/'];

class TargetMaker {
  readonly #set: MappingSet;
  readonly #chance: Chance;
  readonly #patterns: readonly string[];
  readonly #words: readonly string[];
  readonly #endings: readonly string[];

  constructor(set: MappingSet, chance: Chance) {
    this.#set = set;
    this.#chance = chance;
    this.#patterns = set.servlets.flatMap(({ patterns }) => patterns.map(({ decoded }) => decoded));
    const paths = [...this.#patterns, ...set.files, ...(set.welcomeFiles ?? ['index.htm'])];
    const words = paths.flatMap((path) => path.split('/'));
    this.#words = [...new Set([...words, 'q', 'Q.x'])].filter((word) => word !== '');
    const endings = words
      .filter((word) => word.includes('.'))
      .map((word) => word.split('.').at(-1));
    this.#endings = [...new Set([...endings, 'q', ''])].map(String);
  }

  make(): string {
    const chance = this.#chance;
    const segments = this.#closely(this.#aim())
      .split('/')
      .slice(1)
      .map((segment) => escapedText(chance, segment, chance.hits(0.12) ? 0.4 : 0));
    for (let more = chance.pick([0, 0, 1, 1, 2, 3]); more > 0; more--) this.#vary(segments);
    if (chance.hits(0.12)) this.#spoil(segments);
    if (chance.hits(0.01)) this.#lengthen(segments);
    const path = [this.#context(), ...segments].join('/');
    const query = chance.hits(0.15) ? chance.pick(QUERIES) : '';
    return (path === '' || !/^[/h]/.test(path) ? `/${path}` : path) + query;
  }

  /** A path of the application, decoded; empty or with a slash in front. */
  #aim(): string {
    const chance = this.#chance;
    const { files, directories } = this.#set;
    const kind = chance.next();
    if (kind < 0.5 && this.#patterns.length > 0) return this.#within(chance.pick(this.#patterns));
    if (kind < 0.68) return `/${chance.pick(files)}`;
    if (kind < 0.85 && directories.length > 0) {
      return `/${chance.pick(directories)}${chance.pick(['', '/', '/'])}`;
    }
    if (kind < 0.89) return chance.pick(['', '/']);
    if (kind < 0.91) {
      const folder = chance.pick(['WEB-INF', 'web-inf', 'META-INF', 'Meta-Inf', 'WEB-INFX']);
      return `/${folder}${chance.pick(['', '/', '/web.xml', '/probe.x', '/a.do'])}`;
    }
    return chance.many(1 + chance.below(4), () => `/${chance.pick(this.#words)}`).join('');
  }

  /** A path that a pattern takes. */
  #within(pattern: string): string {
    const chance = this.#chance;
    const word = (): string => chance.pick(this.#words);
    if (pattern.startsWith('*.')) {
      const directory = chance.many(chance.below(3), () => `/${word()}`).join('');
      return `${directory}/${chance.pick(['', word(), word(), `${word()}.`])}${pattern.slice(1)}`;
    }
    if (!pattern.endsWith('/*')) return pattern === '' ? '/' : pattern;
    const prefix = pattern.slice(0, -2);
    return (
      prefix +
      chance.one(
        () => '',
        () => '/',
        () => `/${word()}`,
        () => `/${word()}/${word()}`,
        () => `/${word()}.${chance.pick(this.#endings)}`,
        () => `/${word()}/`,
        () => '/*',
      )
    );
  }

  /** Hits, or just misses. */
  #closely(path: string): string {
    const chance = this.#chance;
    if (chance.hits(0.45)) return path;
    return chance.one(
      () => `${path}/`,
      () => path.slice(0, -1),
      () => path + chance.pick(['x', '.', '*', ' ', 'é', '0']),
      () => `${path}/${chance.pick(this.#words)}`,
      () => `${path}.${chance.pick(this.#endings)}`,
      () => path.replace(/\.[^./]*$/, `.${chance.pick(this.#endings)}`),
      () => path.slice(0, path.lastIndexOf('/') + 1),
      () => path.slice(0, Math.max(0, path.lastIndexOf('/'))),
      () => path.toUpperCase(),
      () => path.toLowerCase(),
      () => `/${chance.pick(this.#words)}${path}`,
      () => path.replace(/.(?=[^/]*$)/u, ''),
    );
  }

  /** Another spelling, or nearly. */
  #vary(segments: string[]): void {
    const chance = this.#chance;
    const at = chance.below(segments.length + 1);
    const change = (to: (segment: string) => string): void => {
      const index = chance.below(segments.length);
      const segment = segments[index];
      if (segment !== undefined) segments[index] = to(segment);
    };
    chance.one(
      () => change((segment) => segment + chance.pick(PARAMETERS)),
      () => change((segment) => segment + chance.pick(PARAMETERS)),
      () => {
        for (const [index, segment] of segments.entries())
          segments[index] = segment + (segment === '' ? '' : chance.pick(PARAMETERS));
      },
      () =>
        change((segment) =>
          segment.replaceAll(/%..|[\w.]/g, (one) =>
            one.length > 1 || one === '.' ? one : escapedByte(chance, one.charCodeAt(0)),
          ),
        ),
      () => change((segment) => segment.replaceAll(/%../g, (one) => one.toLowerCase())),
      () => void segments.splice(at, 0, ''),
      () => void segments.splice(at, 0, '', ''),
      () => void segments.splice(at, 0, '.'),
      () => void segments.splice(at, 0, chance.pick(this.#words.map(encodeURIComponent)), '..'),
      () => void segments.push('.'),
      () => void segments.push('..'),
      () => void segments.splice(at, 0, '..'),
    );
  }

  #spoil(segments: string[]): void {
    const chance = this.#chance;
    if (chance.hits(0.4)) {
      const at = chance.below(segments.length + 1);
      segments.splice(at, 0, chance.pick(SUSPICIOUS_SEGMENTS));
      return;
    }
    const index = chance.below(segments.length);
    const segment = segments[index] ?? '';
    const at = chance.below(segment.length + 1);
    segments[index] = segment.slice(0, at) + chance.pick(SUSPICIOUS_PARTS) + segment.slice(at);
  }

  #lengthen(segments: string[]): void {
    const chance = this.#chance;
    const word = encodeURIComponent(chance.pick(this.#words));
    chance.one(
      () => void segments.splice(1, 0, ...chance.many(1 + chance.below(100), () => word)),
      () => void segments.push('n'.repeat(1 + chance.below(2000))),
      () => void segments.unshift(...chance.many(20, () => word), ...chance.many(20, () => '..')),
    );
  }

  /** The context as it can be written. */
  #context(): string {
    const chance = this.#chance;
    const { contextPath } = this.#set;
    const names = contextPath.split('/').slice(1);
    const plain = names.map((name) => `/${escapedText(chance, name)}`).join('');
    if (chance.hits(0.82)) return plain;
    return chance.one(
      () => names.map((name) => `/${escapedText(chance, name, 0.5)}`).join(''),
      () => names.map((name) => `/${escapedText(chance, name, 0.5)}`).join(''),
      () => plain.replaceAll(/(?<=.)(?=\/|$)/g, () => chance.pick(PARAMETERS)),
      () => plain + chance.pick(PARAMETERS),
      () => plain.replaceAll('/', '//'),
      () => `/.${plain}`,
      () => `/${chance.pick(['x', 'm0', 'm1;a', 'm7/deep/..'])}/..${plain}`,
      () => `${plain}/..${plain}`,
      () => plain + chance.pick(['0', 'x', '.', '%20']),
      () => plain.slice(0, -1),
      () => plain.toUpperCase(),
      () => `http://localhost${plain}`,
    );
  }
}

/** Writes the application into `directory`; all its servlets are the probe. */
export function writeMappingSet(directory: string, set: MappingSet, probe: Probe): void {
  const root = join(directory, set.folder);
  for (const path of set.directories) mkdirSync(join(root, path), { recursive: true });
  for (const path of set.files) put(join(root, path), `file ${set.folder} ${path}\n`);
  put(join(root, probe.file), probe.source);
  put(join(root, 'WEB-INF/web.xml'), descriptor(set, probe));
}

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function descriptor(set: MappingSet, { element, content }: Probe): string {
  const servlets = set.servlets.map(
    ({ name }) =>
      `  <servlet><servlet-name>${xml(name)}</servlet-name><${element}>${content}</${element}></servlet>`,
  );
  const mappings = set.servlets.map(({ name, patterns }) => {
    const list = patterns.map(({ written }) => `<url-pattern>${xml(written)}</url-pattern>`);
    return `  <servlet-mapping><servlet-name>${xml(name)}</servlet-name>${list.join('')}</servlet-mapping>`;
  });
  const tracking = set.urlSessions ? ['COOKIE', 'URL'] : ['COOKIE'];
  const modes = tracking.map((mode) => `<tracking-mode>${mode}</tracking-mode>`).join('');
  const welcome = set.welcomeFiles?.map((name) => `<welcome-file>${xml(name)}</welcome-file>`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">',
    ...servlets,
    ...mappings,
    `  <session-config>${modes}</session-config>`,
    welcome === undefined ? '' : `  <welcome-file-list>${welcome.join('')}</welcome-file-list>`,
    '</web-app>',
    '',
  ].join('\n');
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
