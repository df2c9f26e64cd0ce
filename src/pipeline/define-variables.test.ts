import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineFamilies, defineVariables } from './define-variables.ts';

test('a table becomes definitions, whose first use is told where somebody wants to know', () => {
  const evaluate = (): string => '';
  const table = {
    uri: { means: 'Path', evaluate },
    user: { means: 'Name', nginx: 'own', cached: true, evaluate },
  };
  assert.deepEqual(defineVariables(table), [
    { name: 'uri', evaluate },
    { name: 'user', cached: true, evaluate },
  ]);
  let used = 0;
  for (const { onUse } of defineVariables(table, () => used++)) onUse?.();
  assert.equal(used, 2);
});

test('a table of families is keyed by how their names begin', () => {
  const define = () => () => '';
  assert.deepEqual(defineFamilies({ http_: { means: 'Field', define } }), [
    { prefix: 'http_', define },
  ]);
});
