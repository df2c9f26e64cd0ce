/**
 * The classes of an application: `com.example.Hello` is the default export of
 * `WEB-INF/classes/com/example/Hello.ts`, or `.js`, or `.mjs`.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findSyntaxFault, hookUserModules, type UserModules } from '../../base/index.ts';

const NAME = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*$/;
const ENDINGS = ['.ts', '.js', '.mjs'] as const;

/** A class as it was found: whatever the module exports by default. */
export type LoadedClass = new () => object;

let modules: UserModules | null = null;

/** What an application cannot be started for: a class that is not there, or is none. */
export class ClassFault extends Error {
  override readonly name = 'ClassFault';
  readonly cure: string;

  constructor(message: string, cure: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.cure = cure;
  }
}

/**
 * Loads a class of the application whose folder is `root`. A second call gives the same class: a module
 * runs once in a process.
 * @throws ClassFault where there is none, or its module throws.
 */
export async function loadClass(root: string, className: string): Promise<LoadedClass> {
  const file = findClass(root, className);
  const { placeOf } = (modules ??= hook());
  let loaded: Readonly<Record<string, unknown>>;
  try {
    loaded = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const isSyntax = error instanceof SyntaxError;
    const place = placeOf(error) ?? (isSyntax ? findSyntaxFault(file) : undefined);
    if (place === undefined) {
      throw new ClassFault(`${file} cannot be loaded`, 'Mend the module', error);
    }
    const { line, column, message } = place;
    throw new ClassFault(
      `${place.file}:${line}:${column}: ${message}`,
      'Correct the code at this place',
    );
  }
  const found = loaded['default'];
  // Functions that are no classes have no prototype to make objects with.
  if (typeof found === 'function' && typeof found.prototype === 'object') {
    return found as LoadedClass;
  }
  throw new ClassFault(
    `${file} exports no class by default`,
    `Write: export default class ${className.slice(className.lastIndexOf('.') + 1)} …`,
  );
}

/**
 * The file of a class of the application whose folder is `root`.
 * @throws ClassFault where there is none.
 */
export function findClass(root: string, className: string): string {
  if (!NAME.test(className)) {
    throw new ClassFault(
      `${JSON.stringify(className)} is no name of a class`,
      'Write the parts of its path below WEB-INF/classes with dots between them, as in com.example.Hello',
    );
  }
  const stem = join(root, 'WEB-INF/classes', ...className.split('.'));
  const file = ENDINGS.map((ending) => stem + ending).find(
    (candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true,
  );
  if (file !== undefined) return file;
  throw new ClassFault(
    `There is no class ${className}`,
    `Create ${stem}.ts (or .js, .mjs), or correct the name`,
  );
}

// Once a thread: hooks stay, and each one is asked for every module.
function hook(): UserModules {
  // Built, the files have another ending.
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const api = new URL(`../api/index.${ending}`, import.meta.url).href;
  return hookUserModules(new Map([['daemun/servlet', api]]));
}
