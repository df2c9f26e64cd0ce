// One parse of the repository's TypeScript, shared by every check and generator that reads it.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import type { ParseResult } from 'oxc-parser';

const SOURCE_GLOB = '{src,tools,test,bench,examples,fuzz,console}/**/*.{ts,tsx}';

/** One `import`, `export … from` or `import('literal')` of a file, with the 1-based line it stands on. */
export interface ImportSite {
  readonly specifier: string;
  readonly line: number;
  /** True where nothing of the target is left at run time (`import type`, `export type … from`). */
  readonly typeOnly: boolean;
}

/** A parsed file: its path from the repository's root with forward slashes, text, syntax tree and imports. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly shape: ParseResult;
  readonly imports: readonly ImportSite[];
  /** The 1-based line of a character offset. */
  readonly lineAt: (offset: number) => number;
}

/** What a check is given: where the repository lies and its parsed files (read once, on first use). */
export interface Project {
  readonly root: string;
  readonly sources: () => readonly Source[];
}

/** Parses one file's text; `path` is relative to the root and decides between TypeScript and TSX. */
function parseSource(path: string, text: string): Source {
  const shape = parseSync(path, text);
  const lineAt = (offset: number): number => {
    let line = 1;
    for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
      line++;
    }
    return line;
  };
  return { path, text, shape, lineAt, imports: importsOf(shape, text, lineAt) };
}

/** A project whose files are read from the disk below `root`; `node_modules` and `dist` are left out. */
export function openProject(root: string): Project {
  let read: readonly Source[] | undefined;
  return {
    root,
    sources: () => (read ??= readSources(root)),
  };
}

/** A project held in memory, from path to text: what the checks' own tests are written with. */
export function projectOf(files: Readonly<Record<string, string>>): Project {
  const sources = Object.entries(files).map(([path, text]) => parseSource(path, text));
  return { root: '/nowhere', sources: () => sources };
}

/** True for files that hold tests of their own part: `*.test.ts`, end-to-end ones included. */
export function isTestFile(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

function readSources(root: string): readonly Source[] {
  const names = globSync(SOURCE_GLOB, {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === 'dist',
  });
  return names
    .map((name) => name.replaceAll('\\', '/'))
    .toSorted()
    .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')));
}

function importsOf(
  shape: ParseResult,
  text: string,
  lineAt: (offset: number) => number,
): readonly ImportSite[] {
  const sites: ImportSite[] = [];
  for (const { moduleRequest, entries } of shape.module.staticImports) {
    const typeOnly = entries.length > 0 && entries.every((entry) => entry.isType);
    sites.push({ specifier: moduleRequest.value, line: lineAt(moduleRequest.start), typeOnly });
  }
  for (const { entries } of shape.module.staticExports) {
    const first = entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest;
    if (first === undefined || first === null) continue;
    const typeOnly = entries.every((entry) => entry.isType);
    sites.push({ specifier: first.value, line: lineAt(first.start), typeOnly });
  }
  for (const { moduleRequest } of shape.module.dynamicImports) {
    const written = text.slice(moduleRequest.start, moduleRequest.end);
    // import(variable) names no file that could be looked up here
    if (!/^(['"`])[^'"`$]+\1$/.test(written)) continue;
    sites.push({
      specifier: written.slice(1, -1),
      line: lineAt(moduleRequest.start),
      typeOnly: false,
    });
  }
  return sites;
}
