import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElementReader, ignore } from './element-reader.ts';
import { Problems } from './problems.ts';
import { parseXml, type XmlElement } from './xml-tree.ts';

function open(text: string): {
  readonly root: XmlElement;
  readonly reader: ElementReader;
  readonly told: () => readonly string[];
} {
  const parsed = parseXml(text);
  assert.ok('root' in parsed);
  const problems = new Problems('/a/web.xml');
  const told = (): readonly string[] =>
    problems.found.map(({ line, column, code, object }) => `${line}:${column} ${code} ${object}`);
  return { root: parsed.root, reader: new ElementReader(problems), told };
}

test('of what may stand there once the first counts, and the others are told', () => {
  const { root, reader, told } = open('<a><b>1</b><c/><b>2</b><c/><b>3</b></a>');
  const seen: string[] = [];
  reader.contents(root, { b: ({ text }) => void seen.push(text) }, { c: ignore });
  assert.deepEqual(seen, ['1']);
  assert.deepEqual(told(), ['1:16 duplicate <b>2</b>', '1:28 duplicate <b>3</b>']);
});

test('words for people may stand anywhere, with anything in them', () => {
  const { root, reader, told } = open(
    '<a><description>x</description><description>y</description><icon><small-icon/><large-icon/></icon><display-name/></a>',
  );
  reader.contents(root, {});
  assert.deepEqual(told(), []);
});

test('elements within what has only text are told', () => {
  const { root, reader, told } = open('<a><b>1<x/><y/></b><c><d><z/></d></c><e><x/></e></a>');
  reader.contents(root, {
    b: ignore,
    c: (child) => reader.contents(child, { d: ignore }),
    e: 'anything',
  });
  assert.deepEqual(told(), ['1:8 unknown-key <x>', '1:12 unknown-key <y>', '1:26 unknown-key <z>']);
});

test('what is not supported is told once, with nothing of what is in it', () => {
  const { root, reader, told } = open('<a><b><x/></b><b/></a>');
  reader.contents(root, {}, { b: 'unsupported' });
  assert.deepEqual(told(), ['1:4 not-available <b>', '1:15 not-available <b>']);
});

test('names of the language are no names of elements', () => {
  const { root, reader, told } = open('<a><__proto__/><constructor/><toString/></a>');
  reader.contents(root, {});
  assert.equal(told().length, 3);
});

test('numbers end at their bounds, however many digits they have', () => {
  const integer = (text: string): string | number => {
    const { root, reader, told } = open(`<a>${text}</a>`);
    return reader.integer(root, -1, Number.MAX_SAFE_INTEGER, null) ?? told().join();
  };
  assert.equal(integer('-1'), -1);
  assert.equal(integer('+0007'), 7);
  assert.equal(integer('9007199254740991'), Number.MAX_SAFE_INTEGER);
  for (const text of ['-2', '9007199254740992', '9223372036854775807']) {
    assert.equal(integer(text), `1:1 out-of-range <a>${text}</a>`);
  }
  for (const text of ['', '-', '1 2', '1.0', '٣', 'Infinity']) {
    assert.match(String(integer(text)), /^1:1 wrong-form/);
  }
});

test('a parameter that has a value already keeps the first or the last, and is noted', () => {
  const text = '<p><param-name>a</param-name><param-value>VALUE</param-value></p>';
  for (const counts of ['first', 'last'] as const) {
    const into = new Map<string, string>();
    const { reader } = open('<a/>');
    for (const value of ['first', 'last']) {
      reader.param(open(text.replace('VALUE', value)).root, into, counts);
    }
    assert.equal(into.get('a'), counts);
    assert.deepEqual(
      reader.problems.found.map(({ code, isNote }) => [code, isNote]),
      [['duplicate', true]],
    );
  }
});

test('a parameter without a name or a value is told', () => {
  const param = (text: string): readonly string[] => {
    const { root, reader, told } = open(`<p>${text}</p>`);
    reader.param(root, new Map(), 'last');
    return told();
  };
  assert.deepEqual(param(''), ['1:1 missing-key <p>', '1:1 missing-key <p>']);
  assert.deepEqual(param('<param-name>a</param-name>'), ['1:1 missing-key <p> a']);
  assert.deepEqual(param('<param-name/><param-value>b</param-value>'), [
    '1:4 wrong-form <param-name>',
  ]);
});
