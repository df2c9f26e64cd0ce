/** From a configuration file to a model, or to everything that is wrong with it. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, extname, resolve as absolute } from 'node:path';
import {
  checkPaths,
  endpointText,
  type FileKind,
  type FileLookup,
  isPlainObject,
  type Judged,
  type LogTrial,
  ownValue,
  type Place,
  type PlacedFault,
  type Problem,
  problemAt,
  resolve,
} from '../schema/index.ts';
import { checkCertificates } from './certificates.ts';
import { crossCheck } from './cross-check.ts';
import { evaluate } from './evaluate.ts';
import { readJson, type ReadText } from './json-text.ts';
import { sourceLocator } from './locate-source.ts';
import { tryLog } from './log-trial.ts';
import { type ConfigModel, configSchema, LEAST_SITES } from './native.ts';
import { LineIndex, placeOf } from './text-position.ts';
import { type WrittenListen, writtenListens } from './written-listens.ts';

/** A configuration that can be served, or why it cannot. */
export type LoadedConfig =
  | {
      readonly model: ConfigModel;
      /** Tells the place of what is found wrong later. */
      readonly place: Place;
      /** What is worth knowing all the same. */
      readonly notes: readonly Problem[];
      readonly problems?: undefined;
    }
  | {
      readonly model?: undefined;
      /** With the notes among them. */
      readonly problems: readonly Problem[];
    };

/**
 * Judges the texts of an input that only running parts understand; the composition root has one. The
 * whole input says which names its expressions make.
 */
export type Judge = (input: unknown, judged: readonly Judged[]) => readonly PlacedFault[];

/** Tries the listen addresses of an input, each of them once: whether they could be opened now. */
export type Probe = (listens: readonly WrittenListen[]) => Promise<readonly PlacedFault[]>;

/** Who judges values beside the schema. */
export interface ResolveOptions {
  /** Says what stands at a path; the file system unless said. */
  readonly lookup?: FileLookup;
  /** Says whether a log could be opened; the file system unless said. */
  readonly tryLog?: LogTrial;
  /** Without it wrong texts show when the model is built. */
  readonly judge?: Judge;
}

/** What a caller may change: how long the program runs, who judges, and whether addresses are tried. */
export interface LoadOptions extends ResolveOptions {
  /** Milliseconds for a TypeScript or JavaScript file to finish; 10,000 unless said. */
  readonly timeLimit?: number;
  /** Without it no address is tried. */
  readonly probe?: Probe;
}

const TIME_LIMIT = 10_000;
const ENDINGS = ['.ts', '.mts', '.js', '.mjs', '.json', '.yaml', '.yml'];
const KINDS = `${ENDINGS.slice(0, -1).join(', ')} or ${ENDINGS.at(-1)}`;

/**
 * Loads a configuration file, told apart by its ending. Relative paths in it start from its
 * directory; `file` itself may be relative to the working directory. Faults of the file are
 * returned, never thrown.
 */
export async function loadConfig(file: string, options: LoadOptions = {}): Promise<LoadedConfig> {
  const path = absolute(file);
  const bare = { directory: dirname(path), file: path };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { problems: [unreadable(bare, error)] };
  }
  const ending = extname(path);
  if (ENDINGS.includes(ending) && isEmpty(text)) return { problems: [empty(bare, ending)] };
  switch (ending) {
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs': {
      const place = { ...bare, locate: sourceLocator(text) };
      const evaluated = await evaluate(place, { timeLimit: options.timeLimit ?? TIME_LIMIT });
      if (evaluated.problems !== undefined) return { problems: evaluated.problems };
      return checkConfig(evaluated.value, place, options);
    }
    case '.json':
      return fromText(readJson(text), text, bare, options);
    case '.yaml':
    case '.yml': {
      // Loaded when needed: most configurations are not YAML, and `daemun` itself is imported from
      // every configuration program.
      const { readYaml } = await import('./yaml-text.ts');
      return fromText(readYaml(text), text, bare, options);
    }
    default:
      return {
        problems: [
          problemAt(bare, [], {
            code: 'unreadable',
            message:
              ending === ''
                ? 'The name of the file has no ending, which tells how a configuration is written'
                : `The ending ${JSON.stringify(ending)} is not that of a configuration`,
            cure: `Give the file a name that ends in ${KINDS}`,
          }),
        ],
      };
  }
}

/**
 * Reads plain data into a model, with all checks that need no waiting: each value, what lies between
 * them, whether files and directories exist, and whether logs can be opened.
 */
export function resolveConfig(
  input: unknown,
  place: Place,
  options: ResolveOptions = {},
): LoadedConfig {
  const resolution = resolve(configSchema, input, place);
  const told = options.judge?.(input, resolution.judged) ?? [];
  const problems = [
    ...(resolution.problems ?? []),
    ...crossCheck(input, place),
    ...checkPaths(resolution.paths, place, options.lookup ?? lookUpFile, options.tryLog ?? tryLog),
    ...told.map(({ path, fault }) => problemAt(place, path, fault)),
  ];
  if (resolution.model !== undefined && problems.length === 0)
    return { model: resolution.model, place, notes: [] };
  return { problems: inFileOrder(problems) };
}

/** As `resolveConfig`, and tries certificates and listen addresses; `known` are faults that were found before. */
export async function checkConfig(
  input: unknown,
  place: Place,
  options: LoadOptions,
  known: readonly Problem[] = [],
): Promise<LoadedConfig> {
  const resolved = resolveConfig(input, place, options);
  const sites = isPlainObject(input) ? ownValue(input, 'sites') : undefined;
  const listens = writtenListens(sites, place);
  const found = [
    ...checkCertificates(listens, { now: new Date(), node: process.versions.node }),
    ...((await options.probe?.(differentAddresses(listens))) ?? []),
  ];
  const probed = found.map(({ path, fault, isNote }): Problem => ({
    ...problemAt(place, path, fault),
    ...(isNote === true ? { isNote } : undefined),
  }));
  const problems = inFileOrder([...known, ...(resolved.problems ?? []), ...probed]);
  return resolved.model !== undefined && problems.every(({ isNote }) => isNote === true)
    ? { ...resolved, notes: problems }
    : { problems };
}

// Sites share addresses; where each first stands is the place to tell.
function differentAddresses(listens: readonly WrittenListen[]): readonly WrittenListen[] {
  const first = new Map<string, WrittenListen>();
  for (const listen of listens) {
    const key = endpointText(listen.model.endpoint);
    if (!first.has(key)) first.set(key, listen);
  }
  return [...first.values()];
}

async function fromText(
  read: ReadText,
  text: string,
  bare: { readonly directory: string; readonly file: string },
  options: LoadOptions,
): Promise<LoadedConfig> {
  const lines = new LineIndex(text);
  const faults = read.faults.map(({ offset, ...fault }): Problem => ({
    ...problemAt(bare, [], fault),
    ...lines.at(offset),
  }));
  if (read.faults.some(({ code }) => code === 'syntax')) return { problems: faults };
  // A file of comments.
  if (read.value === null && !text.includes('null'))
    return { problems: [empty(bare, extname(bare.file))] };
  const place: Place = { ...bare, locate: (path) => placeOf(read.places, lines, path) };
  return checkConfig(read.value, place, options, faults);
}

// A byte order mark counts as nothing.
function isEmpty(text: string): boolean {
  return text.trim() === '';
}

function empty(place: Place, ending: string): Problem {
  const written =
    ending === '.json'
      ? `{ "sites": ${LEAST_SITES} }`
      : ending === '.yaml' || ending === '.yml'
        ? `sites: ${LEAST_SITES}`
        : `export default { sites: ${LEAST_SITES} }`;
  const fault = {
    code: 'syntax',
    message: 'The configuration file is empty',
    cure: `The least that can be served is: ${written}`,
  } as const;
  return { ...problemAt(place, [], fault), line: 1, column: 1 };
}

/** By line, as an author goes through a file; problems without a line come first. */
function inFileOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}

/** What stands at a path of the file system, links followed. */
function lookUpFile(path: string): FileKind {
  try {
    const found = statSync(path);
    if (found.isFile()) return 'file';
    return found.isDirectory() ? 'directory' : 'other';
  } catch {
    // Not there, a loop of links, a name that is too long, or a directory that may not be searched:
    // none of them can be served.
    return undefined;
  }
}

function unreadable(place: Place, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EISDIR')
    return problemAt(place, [], {
      code: 'unreadable',
      message: 'This is a directory, not a configuration file',
      cure: `Name a file in it that ends in ${KINDS}`,
    });
  return problemAt(place, [], {
    code: 'unreadable',
    message:
      code === 'ENOENT'
        ? 'The configuration file does not exist'
        : `The configuration file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    cure: `Name an existing file that ends in ${KINDS}`,
  });
}
