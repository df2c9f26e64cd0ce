/** Is a value plain data, such as JSON can hold? Everything else that it holds is a problem. */
import { type Fault, isPlainObject, type Path, renderValue } from '../schema/index.ts';

/** One value that JSON could not hold: its place and why. */
export interface NotData {
  readonly path: Path;
  readonly fault: Fault;
}

const DEEPEST = 100;

/** Every value inside `root` that is no text, number, boolean, list or object of keys and values. */
export function findNotData(root: unknown): readonly NotData[] {
  const found: NotData[] = [];
  look(root, [], new Set(), found);
  return found;
}

function look(value: unknown, path: Path, around: ReadonlySet<unknown>, found: NotData[]): void {
  const note = (message: string, cure: string): void => {
    found.push({ path, fault: { code: 'not-data', message, cure } });
  };
  if (typeof value === 'function') {
    const isSites = path.length === 1 && path[0] === 'sites';
    note(
      'Expected plain data, got a function',
      isSites
        ? 'Wrap the configuration in defineConfig({ … }) from "daemun", which calls the function'
        : 'Write its result; only `sites` is a function, and defineConfig calls it',
    );
    return;
  }
  if (typeof value === 'symbol' || typeof value === 'bigint') {
    note(`Expected plain data, got ${renderValue(value)}`, 'Write a text or a number');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value) && !isPlainObject(value)) {
    note(
      `Expected plain data, got ${className(value)}`,
      value instanceof Promise
        ? 'Write `await` before it'
        : 'Write an object of keys and values; a Map becomes one by Object.fromEntries',
    );
    return;
  }
  if (around.has(value)) {
    note('The value holds itself', 'Write the inner value out');
    return;
  }
  if (path.length >= DEEPEST) {
    note(`The data is nested more than ${DEEPEST} levels deep`, 'Nest it less');
    return;
  }
  const inside = new Set(around).add(value);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) look(item, [...path, index], inside, found);
    return;
  }
  for (const key of Object.keys(value)) look(value[key], [...path, key], inside, found);
}

function className(value: object): string {
  if (value instanceof Promise) return 'a promise';
  const maker: unknown = value.constructor;
  return typeof maker === 'function' && maker.name !== ''
    ? `an object of the class ${maker.name}`
    : 'an object of a class';
}
