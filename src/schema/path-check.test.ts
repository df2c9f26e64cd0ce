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
  ['/socket', 'file', '/socket is neither a file nor a directory, a file is needed'],
];
for (const [absolute, kind, message] of CASES)
  test(`where a ${kind} is needed, ${absolute} ${message === undefined ? 'is fine' : 'is not'}`, () => {
    const found = checkPaths(
      [{ path: ['files'], absolute, kind }],
      { directory: '/', file: '/c.json', locate: () => ({ line: 3, column: 5 }) },
      (path) => KINDS.get(path),
      () => assert.fail('not a log'),
    );
    assert.deepEqual(
      found.map((problem) => [problem.object, problem.message, problem.line, problem.column]),
      message === undefined ? [] : [['files', message, 3, 5]],
    );
  });

const LOG_CASES: readonly (readonly [string, string | null, RegExp | null, RegExp | null])[] = [
  ['/file', null, null, null],
  ['/dir/new.log', null, null, null],
  ['/dir', 'EISDIR', /^\/dir is a directory, a log is a file$/, /^Name a file in it$/],
  ['/none/new.log', 'ENOENT', /^There is no directory \/none for the log$/, /^Create the dir/],
  ['/dir/link.log', 'ENOENT', /link into a directory that does not exist$/, /that it leads to/],
  ['/file/new.log', 'ENOTDIR', /^\/file, in which .* is not a directory$/, /in a directory/],
  ['/dir/new.log', 'EACCES', /may not create the log \/dir\/new\.log$/, /right to write in \/dir,/],
  ['/file', 'EACCES', /may not write to the log \/file$/, /right to write to it/],
  ['/file', 'EPERM', /may not write to the log \/file$/, /right to write to it/],
  ['/dir/new.log', 'EROFS', /only for reading$/, /mount/],
  ['/socket', 'ENXIO', /^\/socket is a socket, a log is a file$/, /a pipe/],
  ['/dir/new.log', 'ELOOP', /cannot be opened: ELOOP$/, /another path/],
];
for (const [absolute, code, message, cure] of LOG_CASES)
  test(`a log ${absolute} that ${code === null ? 'can be opened is fine' : `is ${code} is told with its cure`}`, () => {
    const found = checkPaths(
      [{ path: ['log'], absolute, kind: 'log' }],
      { directory: '/' },
      (path) => KINDS.get(path),
      () => code,
    );
    assert.equal(found.length, message === null ? 0 : 1);
    if (message !== null) assert.match(found[0]?.message ?? '', message);
    if (cure !== null) assert.match(found[0]?.cure ?? '', cure);
  });

test('a log that several write to is tried once, and told where it stands first', () => {
  const tried: string[] = [];
  const found = checkPaths(
    [
      { path: ['a'], absolute: '/x.log', kind: 'log' },
      { path: ['b'], absolute: '/y.log', kind: 'log' },
      { path: ['c'], absolute: '/x.log', kind: 'log' },
    ],
    { directory: '/' },
    () => undefined,
    (path) => {
      tried.push(path);
      return 'EACCES';
    },
  );
  assert.deepEqual(tried, ['/x.log', '/y.log']);
  assert.deepEqual(
    found.map(({ object }) => object),
    ['a', 'b'],
  );
});
