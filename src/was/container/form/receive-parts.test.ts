import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import {
  BodyTooLargeException,
  ClientAbortException,
  MalformedBodyException,
} from '../../api/index.ts';
import { receiveParts, type ReceivedParts, type ReceiveSettings } from './receive-parts.ts';

const temporary = mkdtempSync(join(tmpdir(), 'daemun-receive-test-'));
after(() => {
  rmSync(temporary, { recursive: true });
});

const TYPE = 'multipart/form-data; boundary=b';
const field = (name: string, value: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const FILE = '--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n';
const END = '--b--\r\n';

interface Source {
  /** How many pieces were asked for. */
  asked: number;
  /** Bytes that are said to be in memory. */
  retained: number;
  read(): Promise<Uint8Array | null>;
  retain(bytes: number): void;
}

/** Gives the pieces, then the end, or what it fails with. */
function source(pieces: Iterable<string>, failure?: Error): Source {
  const iterator = pieces[Symbol.iterator]();
  return {
    asked: 0,
    retained: 0,
    retain(bytes) {
      this.retained += bytes;
    },
    async read() {
      this.asked++;
      const { value, done } = iterator.next();
      if (done !== true) return Buffer.from(value, 'latin1');
      if (failure !== undefined) throw failure;
      return null;
    },
  };
}

function receive(
  body: Source,
  more: Partial<ReceiveSettings> = {},
  contentType: string | null = TYPE,
): Promise<ReceivedParts> {
  return receiveParts(body, contentType, {
    location: '',
    maxFileSize: -1,
    maxRequestSize: -1,
    fileSizeThreshold: 0,
    temporary,
    charset: 'UTF-8',
    maxParameters: 1000,
    ...more,
  });
}

test('a body is read to its end, and gone after discard', async () => {
  const received = await receive(source([field('a', '\xc3\xa4'), FILE, 'content\r\n', END]));
  assert.deepEqual(
    received.parts.map((part) => [part.getName(), part.getSize()]),
    [
      ['a', 2],
      ['f', 7],
    ],
  );
  assert.deepEqual([...received.fields], [['a', 'ä']]);
  assert.deepEqual([...received.fields], [['a', 'ä']], 'and again');
  assert.equal(readdirSync(temporary).length, 1);
  await received.discard();
  assert.deepEqual(readdirSync(temporary), []);
});

test('what stays in memory is counted, and may be refused', async () => {
  const counts: number[] = [];
  const pieces = [field('a', 'x'.repeat(100)), `${FILE}small`, 'y'.repeat(100), `\r\n${END}`];
  const body = source(pieces);
  const counted: Source = {
    ...body,
    retain(bytes) {
      counts.push(bytes);
    },
  };
  const received = await receive(counted, { fileSizeThreshold: 50 });
  // The file is in memory until there is too much of it.
  assert.equal(counts.length, 3, counts.join());
  assert.equal(
    counts.reduce((sum, bytes) => sum + bytes, 0),
    100,
  );
  assert.ok((counts.at(-1) ?? 0) < 0);
  await received.discard();
  const refusing: Source = {
    ...source(pieces),
    retain() {
      throw new ClientAbortException('No memory');
    },
  };
  await assert.rejects(receive(refusing), ClientAbortException);
  assert.deepEqual(readdirSync(temporary), []);
});

test('files are in the location of the servlet', async () => {
  mkdirSync(join(temporary, 'here'));
  const received = await receive(source([FILE, 'content\r\n', END]), { location: 'here' });
  assert.equal(readdirSync(join(temporary, 'here')).length, 1);
  await received.parts[0]?.write('kept');
  await received.discard();
  assert.ok(existsSync(join(temporary, 'here', 'kept')));
  rmSync(join(temporary, 'here'), { recursive: true });
});

test('a body that is larger than what is in flight to the disk comes whole', async () => {
  function* large(): Generator<string> {
    yield FILE;
    for (let count = 0; count < 40; count++) yield 'x'.repeat(65_536);
    yield `\r\n${END}`;
  }
  const received = await receive(source(large()));
  assert.equal(received.parts[0]?.getSize(), 40 * 65_536);
  await received.discard();
});

for (const [what, limits, text] of [
  ['files', { maxFileSize: 3 }, `${FILE}content\r\n${END}`],
  ['bodies', { maxRequestSize: 3 }, END],
  ['parameters', { maxParameters: 0 }, field('a', '') + END],
  ['parts', {}, field('a', '').repeat(51) + END],
  ['headers', {}, field('x'.repeat(2048), '') + END],
  ['fields', {}, field('a', 'x'.repeat(2 * 1024 * 1024 + 1)) + END],
] as const) {
  test(`the limit of ${what} is kept`, async () => {
    await assert.rejects(receive(source([text]), limits), BodyTooLargeException);
    assert.deepEqual(readdirSync(temporary), []);
  });
}

test('reading stops where a body is refused', async () => {
  const body = source(['--bad', 'x', 'x', 'x']);
  await assert.rejects(receive(body), MalformedBodyException);
  assert.equal(body.asked, 1);
});

test('a body without a type is not asked for', async () => {
  const body = source([END]);
  await assert.rejects(receive(body, {}, null), MalformedBodyException);
  assert.equal(body.asked, 0);
});

test('a body that breaks off is told with its own error, and leaves no file', async () => {
  const failure = new ClientAbortException('gone');
  await assert.rejects(receive(source([FILE, 'content'], failure)), failure);
  assert.deepEqual(readdirSync(temporary), []);
});

test('the charset is that of the form, and must be known', async () => {
  const received = await receive(source([field('a', '\xe4') + END]), { charset: 'ISO-8859-1' });
  assert.deepEqual([...received.fields], [['a', 'ä']]);
  await assert.rejects(receive(source([END]), { charset: 'no-such' }), RangeError);
});

interface Told {
  readonly name: string;
  readonly file: string | null;
  readonly content: string;
}

/** Receives a body and lets it go. */
async function told(
  chunks: readonly string[],
  settings: Partial<ReceiveSettings>,
  contentType = TYPE,
): Promise<{ parts: readonly Told[]; fields: readonly (readonly [string, string])[] }> {
  try {
    const received = await receive(source(chunks), settings, contentType);
    const parts: Told[] = [];
    for (const part of received.parts) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      const content = Buffer.from(await part.getBytes()).toString('latin1');
      parts.push({ name: part.getName(), file: part.getSubmittedFileName(), content });
    }
    const fields = [...received.fields];
    await received.discard();
    return { parts, fields };
  } finally {
    assert.deepEqual(readdirSync(temporary), []);
  }
}

describe("what Node's own FormData encodes", () => {
  async function receiveForm(form: FormData): Promise<readonly Told[]> {
    const response = new Response(form);
    const body = Buffer.from(await response.arrayBuffer()).toString('latin1');
    const contentType = response.headers.get('content-type') ?? '';
    return (await told([body], {}, contentType)).parts;
  }

  test('is read as it was', async () => {
    const text = fc.string({ unit: 'grapheme' }).filter((one) => one.isWellFormed());
    const name = text.map((one) => one.replaceAll(/[\p{Cc}"/\\]/gu, '_'));
    // Node leaves a file name out that is empty
    const blob = fc.tuple(
      fc.uint8Array({ maxLength: 20 }),
      name.map((one) => `f${one}`),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(name, fc.oneof(text, blob)), { maxLength: 6 }),
        async (entries) => {
          const form = new FormData();
          const expected: Told[] = [];
          for (const [key, value] of entries) {
            if (typeof value === 'string') {
              form.append(key, value);
              const lines = value.replaceAll(/\r\n|\r|\n/g, '\r\n');
              const content = Buffer.from(lines).toString('latin1');
              expected.push({ name: key, file: null, content });
            } else {
              form.append(key, new Blob([value[0]]), value[1]);
              const content = Buffer.from(value[0]).toString('latin1');
              expected.push({ name: key, file: value[1], content });
            }
          }
          assert.deepEqual(await receiveForm(form), expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('has escapes for quotes and line ends in names, which nobody turns back', async () => {
    const form = new FormData();
    form.append('a"b\r\nc', new Blob(['x']), 'd"e.txt');
    assert.deepEqual(await receiveForm(form), [
      { name: 'a%22b%0D%0Ac', file: 'd%22e.txt', content: 'x' },
    ]);
  });
});

test('what curl 7.88 sent, recorded, is read as it was', async () => {
  const boundary = '------------------------828df4a5b0478652';
  const body = [
    `--${boundary}`,
    'Content-Disposition: form-data; name="a"',
    '',
    '1',
    `--${boundary}`,
    'Content-Disposition: form-data; name="\xc3\xbc"',
    'Content-Type: text/plain;charset=utf-8',
    '',
    '\xe2\x82\xac',
    `--${boundary}`,
    'Content-Disposition: form-data; name="f"; filename="\xc3\xa4 b.bin"',
    'Content-Type: application/octet-stream',
    '',
    '\0\xff\r\n--',
    `--${boundary}`,
    'Content-Disposition: form-data; name="f"; filename="a;b%22c.txt"',
    'Content-Type: text/x',
    '',
    '',
    `--${boundary}--`,
    '',
  ].join('\r\n');
  const contentType = `multipart/form-data; boundary=${boundary}`;
  for (const chunks of [[body], body.split('')]) {
    // oxlint-disable-next-line no-await-in-loop -- each looks at the same directory
    const { parts, fields } = await told(chunks, {}, contentType);
    assert.deepEqual(parts, [
      { name: 'a', file: null, content: '1' },
      { name: 'ü', file: null, content: '\xe2\x82\xac' },
      { name: 'f', file: 'ä b.bin', content: '\0\xff\r\n--' },
      { name: 'f', file: 'a;b%22c.txt', content: '' },
    ]);
    assert.deepEqual(fields, [
      ['a', '1'],
      ['ü', '€'],
    ]);
  }
});

test('whatever comes, nothing but the two exceptions is thrown and no file is left', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '--b',
      '--b\r\n',
      '\r\n--b\r\n',
      '\r\n--b--',
      '\r\n',
      '\r\n\r\n',
      '--',
      'x',
      ':',
    ),
    fc.constantFrom(field('a', '1'), `${FILE}a long file\r\n`, FILE),
    fc.constantFrom('Content-Disposition: form-data; name="a"', '; filename=f', '"', '\\'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.boolean(), async (pieces, isWhole) => {
      const text = Buffer.from(pieces.join('')).toString('latin1');
      const chunks = isWhole ? [text] : text.split('');
      try {
        await told(chunks, { maxFileSize: 12, maxRequestSize: 200, maxParameters: 2 });
      } catch (error) {
        assert.ok(
          error instanceof BodyTooLargeException || error instanceof MalformedBodyException,
          String(error),
        );
      }
    }),
    { numRuns: 300 },
  );
});
