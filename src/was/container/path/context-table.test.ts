import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContextTable } from './context-table.ts';

function find(paths: readonly string[], asked: string): string | null {
  return new ContextTable(paths.map((path) => ({ path }))).find(asked)?.path ?? null;
}

test('ContextTable finds the longest context path, by whole segments', () => {
  const paths = ['', '/a', '/a/b', '/ab'];
  assert.equal(find(paths, '/'), '');
  assert.equal(find(paths, '/x/a/b'), '');
  assert.equal(find(paths, '/a'), '/a');
  assert.equal(find(paths, '/a/'), '/a');
  assert.equal(find(paths, '/a/bc'), '/a');
  assert.equal(find(paths, '/a/b'), '/a/b');
  assert.equal(find(paths, '/a/b/c/d'), '/a/b');
  assert.equal(find(paths, '/ab/c'), '/ab');
  assert.equal(find(paths, '/abc'), '');
  assert.equal(find(paths, '/A/b'), '');
});

test('ContextTable finds nothing where no context is at the root', () => {
  assert.equal(find(['/a'], '/'), null);
  assert.equal(find(['/a'], '/b'), null);
  assert.equal(find([], '/a'), null);
});
