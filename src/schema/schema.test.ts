import assert from 'node:assert/strict';
import { test } from 'node:test';
import { record, list } from './collection.ts';
import { integer } from './scalars.ts';
import { problemAt, resolve } from './schema.ts';

test('a model is frozen throughout', () => {
  const { model } = resolve(record(list(integer())), { a: [1] }, { directory: '/' });
  assert.ok(Object.isFrozen(model));
  assert.ok(Object.isFrozen(model?.['a']));
});

test('a problem says where in the file it is, as far as that is known', () => {
  const fault = { code: 'conflict', message: 'm', cure: 'c' } as const;
  assert.deepEqual(problemAt({ directory: '/' }, ['a', 0], fault), {
    path: ['a', 0],
    object: 'a[0]',
    ...fault,
  });
  assert.deepEqual(
    problemAt({ directory: '/', file: '/f', locate: () => undefined }, [], fault).file,
    '/f',
  );
  const located = problemAt(
    { directory: '/', file: '/f', locate: (path) => ({ line: path.length, column: 7 }) },
    ['a', 0],
    fault,
  );
  assert.deepEqual([located.file, located.line, located.column], ['/f', 2, 7]);
});
