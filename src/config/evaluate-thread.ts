/** The throw-away thread in which a configuration program runs: see evaluate.ts. */
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { findSyntaxFault, hookUserModules, type SyntaxPlace } from '../base/index.ts';
import { findNotData, type NotData } from './plain-data.ts';

/** What the thread is started with. */
export interface EvaluationTask {
  /** Absolute path of the configuration. */
  readonly file: string;
  /** URL of the module that `daemun` stands for. */
  readonly installation: string;
}

/** What the thread sends, once. */
export type EvaluationReport =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'not-data'; readonly found: readonly NotData[] }
  | { readonly kind: 'no-default' }
  | { readonly kind: 'syntax'; readonly place: SyntaxPlace }
  | {
      readonly kind: 'failed';
      readonly name: string;
      readonly message: string;
      readonly code: string | undefined;
      readonly stack: string;
    };

async function evaluate({ file, installation }: EvaluationTask): Promise<EvaluationReport> {
  const entry = pathToFileURL(file).href;
  const modules = hookUserModules(new Map([['daemun', installation]]), entry);
  try {
    const loaded = (await import(entry)) as Record<string, unknown>;
    if (!('default' in loaded) || loaded['default'] === undefined) return { kind: 'no-default' };
    const value = loaded['default'];
    // Looking calls getters, which are the user's code as well.
    const found = findNotData(value);
    return found.length > 0 ? { kind: 'not-data', found } : { kind: 'value', value };
  } catch (error) {
    const place =
      modules.placeOf(error) ??
      (error instanceof SyntaxError ? firstFault(modules.scripts) : undefined);
    if (place !== undefined) return { kind: 'syntax', place };
    if (!(error instanceof Error))
      return { kind: 'failed', name: 'Error', message: String(error), code: undefined, stack: '' };
    const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
    return {
      kind: 'failed',
      name: error.name,
      message: error.message,
      code,
      stack: error.stack ?? '',
    };
  }
}

function firstFault(scripts: readonly string[]): SyntaxPlace | undefined {
  for (const script of scripts) {
    const place = findSyntaxFault(script);
    if (place !== undefined) return place;
  }
  return undefined;
}

// workerData is what evaluate.ts started the thread with. Not a top-level await: Node would warn
// about this file when it is the user's await that is never answered.
void evaluate(workerData as EvaluationTask).then((report) => parentPort?.postMessage(report));
