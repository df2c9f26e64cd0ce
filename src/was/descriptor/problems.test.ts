import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problems } from './problems.ts';
import type { XmlElement } from './xml-tree.ts';

const element = (name: string, more: Partial<XmlElement> = {}): XmlElement => ({
  name,
  text: '',
  children: [],
  line: 1,
  column: 1,
  ...more,
});

test('an element is shown with its text, or with the name in it', () => {
  const problems = new Problems('/a/web.xml');
  const shown = (shownElement: XmlElement): string => {
    problems.add(shownElement, 'wrong-form', 'It is wrong', 'Mend it');
    return problems.found.at(-1)?.object ?? '';
  };
  assert.equal(shown(element('a')), '<a>');
  assert.equal(shown(element('a', { text: 'x' })), '<a>x</a>');
  const children = [
    element('display-name', { text: 'The shop' }),
    element('servlet-name', { text: 'shop' }),
  ];
  assert.equal(shown(element('servlet', { children })), '<servlet> shop');
  assert.equal(shown(element('a', { text: 'x'.repeat(61) })), `<a>${'x'.repeat(60)}…</a>`);
});

test('problems come in the order of the file, with its name', () => {
  const problems = new Problems('/a/web.xml');
  for (const [line, column] of [
    [2, 1],
    [1, 9],
    [1, 2],
  ] as const) {
    problems.note(element('a', { line, column }), 'wrong-form', 'It is wrong', 'Mend it');
  }
  assert.deepEqual(
    problems.found.map(({ line, column, file, isNote }) => [line, column, file, isNote]),
    [
      [1, 2, '/a/web.xml', true],
      [1, 9, '/a/web.xml', true],
      [2, 1, '/a/web.xml', true],
    ],
  );
});

test('what was meant is said of the first unknown elements alone', () => {
  const problems = new Problems('/a/web.xml');
  for (let line = 1; line <= 101; line++)
    problems.unknown(element('servlt', { line }), ['servlet']);
  const cures = problems.found.map(({ cure }) => cure);
  assert.equal(cures[99], 'Did you mean <servlet>?');
  assert.equal(cures[100], 'Remove it');
});
