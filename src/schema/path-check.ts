/** Do the files and directories that a configuration names exist? Apart from reading: it does I/O. */
import { dirname } from 'node:path';
import type { Fault, Problem } from './problem.ts';
import { type PathUse, type Place, problemAt } from './schema.ts';

/** What stands at a path; undefined for nothing, or nothing that may be looked at. */
export type FileKind = 'file' | 'directory' | 'other' | undefined;

/** Looks at an absolute path, following links. */
export type FileLookup = (absolute: string) => FileKind;

/**
 * A problem for every path that is not there, or is of another kind than needed. A log needs no more than
 * its directory; anything that can be written, such as a pipe, may stand in its place.
 */
export function checkPaths(
  paths: readonly PathUse[],
  place: Place,
  lookup: FileLookup,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { path, absolute, kind } of paths) {
    const found = lookup(absolute);
    if (kind === 'log') {
      const fault = logFault(absolute, found, lookup);
      if (fault !== undefined) problems.push(problemAt(place, path, fault));
      continue;
    }
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

function logFault(absolute: string, found: FileKind, lookup: FileLookup): Fault | undefined {
  if (found === 'directory')
    return {
      code: 'path-kind',
      message: `${absolute} is a directory, a log is a file`,
      cure: 'Name a file in it',
    };
  const directory = dirname(absolute);
  if (found !== undefined || lookup(directory) === 'directory') return undefined;
  return {
    code: 'path-missing',
    message: `There is no directory ${directory} for the log`,
    cure: 'Create the directory, or correct the path; relative paths start from the directory of the configuration file',
  };
}
