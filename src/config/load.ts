/** From a configuration file to a model, or to everything that is wrong with it. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, extname, resolve as absolute } from 'node:path';
import {
  checkPaths,
  type FileKind,
  type FileLookup,
  type Place,
  type Problem,
  problemAt,
  resolve,
} from '../schema/index.ts';
import { crossCheck } from './cross-check.ts';
import { evaluate } from './evaluate.ts';
import { readJson, type ReadText } from './json-text.ts';
import { sourceLocator } from './locate-source.ts';
import { type ConfigModel, configSchema } from './native.ts';
import { LineIndex, placeOf } from './text-position.ts';

/** A configuration that can be served, or why it cannot. */
export type LoadedConfig =
  | { readonly model: ConfigModel; readonly problems?: undefined }
  | { readonly model?: undefined; readonly problems: readonly Problem[] };

/** What a caller may change: how long the program runs, what exists on the disk. */
export interface LoadOptions {
  /** Milliseconds for a TypeScript or JavaScript file to finish; 10,000 unless said. */
  readonly timeLimit?: number;
  /** Says what stands at a path; the file system unless said. */
  readonly lookup?: FileLookup;
}

const TIME_LIMIT = 10_000;
const KINDS = '.ts, .mts, .js, .mjs, .json, .yaml or .yml';

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
  switch (extname(path)) {
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs': {
      const place = { ...bare, locate: sourceLocator(text) };
      const evaluated = await evaluate(place, { timeLimit: options.timeLimit ?? TIME_LIMIT });
      if (evaluated.problems !== undefined) return { problems: evaluated.problems };
      return resolveConfig(evaluated.value, place, options.lookup);
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
            message: `The ending ${JSON.stringify(extname(path))} is not that of a configuration`,
            cure: `Name the file ${KINDS}`,
          }),
        ],
      };
  }
}

/**
 * Reads plain data into a model, with all checks: each value, what lies between them, and whether
 * files and directories exist.
 */
export function resolveConfig(
  input: unknown,
  place: Place,
  lookup: FileLookup = lookUpFile,
): LoadedConfig {
  const resolution = resolve(configSchema, input, place);
  const problems = [
    ...(resolution.problems ?? []),
    ...crossCheck(input, place),
    ...checkPaths(resolution.paths, place, lookup),
  ];
  if (resolution.model !== undefined && problems.length === 0) return { model: resolution.model };
  return { problems: inFileOrder(problems) };
}

function fromText(
  read: ReadText,
  text: string,
  bare: { readonly directory: string; readonly file: string },
  options: LoadOptions,
): LoadedConfig {
  const lines = new LineIndex(text);
  const faults = read.faults.map(({ offset, ...fault }): Problem => ({
    ...problemAt(bare, [], fault),
    ...lines.at(offset),
  }));
  if (read.faults.some(({ code }) => code === 'syntax')) return { problems: faults };
  const place: Place = { ...bare, locate: (path) => placeOf(read.places, lines, path) };
  const resolved = resolveConfig(read.value, place, options.lookup);
  if (faults.length === 0) return resolved;
  return { problems: inFileOrder([...faults, ...(resolved.problems ?? [])]) };
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
  return problemAt(place, [], {
    code: 'unreadable',
    message:
      code === 'ENOENT'
        ? 'The configuration file does not exist'
        : `The configuration file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    cure: `Name an existing file that ends in ${KINDS}`,
  });
}
