import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNodeVersion } from './node-version.ts';

const LEVELS: readonly (readonly [version: string, level: string, said: boolean])[] = [
  ['20.20.0', 'problem', false],
  ['22.17.9', 'problem', false],
  ['22.18.0', 'ok', true],
  ['23.5.0', 'problem', false],
  ['23.6.0', 'note', false],
  ['24.0.0', 'ok', true],
  ['25.9.0', 'note', false],
  ['26.3.9', 'ok', true],
  ['26.4.0', 'ok', false],
  ['27.0.0', 'ok', false],
];
for (const [node, level, said] of LEVELS)
  test(`Node ${node} is ${level}`, () => {
    const [found] = checkNodeVersion({ node });
    assert.deepEqual([found?.level, found?.what.includes('documents')], [level, said]);
  });
