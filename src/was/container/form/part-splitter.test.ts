import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Busboy } from '@fastify/busboy';
import fc from 'fast-check';
import { BodyTooLargeException, MalformedBodyException } from '../../api/index.ts';
import { PartSplitter } from './part-splitter.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

interface Split {
  readonly head: string;
  content: string;
  ended: boolean;
}

/** Writes the chunks; each is overwritten afterwards, as a connection does with its buffer. */
function split(chunks: readonly string[], boundary = 'b', maxHeaderSize = 512): readonly Split[] {
  const parts: Split[] = [];
  const splitter = new PartSplitter(boundary, maxHeaderSize, {
    onHead: (head) => {
      parts.push({ head, content: '', ended: false });
    },
    onContent: (content) => {
      const part = parts.at(-1);
      assert.equal(part?.ended, false);
      assert.ok(content.length > 0);
      part.content += Buffer.from(content).toString('latin1');
    },
    onPartEnd: () => {
      const part = parts.at(-1);
      assert.equal(part?.ended, false);
      part.ended = true;
    },
  });
  for (const chunk of chunks) {
    const buffer = bytes(chunk);
    splitter.write(buffer);
    buffer.fill('#');
  }
  splitter.end();
  assert.ok(parts.every((part) => part.ended));
  return parts;
}

/** Whole, in two at each place, and byte by byte: the same each time, or the same exception. */
function splitAnyhow(body: string, boundary?: string, maxHeaderSize?: number): readonly Split[] {
  const attempt = (chunks: readonly string[]): unknown => {
    try {
      return split(chunks, boundary, maxHeaderSize);
    } catch (error) {
      return (error as Error).name;
    }
  };
  const whole = attempt([body]);
  for (let at = 0; at <= body.length; at++) {
    assert.deepEqual(attempt([body.slice(0, at), body.slice(at)]), whole, `cut at ${at}`);
  }
  assert.deepEqual(attempt(body.split('')), whole, 'byte by byte');
  return split([body], boundary, maxHeaderSize);
}

const contents = (parts: readonly Split[]): readonly string[] =>
  parts.map(({ content }) => content);

describe('a multipart body', () => {
  test('is split at its boundary, wherever it is cut', () => {
    const parts = splitAnyhow(
      '--b\r\nA: 1\r\nB: 2\r\n\r\none\r\n--b\r\nC: 3\r\n\r\ntwo\r\n--b--\r\n',
    );
    assert.deepEqual(parts, [
      { head: 'A: 1\r\nB: 2', content: 'one', ended: true },
      { head: 'C: 3', content: 'two', ended: true },
    ]);
  });

  test('may have no part at all', () => {
    assert.deepEqual(splitAnyhow('--b--'), []);
    assert.deepEqual(splitAnyhow('--b--\r\n'), []);
  });

  test('may have parts without content and without header', () => {
    assert.deepEqual(splitAnyhow('--b\r\nA: 1\r\n\r\n\r\n--b\r\n\r\n\r\n--b--'), [
      { head: 'A: 1', content: '', ended: true },
      { head: '', content: '', ended: true },
    ]);
  });

  test('may have text before and behind it, which is passed over', () => {
    const body =
      'preamble --b\r\n\r\r\n--b\r\nA: 1\r\n\r\nx\r\n--b--\r\n--b\r\nB: 2\r\n\r\nepilogue\r\n--b--';
    assert.deepEqual(contents(splitAnyhow(body)), ['x']);
  });

  test('may have blanks behind a delimiter', () => {
    const body = '--b \t\r\nA: 1\r\n\r\nx\r\n--b  \r\nB: 2\r\n\r\ny\r\n--b--';
    assert.deepEqual(contents(splitAnyhow(body)), ['x', 'y']);
  });

  for (const content of [
    '--b',
    '--b--',
    'x--b\r\n',
    '\r\n',
    '\r\n-',
    '\r\n--',
    '\r\n--\r\n--c',
    '\n--b\n',
    '\r--b\r',
    '\r\r\n-\r\n--\r',
    '\0\xff',
  ]) {
    test(`content such as ${JSON.stringify(content)} is content`, () => {
      assert.deepEqual(contents(splitAnyhow(`--b\r\nA: 1\r\n\r\n${content}\r\n--b--`)), [content]);
    });
  }

  test('may have a boundary that looks like its own line', () => {
    const content = '\r\n--\r\n---\r\n';
    const body = `------\r\nA: 1\r\n\r\n${content}\r\n--------`;
    assert.deepEqual(contents(splitAnyhow(body, '----')), [content]);
  });
});

describe('a body that is none', () => {
  for (const [what, body] of [
    ['is empty', ''],
    ['has no boundary', 'abc\r\n--c--'],
    ['ends in its preamble', 'abc'],
    ['ends behind a boundary', '--b'],
    ['ends within a delimiter', '--b\r'],
    ['ends within a header', '--b\r\nA: 1\r\n'],
    ['ends within a part', '--b\r\nA: 1\r\n\r\nx'],
    ['ends before its last boundary', '--b\r\nA: 1\r\n\r\nx\r\n--b\r\n'],
    ['ends within its last boundary', '--b\r\nA: 1\r\n\r\nx\r\n--b-'],
    ['goes on behind the boundary', '--bc\r\nA: 1\r\n\r\nx\r\n--b--'],
    ['goes on behind the blanks of a delimiter', '--b  --'],
    ['has one dash behind the boundary', '--b-\r\nA: 1\r\n\r\nx\r\n--b--'],
    ['has a bare CR behind the boundary', '--b\rA: 1\r\n\r\nx\r\n--b--'],
    ['has a bare LF behind the boundary', '--b\nA: 1\r\n\r\nx\r\n--b--'],
  ] as const) {
    test(`${what}: refused`, () => {
      assert.throws(() => splitAnyhow(body), MalformedBodyException);
    });
  }

  for (const boundary of ['', 'x'.repeat(71), 'a\r', 'a\n']) {
    test(`a boundary ${JSON.stringify(boundary).slice(0, 12)} is refused`, () => {
      assert.throws(() => split(['--b--'], boundary), MalformedBodyException);
    });
  }

  test('a boundary of 70 characters is taken', () => {
    const boundary = `${"'()+_,-./:=? aZ09".padEnd(69, 'x')}y`;
    assert.deepEqual(contents(splitAnyhow(`--${boundary}\r\n\r\nx\r\n--${boundary}--`, boundary)), [
      'x',
    ]);
  });
});

describe('the header of a part', () => {
  // `A: ` and the two line ends are seven bytes
  const body = (size: number): string => `--b\r\nA: ${'x'.repeat(size - 7)}\r\n\r\nx\r\n--b--`;

  test('may have the size of the limit', () => {
    for (const size of [19, 20]) splitAnyhow(body(size), 'b', 20);
  });

  test('is refused above it', () => {
    assert.throws(() => splitAnyhow(body(21), 'b', 20), BodyTooLargeException);
  });

  test('is refused as soon as it can only be larger', () => {
    const splitter = new PartSplitter('b', 20, { onHead() {}, onContent() {}, onPartEnd() {} });
    splitter.write(bytes(`--b\r\nA: ${'x'.repeat(16)}`));
    assert.throws(() => splitter.write(bytes('x')), BodyTooLargeException);
  });
});

interface Field {
  readonly name: string;
  readonly value: string;
}

function encode(fields: readonly Field[]): string {
  const parts = fields.map(
    ({ name, value }) =>
      `--b0\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return `${parts.join('')}--b0--\r\n`;
}

function busboyFields(chunks: readonly string[]): Promise<readonly Field[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly Field[]>();
  const fields: Field[] = [];
  const busboy = new Busboy({
    headers: { 'content-type': 'multipart/form-data; boundary=b0' },
    defCharset: 'latin1',
  });
  busboy.on('field', (name, value) => fields.push({ name, value }));
  busboy.on('finish', () => resolve(fields));
  busboy.on('error', reject);
  for (const chunk of chunks) busboy.write(bytes(chunk));
  busboy.end();
  return promise;
}

test('@fastify/busboy sees the same parts, however they are cut', async () => {
  const value = fc
    .array(fc.constantFrom('\r', '\n', '-', '--', '\r\n--', 'b', 'c', '\0', '\xff', 'text'))
    .map((all) => all.join(''))
    .filter((text) => !`\r\n${text}\r\n`.includes('\r\n--b0'));
  const field = fc.record(
    { name: fc.stringMatching(/^[a-z]{1,8}$/), value },
    { noNullPrototype: true },
  );
  const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(field, { maxLength: 5 }), cuts, async (fields, places) => {
      const body = encode(fields);
      const chunks: string[] = [];
      let from = 0;
      for (const to of [...places.toSorted((a, b) => a - b), body.length]) {
        if (to < from) continue;
        chunks.push(body.slice(from, to));
        from = to;
      }
      const ours = split(chunks, 'b0').map(({ head, content }) => ({
        name: /name="(.*)"/.exec(head)?.[1] ?? '',
        value: content,
      }));
      assert.deepEqual(ours, fields);
      assert.deepEqual(await busboyFields(chunks.filter((chunk) => chunk !== '')), ours);
    }),
  );
});
