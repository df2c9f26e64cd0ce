import assert from 'node:assert/strict';
import { test } from 'node:test';
import { descriptorRoom } from './descriptor-room.ts';

function limitsOf(soft: string): string {
  return `Limit                     Soft Limit           Hard Limit           Units
Max core file size        0                    unlimited            bytes
Max open files            ${soft.padEnd(20)} 524288               files
Max locked memory         8388608              8388608              bytes
`;
}

for (const [soft, clients, backEnds] of [
  ['1024', 960, 1008],
  ['20000', 19_936, 19_984],
  ['256', 192, 240],
  ['255', 192, 239],
  ['100', 75, 84],
  ['60', 45, 45],
  ['unlimited', Infinity, Infinity],
] as const)
  test(`of ${soft} descriptors clients have those below ${clients}, back ends those below ${backEnds}`, () => {
    assert.deepEqual(descriptorRoom(limitsOf(soft)), { clients, backEnds });
  });

test('where the system tells no limit there is none', () => {
  assert.deepEqual(descriptorRoom(''), { clients: Infinity, backEnds: Infinity });
});

test('this process has room', () => {
  assert.ok(descriptorRoom().clients > 0);
});
