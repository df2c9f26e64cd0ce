import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkFolder } from './fixture.ts';
import { typesCheck } from './types.ts';

const settings = {
  'package.json': '{ "type": "module" }',
  'tsconfig.json': readFileSync(join(import.meta.dirname, '../../tsconfig.json'), 'utf8'),
};

test('types: a possibly missing element used as if it were there is a problem', async () => {
  const found = await checkFolder(typesCheck, {
    ...settings,
    'src/base/a.ts': 'export function first(list: readonly string[]): string { return list[0] }',
  });
  assert.match(found.join('\n'), /src\/base\/a\.ts\(1,\d+\): error TS2322/);
});

test('types: syntax that needs more than erasing is a problem', async () => {
  const found = await checkFolder(typesCheck, {
    ...settings,
    'src/base/a.ts': 'export enum E { A }',
  });
  assert.match(found.join('\n'), /TS1294/);
});

test('types: sound files are no problem', async () => {
  const text = 'export const one: number = 1;';
  assert.deepEqual(await checkFolder(typesCheck, { ...settings, 'src/base/a.ts': text }), []);
});
