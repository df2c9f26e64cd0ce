import { posix } from 'node:path';
import type { Source } from '../source-tree.ts';
import type { Check } from './check.ts';

/** Import cycles between files, type imports included: such files cannot be read, or moved, one at a time. */
export const cyclesCheck: Check = {
  name: 'cycles',
  run: (project) => findCycles(project.sources()),
};

function findCycles(sources: readonly Source[]): readonly string[] {
  const edges = new Map<string, readonly string[]>();
  for (const { path, imports } of sources) {
    const targets = imports
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier }) => posix.join(posix.dirname(path), specifier));
    edges.set(path, targets);
  }
  const problems: string[] = [];
  const finished = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    const at = trail.indexOf(path);
    if (at !== -1) {
      problems.push(`import cycle: ${[...trail.slice(at), path].join(' -> ')}`);
      return;
    }
    if (finished.has(path)) return;
    trail.push(path);
    for (const target of edges.get(path) ?? []) visit(target);
    trail.pop();
    finished.add(path);
  };
  for (const path of edges.keys()) visit(path);
  return problems;
}
