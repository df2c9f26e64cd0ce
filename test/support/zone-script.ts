/**
 * The shared-memory part as one script for threads that live for milliseconds: loading its modules one by
 * one takes a thread longer than all that it does afterwards. The code is the part's own; only types are
 * taken out and `import` and `export` are spelt as assignments.
 */
import { readFileSync } from 'node:fs';
import { builtinModules, stripTypeScriptTypes } from 'node:module';
import { dirname, resolve } from 'node:path';

const DOOR = resolve(import.meta.dirname, '../../src/zone/index.ts');

/** A script after which `zone` is what the door of the part exports. */
export function zoneScript(): string {
  const modules = new Map<string, string>();
  add(DOOR, modules);
  const table = [...modules].map(
    ([path, code]) => `${JSON.stringify(path)}: (exports) => {${code}\n}`,
  );
  return `'use strict';
const modules = { ${table.join(',\n')} };
const loaded = {};
function load(path) {
  if (loaded[path] === undefined) modules[path]((loaded[path] = {}));
  return loaded[path];
}
const zone = load(${JSON.stringify(DOOR)});`;
}

function add(path: string, modules: Map<string, string>): void {
  if (modules.has(path)) return;
  modules.set(path, '');
  const exported: string[] = [];
  const from = (specifier: string): string => {
    if (specifier.startsWith('node:') || builtinModules.includes(specifier))
      return `require('${specifier}')`;
    const target = resolve(dirname(path), specifier);
    add(target, modules);
    return `load(${JSON.stringify(target)})`;
  };
  const code = stripTypeScriptTypes(readFileSync(path, 'utf8'))
    .replaceAll(
      /^import (\{[^}]*\}) from '([^']+)';/gm,
      (_, names: string, specifier: string) =>
        `const ${names.replaceAll(' as ', ': ')} = ${from(specifier)};`,
    )
    .replaceAll(
      /^export (\{[^}]*\}) from '([^']+)';/gm,
      (_, names: string, specifier: string) =>
        `{ const ${names} = ${from(specifier)}; Object.assign(exports, ${names}); }`,
    )
    .replaceAll(
      /^export (class|const|(?:async )?function) (\w+)/gm,
      (_, kind: string, name: string) => {
        exported.push(name);
        return `${kind} ${name}`;
      },
    );
  modules.set(path, `${code}\nObject.assign(exports, { ${exported.join(', ')} });`);
}
