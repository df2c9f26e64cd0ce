import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanSource, type SourceNode } from './source-tokens.ts';

function show(nodes: readonly SourceNode[]): string {
  return nodes
    .map((node) =>
      node.kind === 'group'
        ? `${node.open}${show(node.items)}`
        : node.kind === 'text'
          ? JSON.stringify(node.value)
          : node.value,
    )
    .join(' ');
}

const CASES: readonly (readonly [string, string])[] = [
  ['a: 1', 'a : 1'],
  ['{ a: [1, (b)] }', '{a : [1 , (b'],
  [`'a' "b" \`c\``, '"a" "b" "c"'],
  [`'it\\'s'`, '"it\'s"'],
  ['a // { x\n b', 'a b'],
  ['a /* } \n */ b', 'a b'],
  ['a: /[/}]\\/{/g, b', 'a : g , b'],
  ['a / b / c', 'a / b / c'],
  ['`a${ { b: `}` } }c` d', '"a\u0000c" d'.replace('\0', '\\u0000')],
  ['...a', '... a'],
  ['() => ({})', '( => ({'],
  ['module.exports = 1', 'module.exports = 1'],
  ['대문: 1', '대문 : 1'],
];
for (const [source, shown] of CASES)
  test(`tokens of ${JSON.stringify(source)}`, () => {
    assert.equal(show(scanSource(source)), shown);
  });

test('no source makes the scanner throw or run for ever', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...'{}[]()`$/*\\\'"\n.=>,:a'.split(''), '${', '//', '/*', '...')),
      (pieces) => {
        scanSource(pieces.join(''));
      },
    ),
  );
  scanSource('{'.repeat(100_000));
  scanSource('`${'.repeat(20_000));
});
