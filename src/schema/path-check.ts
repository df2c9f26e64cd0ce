/** Do the files and directories that a configuration names exist? Apart from reading: it does I/O. */
import type { Problem } from './problem.ts';
import { type PathUse, type Place, problemAt } from './schema.ts';

/** What stands at a path; undefined for nothing, or nothing that may be looked at. */
export type FileKind = 'file' | 'directory' | 'other' | undefined;

/** Looks at an absolute path, following links. */
export type FileLookup = (absolute: string) => FileKind;

/** A problem for every path that is not there, or is of another kind than needed. */
export function checkPaths(
  paths: readonly PathUse[],
  place: Place,
  lookup: FileLookup,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { path, absolute, kind } of paths) {
    const found = lookup(absolute);
    if (found === kind) continue;
    problems.push(
      problemAt(
        place,
        path,
        found === undefined
          ? {
              code: 'path-missing',
              message: `There is no ${kind} ${absolute}`,
              cure: `Create the ${kind}, or correct the path; relative paths start from the directory of the configuration file`,
            }
          : {
              code: 'path-kind',
              message: `${absolute} is ${found === 'other' ? 'neither a file nor a directory' : `a ${found}`}, a ${kind} is needed`,
              cure: `Name a ${kind}`,
            },
      ),
    );
  }
  return problems;
}
