/**
 * nginx `try_files`: the first path that exists becomes the path of the request, and the phases go on;
 * if none does, the fallback answers. Existence is asked of the same cache that the files are then
 * served from, under the same rules for names and links.
 */
import {
  type Context,
  DONE,
  type Handler,
  NEXT,
  type Outcome,
  PENDING,
  type Template,
} from '../pipeline/index.ts';
import { normalizePath } from '../http/message/index.ts';
import { WEB_FAULTS } from './faults.ts';
import type { FileCache } from './file-cache.ts';
import type { Found } from './file-loader.ts';
import { refuseMissing } from './refusal.ts';
import { answerStatus } from './status-answer.ts';

/** One step before the fallback (nginx: every argument of `try_files` but the last). */
export interface TriedPath {
  /** The path on the site, without the slash at its end that asks for a directory. */
  readonly path: Template;
  readonly wants: 'file' | 'directory';
}

/** What answers when nothing exists. */
export type TryFallback =
  /**
   * Another path of the site and its query (null: none, the request's is dropped): an internal
   * redirect. They are two texts, so that a `?` in the value of a variable stays part of the path.
   */
  | { readonly kind: 'path'; readonly path: Template; readonly query: Template | null }
  /** A named location, `@app`; path and query stay. */
  | { readonly kind: 'named'; readonly name: string }
  /** A status, `=404`. */
  | { readonly kind: 'status'; readonly status: number };

/** The steps in their order. */
export interface TryFilesModel {
  readonly tries: readonly TriedPath[];
  readonly fallback: TryFallback;
}

/**
 * Takes one entry of a list apart as nginx does: a slash at the end asks for a directory and is not
 * part of the path that is set, so that `$uri/` for `/dir` ends in the redirect to `/dir/`.
 */
export function splitTry(entry: string): {
  readonly path: string;
  readonly wants: TriedPath['wants'];
} {
  return entry.endsWith('/')
    ? { path: entry.slice(0, -1), wants: 'directory' }
    : { path: entry, wants: 'file' };
}

/** See the head of this file. */
export class TryFiles implements Handler {
  readonly name = 'try-files';
  readonly phase = 'try-files';
  readonly #model: TryFilesModel;
  readonly #cache: FileCache;

  constructor(model: TryFilesModel, cache: FileCache) {
    this.#model = model;
    this.#cache = cache;
  }

  handle(context: Context): Outcome {
    return this.#try(context, 0);
  }

  #try(context: Context, from: number): Outcome {
    const { tries } = this.#model;
    for (let i = from; i < tries.length; i++) {
      const tried = tries[i];
      if (tried === undefined) break;
      const path = pathOf(context, tried);
      const found = this.#cache.peek(path);
      if (found === null) {
        this.#cache.find(path, (late) => this.#proceed(context, path, tried, late, i));
        return PENDING;
      }
      const outcome = this.#judge(context, path, tried, found);
      if (outcome !== null) return outcome;
    }
    return this.#fallBack(context);
  }

  #proceed(context: Context, path: string, tried: TriedPath, found: Found, at: number): void {
    if (context.exchange.aborted || context.exchange.finished) return;
    try {
      const outcome = this.#judge(context, path, tried, found) ?? this.#try(context, at + 1);
      if (outcome === NEXT) context.resume();
    } catch (error) {
      context.failed(error);
    }
  }

  /** Null: go on with the next path. */
  #judge(context: Context, path: string, tried: TriedPath, found: Found): Outcome | null {
    if (found.kind === 'missing') {
      if (found.fault !== WEB_FAULTS['descriptors-exhausted']) return null;
      // Whether the file exists is unknown; the fallback would say that it does not.
      refuseMissing(context, found);
      return DONE;
    }
    if (found.kind !== tried.wants) return null;
    context.path = path;
    return NEXT;
  }

  #fallBack(context: Context): Outcome {
    const { fallback } = this.#model;
    if (fallback.kind === 'status') {
      answerStatus(context, fallback.status, this.name);
      return DONE;
    }
    if (fallback.kind === 'named') return context.redirectNamed(fallback.name);
    const { mergeSlashes } = context.host;
    const path = normalizePath(fallback.path.evaluate(context), { mergeSlashes });
    if (path === null) {
      // The value of a variable climbs out of the site.
      context.fail(WEB_FAULTS['name-refused'], 'the fallback of try-files');
      return DONE;
    }
    return context.redirect(path, fallback.query?.evaluate(context) ?? null);
  }
}

/** The path to try; the root, whose slash at the end was taken off, is the root again. */
function pathOf(context: Context, tried: TriedPath): string {
  const path = tried.path.evaluate(context);
  return path === '' ? '/' : path;
}
