/**
 * Runs a configuration program in a thread that is thrown away afterwards: ES modules are cached
 * for the life of a thread, so a second load of an edited file needs a new one. Whatever the program
 * does — fails, never ends, ends the process — becomes a problem.
 */
import { readFileSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type Place, type Problem, problemAt } from '../schema/index.ts';
import type { EvaluationReport, EvaluationTask } from './evaluate-thread.ts';

/** The data that a program made, or why there is none. */
export type Evaluation =
  | { readonly value: unknown; readonly problems?: undefined }
  | { readonly problems: readonly Problem[] };

// From source the files end in .ts, in the built package in .js.
const EXTENSION = extname(fileURLToPath(import.meta.url));
const INSTALLATION = new URL(`../index${EXTENSION}`, import.meta.url);
const THREAD = new URL(`./evaluate-thread${EXTENSION}`, import.meta.url);
// Room for a configuration of many thousand sites, and an end for one that never stops growing.
const HEAP_MIB = 1024;

/** What may be set for a run. */
export interface EvaluationLimits {
  /** Milliseconds after which the program is stopped. */
  readonly timeLimit: number;
}

/** Evaluates a TypeScript or JavaScript configuration; never throws for what the program does. */
export async function evaluate(
  place: Place & { readonly file: string },
  limits: EvaluationLimits,
): Promise<Evaluation> {
  const task: EvaluationTask = { file: place.file, installation: INSTALLATION.href };
  const worker = new Worker(THREAD, {
    workerData: task,
    // Flags of the running process, such as those of a test, are none of the configuration's.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  try {
    return await outcome(worker, place, limits);
  } finally {
    await worker.terminate();
  }
}

function outcome(
  worker: Worker,
  place: Place & { readonly file: string },
  limits: EvaluationLimits,
): Promise<Evaluation> {
  return new Promise((resolve) => {
    const fail = (code: Problem['code'], message: string, cure: string): void => {
      resolve({
        problems: [
          problemAt({ directory: place.directory, file: place.file }, [], { code, message, cure }),
        ],
      });
    };
    const timer = setTimeout(() => {
      fail(
        'time-limit',
        `The file did not finish within ${limits.timeLimit / 1000} seconds`,
        'Look for an endless loop, or for something that is waited for and never comes',
      );
    }, limits.timeLimit);
    worker.once('message', (report: EvaluationReport) => {
      clearTimeout(timer);
      resolve(read(report, place));
    });
    worker.once('error', (error: unknown) => {
      clearTimeout(timer);
      const message = error instanceof Error ? error.message : String(error);
      fail('evaluation', `The file failed: ${message}`, 'Correct the program at that place');
    });
    worker.once('exit', () => {
      clearTimeout(timer);
      // Without effect if a message or an error came before.
      fail(
        'evaluation',
        'The file ended before it gave a configuration',
        'Remove process.exit(), or the await that is never answered',
      );
    });
  });
}

function read(report: EvaluationReport, place: Place & { readonly file: string }): Evaluation {
  switch (report.kind) {
    case 'value':
      return { value: report.value };
    case 'not-data':
      return { problems: report.found.map(({ path, fault }) => problemAt(place, path, fault)) };
    case 'no-default':
      return {
        problems: [
          problemAt({ directory: place.directory, file: place.file }, [], {
            code: 'evaluation',
            message: 'The file has no default export',
            cure: 'Write: export default defineConfig({ … })',
          }),
        ],
      };
    case 'syntax': {
      const { file, line, column, message } = report.place;
      const unsupported = message.includes('not supported in strip-only mode');
      return {
        problems: [
          {
            path: [],
            object: '',
            code: 'syntax',
            message,
            cure: unsupported
              ? 'Use TypeScript that is JavaScript once its types are taken away'
              : 'Correct the syntax at this place',
            file,
            line,
            column,
          },
        ],
      };
    }
    case 'failed':
      return { problems: [failure(report, place)] };
  }
}

function failure(
  report: Extract<EvaluationReport, { kind: 'failed' }>,
  place: Place & { readonly file: string },
): Problem {
  const missing = /^Cannot find (?:module|package) '([^']+)' imported from (.+)$/.exec(
    report.message,
  );
  const wanted = missing?.[1];
  const importer = missing?.[2];
  const where =
    wanted !== undefined && importer !== undefined
      ? importPlace(importer, wanted)
      : stackPlace(report.stack);
  const name = report.name === 'Error' ? '' : `${report.name}: `;
  return {
    path: [],
    object: '',
    code: 'evaluation',
    message: `The file failed: ${name}${report.message}`,
    cure:
      wanted === undefined
        ? 'Correct the program at that place'
        : 'Correct the import, or install the package',
    ...(where ?? { file: place.file }),
  };
}

interface SourcePlace {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** The line that imports a module that is not there: the error itself does not tell it. */
function importPlace(importer: string, wanted: string): SourcePlace {
  const name = wanted.slice(wanted.lastIndexOf('/') + 1);
  try {
    const lines = readFileSync(importer, 'utf8').split('\n');
    const index = lines.findIndex(
      (line) => /\b(?:import|from)\b/.test(line) && line.includes(name),
    );
    if (index !== -1)
      return { file: importer, line: index + 1, column: (lines[index]?.indexOf(name) ?? 0) + 1 };
  } catch {
    // The importer may be gone by now; its name is told all the same.
  }
  return { file: importer };
}

/** The first place in a stack that is the user's: neither Node's nor this program's. */
function stackPlace(stack: string): SourcePlace | undefined {
  // Faults of linking begin with the place, the line and a caret.
  const head = /^(file:\/\/\S+):([0-9]+)\n[^\n]*\n([ \t]*)\^/.exec(stack);
  if (head?.[1] !== undefined)
    return {
      file: fileURLToPath(head[1]),
      line: Number(head[2]),
      column: (head[3]?.length ?? 0) + 1,
    };
  const ours = `${dirname(INSTALLATION.href)}/`;
  for (const [, url, line, column] of stack.matchAll(/(file:\/\/[^\s()]+?):([0-9]+):([0-9]+)/g)) {
    if (url === undefined || url.startsWith(ours)) continue;
    return {
      file: fileURLToPath(url.replace(/[?#].*$/, '')),
      line: Number(line),
      column: Number(column),
    };
  }
  return undefined;
}
