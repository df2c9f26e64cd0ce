import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectOf } from '../source-tree.ts';
import { fileSizeCheck } from './file-size.ts';

for (const [lines, end, expected] of [
  [600, '\n', []],
  [600, '', []],
  [601, '', ['src/base/a.ts: 601 lines, 600 allowed; split it by idea']],
  [601, '\n', ['src/base/a.ts: 601 lines, 600 allowed; split it by idea']],
] as const) {
  test(`a file of ${lines} lines ending in ${JSON.stringify(end)} has ${expected.length} problems`, async () => {
    const text = Array.from({ length: lines }, () => '//').join('\n') + end;
    assert.deepEqual(await fileSizeCheck.run(projectOf({ 'src/base/a.ts': text })), expected);
  });
}
