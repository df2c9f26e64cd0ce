import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HotMemory, type Kept } from './hot-memory.ts';

function thing(cost: number, evicted: string[] = [], name = ''): Kept {
  return { cost, onEvict: () => evicted.push(name) };
}

test('what was not used for the longest time goes first, and only as much as needed', () => {
  const evicted: string[] = [];
  const memory = new HotMemory(30);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => memory.keep(thing(10, evicted, name)));
  assert.ok(a && b && c);
  assert.equal(memory.held, 30);
  memory.touch(a);
  memory.keep(thing(1, evicted, 'd'));
  assert.deepEqual(evicted, ['b']);
  memory.touch(c);
  memory.keep(thing(10, evicted, 'e'));
  assert.deepEqual(evicted, ['b', 'a']);
  assert.equal(memory.held, 21);
  assert.equal(memory.count, 3);
});

test('something of the size of all the memory is kept alone, something larger not at all', () => {
  const evicted: string[] = [];
  const memory = new HotMemory(10);
  memory.keep(thing(4, evicted, 'a'));
  assert.equal(memory.keep(thing(11, evicted, 'b')), null);
  assert.deepEqual(evicted, []);
  assert.notEqual(memory.keep(thing(10, evicted, 'c')), null);
  assert.deepEqual(evicted, ['a']);
  assert.equal(memory.held, 10);
});

test('what was dropped is not evicted later, and dropping or touching it again changes nothing', () => {
  const evicted: string[] = [];
  const memory = new HotMemory(10);
  const a = memory.keep(thing(5, evicted, 'a'));
  const b = memory.keep(thing(5, evicted, 'b'));
  assert.ok(a && b);
  memory.drop(a);
  memory.drop(a);
  memory.touch(a);
  assert.equal(memory.held, 5);
  memory.keep(thing(5, evicted, 'c'));
  assert.deepEqual(evicted, []);
  memory.keep(thing(5, evicted, 'd'));
  assert.deepEqual(evicted, ['b']);
});

test('any order of touches keeps the list whole', () => {
  const evicted: string[] = [];
  const memory = new HotMemory(3);
  const slots = ['0', '1', '2'].map((name) => memory.keep(thing(1, evicted, name)));
  for (const at of [0, 0, 1, 2, 2, 1, 0, 2, 0]) {
    const slot = slots[at];
    assert.ok(slot);
    memory.touch(slot);
  }
  for (let i = 0; i < 3; i++) memory.keep(thing(1));
  assert.deepEqual(evicted, ['1', '2', '0']);
  assert.equal(memory.count, 3);
});

test('a lower limit makes room at once, the least used first', () => {
  const memory = new HotMemory(100);
  const gone: string[] = [];
  const keep = (name: string): void => {
    memory.keep({ cost: 30, onEvict: () => gone.push(name) });
  };
  for (const name of ['a', 'b', 'c']) keep(name);
  memory.resize(60);
  assert.deepEqual(gone, ['a']);
  assert.deepEqual([memory.held, memory.limit], [60, 60]);
  memory.resize(1000);
  keep('d');
  assert.deepEqual(gone, ['a']);
});
