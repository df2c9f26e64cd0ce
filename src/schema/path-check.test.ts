import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPaths, type FileKind } from './path-check.ts';

const KINDS = new Map<string, FileKind>([
  ['/file', 'file'],
  ['/dir', 'directory'],
  ['/socket', 'other'],
]);
const CASES: readonly (readonly [string, 'file' | 'directory' | 'log', string | undefined])[] = [
  ['/file', 'file', undefined],
  ['/dir', 'directory', undefined],
  ['/none', 'directory', 'There is no directory /none'],
  ['/none', 'file', 'There is no file /none'],
  ['/file', 'directory', '/file is a file, a directory is needed'],
  ['/dir', 'file', '/dir is a directory, a file is needed'],
  ['/file', 'log', undefined],
  ['/dir/new.log', 'log', undefined],
  ['/socket', 'log', undefined],
  ['/dir', 'log', '/dir is a directory, a log is a file'],
  ['/none/new.log', 'log', 'There is no directory /none for the log'],
  ['/file/new.log', 'log', 'There is no directory /file for the log'],
  ['/socket', 'file', '/socket is neither a file nor a directory, a file is needed'],
];
for (const [absolute, kind, message] of CASES)
  test(`where a ${kind} is needed, ${absolute} ${message === undefined ? 'is fine' : 'is not'}`, () => {
    const found = checkPaths(
      [{ path: ['files'], absolute, kind }],
      { directory: '/', file: '/c.json', locate: () => ({ line: 3, column: 5 }) },
      (path) => KINDS.get(path),
    );
    assert.deepEqual(
      found.map((problem) => [problem.object, problem.message, problem.line, problem.column]),
      message === undefined ? [] : [['files', message, 3, 5]],
    );
  });
