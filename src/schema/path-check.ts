/** Do the files and directories that a configuration names exist? Apart from reading: it does I/O. */
import { dirname } from 'node:path';
import type { Fault, Problem } from './problem.ts';
import { type PathUse, type Place, problemAt } from './schema.ts';

/** What stands at a path; undefined for nothing, or nothing that may be looked at. */
export type FileKind = 'file' | 'directory' | 'other' | undefined;

/** Looks at an absolute path, following links. */
export type FileLookup = (absolute: string) => FileKind;

/** The system's code for why a log could not be opened at an absolute path, such as `EACCES`; null where it could. */
export type LogTrial = (absolute: string) => string | null;

/**
 * A problem for every path that is not there, or is of another kind than needed, and for every log that could not be
 * opened: one for each file, however many write to it.
 */
export function checkPaths(
  paths: readonly PathUse[],
  place: Place,
  lookup: FileLookup,
  tryLog: LogTrial,
): readonly Problem[] {
  const problems: Problem[] = [];
  const logs = new Set<string>();
  for (const { path, absolute, kind } of paths) {
    if (kind === 'log') {
      if (logs.has(absolute)) continue;
      logs.add(absolute);
      const code = tryLog(absolute);
      if (code !== null) problems.push(problemAt(place, path, logFault(absolute, code, lookup)));
      continue;
    }
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

function logFault(absolute: string, code: string, lookup: FileLookup): Fault {
  const directory = dirname(absolute);
  switch (code) {
    case 'EISDIR':
      return {
        code: 'path-kind',
        message: `${absolute} is a directory, a log is a file`,
        cure: 'Name a file in it',
      };
    case 'ENOENT':
      return lookup(directory) === 'directory'
        ? {
            code: 'path-missing',
            message: `The log ${absolute} is a link into a directory that does not exist`,
            cure: 'Create the directory that it leads to, or remove the link',
          }
        : {
            code: 'path-missing',
            message: `There is no directory ${directory} for the log`,
            cure: 'Create the directory, or correct the path; relative paths start from the directory of the configuration file',
          };
    case 'ENOTDIR':
      return {
        code: 'path-kind',
        message: `${directory}, in which the log is to stand, is not a directory`,
        cure: 'Name a file in a directory, or move away the file that stands in its place',
      };
    case 'EACCES':
    case 'EPERM':
      return lookup(absolute) === undefined
        ? {
            code: 'log',
            message: `This user may not create the log ${absolute}`,
            cure: `Give the user the right to write in ${directory}, or choose another path`,
          }
        : {
            code: 'log',
            message: `This user may not write to the log ${absolute}`,
            cure: 'Give the user the right to write to it, or choose another path',
          };
    case 'EROFS':
      return {
        code: 'log',
        message: `The log ${absolute} lies on a file system that is only for reading`,
        cure: 'Choose another path, or mount the file system for writing',
      };
    case 'ENXIO':
      return {
        code: 'log',
        message: `${absolute} is a socket, a log is a file`,
        cure: 'Name a file, or a pipe that a program reads',
      };
    default:
      return {
        code: 'log',
        message: `The log ${absolute} cannot be opened: ${code}`,
        cure: 'Choose another path',
      };
  }
}
