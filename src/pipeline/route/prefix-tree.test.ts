import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrefixTree } from './prefix-tree.ts';

function tree(...prefixes: string[]): PrefixTree<string> {
  const made = new PrefixTree<string>();
  for (const prefix of prefixes) made.at(prefix).prefix = prefix;
  return made;
}

function longest(prefixes: readonly string[], path: string): string | null {
  let best: string | null = null;
  for (const prefix of prefixes) {
    if (path.startsWith(prefix) && prefix.length > (best?.length ?? -1)) best = prefix;
  }
  return best;
}

test('the longest prefix wins, whatever the order of insertion', () => {
  const prefixes = ['/', '/a', '/ab', '/abc/', '/abd/', '/abd/e', '/b', 'x', ''];
  const paths = ['/', '/a', '/ab', '/abc', '/abc/', '/abd/ef', '/ac', '/abx', '/c', 'xy', 'y', ''];
  for (const order of [prefixes, prefixes.toReversed(), prefixes.toSorted()]) {
    const made = tree(...order);
    for (const path of paths) assert.equal(made.find(path), longest(prefixes, path), path);
  }
});

test('an exact path goes before the prefix of the same text and answers nothing longer', () => {
  const made = tree('/a', '/');
  made.at('/a').exact = '= /a';
  made.at('/abc').exact = '= /abc';
  assert.equal(made.find('/a'), '= /a');
  assert.equal(made.find('/ab'), '/a');
  assert.equal(made.find('/abc'), '= /abc');
  assert.equal(made.find('/abcd'), '/a');
});

test('an empty tree finds nothing', () => {
  assert.equal(new PrefixTree<string>().find('/'), null);
});

test('every combination of short prefixes agrees with a plain search', () => {
  const alphabet = ['/', '/a', '/aa', '/ab', '/aab', '/b', '/ba'];
  for (let set = 0; set < 1 << alphabet.length; set++) {
    const chosen = alphabet.filter((_, bit) => (set & (1 << bit)) !== 0);
    const made = tree(...chosen);
    for (const path of [...alphabet, '/aaa', '/abb', '/bab', '/c']) {
      assert.equal(made.find(path), longest(chosen, path));
    }
  }
});

test('among 100,000 prefixes a look-up passes no more nodes than among ten, and never more than bytes', () => {
  const prefixes: string[] = [];
  for (let i = 0; i < 100_000; i++) prefixes.push(`/app${i}/v${i % 7}/`);
  const made = tree(...prefixes);
  for (let i = 0; i < 100_000; i += 997) {
    const prefix = prefixes[i] ?? '';
    assert.equal(made.find(`${prefix}x`), prefix);
    assert.ok(made.way(`${prefix}x`).length <= 8, made.way(prefix).join(' '));
  }
  const chain = tree(...Array.from({ length: 2000 }, (_, length) => 'a'.repeat(length + 1)));
  assert.equal(chain.way('a'.repeat(3000)).length, 2000);
  assert.equal(chain.way('a'.repeat(5)).length, 5);
});
