/**
 * Loads the modules of users in this thread: `daemun` is the running installation wherever the
 * file lies, and TypeScript runs whatever package lies around it, even under `node_modules`, where
 * Node alone refuses to strip types.
 */
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Where a file fails to parse. */
export interface SyntaxPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What the hooks have seen. */
export interface UserModules {
  /** Paths of the JavaScript files that were loaded, in order. */
  readonly scripts: readonly string[];
  /** Where the fault stands that made turning TypeScript into JavaScript throw this error. */
  readonly placeOf: (error: unknown) => SyntaxPlace | undefined;
}

/**
 * Installs the hooks in the calling thread; threads do not inherit them. `installations` are the URLs of the
 * modules that `daemun` and its kind stand for; `entry` is that of a file which is the user's own even under
 * `node_modules`, null for none.
 */
export function hookUserModules(
  installations: ReadonlyMap<string, string>,
  entry: string | null = null,
): UserModules {
  const scripts: string[] = [];
  const places = new Map<unknown, SyntaxPlace | undefined>();
  registerHooks({
    resolve(specifier, context, next) {
      const url = installations.get(specifier);
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
    },
    load(url, context, next) {
      if (!url.startsWith('file:')) return next(url, context);
      const bare = url.replace(/[?#].*$/, '');
      if (/\.m?ts$/.test(bare)) {
        const file = fileURLToPath(url);
        const source = readFileSync(file, 'utf8');
        try {
          return { format: 'module', shortCircuit: true, source: stripTypeScriptTypes(source) };
        } catch (error) {
          places.set(error, syntaxPlace(file, error));
          throw error;
        }
      }
      if (/\.m?js$/.test(bare)) {
        const file = fileURLToPath(url);
        scripts.push(file);
        // A package.json beside the file may call every .js CommonJS; its text knows better.
        const isOurs = bare === entry || !bare.includes('/node_modules/');
        const source = isOurs && bare.endsWith('.js') ? readFileSync(file, 'utf8') : '';
        if (/^\s*(?:import\b\s*["'{*\w]|export\b\s*[{*\w])/m.test(source))
          return { format: 'module', shortCircuit: true, source };
      }
      return next(url, context);
    },
  });
  return { scripts, placeOf: (error) => places.get(error) };
}

/**
 * Where a JavaScript file fails to parse, if it does. V8 gives no place for a fault in a module, so
 * the parser that strips types is asked: all JavaScript is TypeScript to it.
 */
export function findSyntaxFault(file: string): SyntaxPlace | undefined {
  try {
    stripTypeScriptTypes(readFileSync(file, 'utf8'));
    return undefined;
  } catch (error) {
    return syntaxPlace(file, error);
  }
}

/** Reads the place out of the stack's head: `:12`, the line, and a caret under the fault. */
function syntaxPlace(file: string, error: unknown): SyntaxPlace | undefined {
  if (!(error instanceof Error)) return undefined;
  const head = error.stack ?? '';
  const line = /^[^\n]*:([0-9]+)\r?\n/.exec(head)?.[1];
  const column = /\n([ \t]*)\^/.exec(head)?.[1]?.length ?? 0;
  if (line === undefined) return undefined;
  return { file, line: Number(line), column: column + 1, message: error.message };
}
