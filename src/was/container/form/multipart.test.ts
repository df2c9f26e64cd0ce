import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import {
  BodyTooLargeException,
  ClientAbortException,
  IllegalStateException,
  MalformedBodyException,
  type Part,
} from '../../api/index.ts';
import { charsetDecoder } from './charset-decoder.ts';
import { type MultipartLimits, MultipartReader, type MultipartSettings } from './multipart.ts';

const root = mkdtempSync(join(tmpdir(), 'daemun-multipart-test-'));
after(() => {
  rmSync(root, { recursive: true });
});
let directory = root;
beforeEach(() => {
  directory = mkdtempSync(join(root, 'upload-'));
});

const LIMITS: MultipartLimits = {
  maxFileSize: -1,
  maxRequestSize: -1,
  maxFieldSize: -1,
  maxParts: -1,
  maxPartHeaderSize: -1,
  maxParameters: -1,
};

type Settings = Partial<Omit<MultipartSettings, 'limits'>> & {
  readonly limits?: Partial<MultipartLimits>;
};

function reader(settings: Settings = {}): MultipartReader {
  return new MultipartReader({
    contentType: 'multipart/form-data; boundary=b',
    directory,
    fileSizeThreshold: 4,
    onDrain() {},
    ...settings,
    limits: { ...LIMITS, ...settings.limits },
  });
}

interface Told {
  readonly name: string;
  readonly file: string | null;
  readonly content: string;
}

async function told(parts: readonly Part[]): Promise<readonly Told[]> {
  const all: Told[] = [];
  for (const part of parts) {
    all.push({
      name: part.getName(),
      file: part.getSubmittedFileName(),
      // oxlint-disable-next-line no-await-in-loop -- in order
      content: Buffer.from(await part.getBytes()).toString('latin1'),
    });
  }
  return all;
}

/** Reads a body and lets it go: its parts and fields. */
async function receive(
  chunks: readonly string[],
  settings: Settings = {},
): Promise<{
  readonly parts: readonly Told[];
  readonly fields: readonly (readonly [string, string])[];
}> {
  const one = reader(settings);
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk, 'latin1');
    one.write(bytes);
    bytes.fill('#');
  }
  one.end();
  try {
    const parts = await told(await one.parts);
    return { parts, fields: [...one.fields()] };
  } catch (error) {
    // nothing of it is left even without discard
    assert.deepEqual(readdirSync(directory), []);
    throw error;
  } finally {
    await one.discard();
    assert.deepEqual(readdirSync(directory), []);
    assert.equal(descriptors(), 0);
  }
}

/** Descriptors of files in the directory, deleted ones too; only Linux tells. */
function descriptors(): number {
  if (!existsSync('/proc/self/fd')) return 0;
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory);
    } catch {
      // the descriptor that lists the folder is gone by now
      return false;
    }
  }).length;
}

const field = (name: string, value: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (name: string, content: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"; filename="f"\r\nContent-Type: a/b\r\n\r\n${content}\r\n`;
const END = '--b--\r\n';

describe('a multipart body', () => {
  test('becomes parts and fields, wherever it is cut', async () => {
    const body = `${field('a', '1')}${file('f', 'short')}${field('a', '')}${file('f', '')}${file('g', 'abcd')}${END}`;
    const expected = {
      parts: [
        { name: 'a', file: null, content: '1' },
        { name: 'f', file: 'f', content: 'short' },
        { name: 'a', file: null, content: '' },
        { name: 'f', file: 'f', content: '' },
        { name: 'g', file: 'f', content: 'abcd' },
      ],
      fields: [
        ['a', '1'],
        ['a', ''],
      ],
    };
    assert.deepEqual(await receive([body]), expected);
    assert.deepEqual(await receive(body.split('')), expected);
    for (let at = 0; at <= body.length; at++) {
      // oxlint-disable-next-line no-await-in-loop -- each looks at the same directory
      assert.deepEqual(
        await receive([body.slice(0, at), body.slice(at)]),
        expected,
        `cut at ${at}`,
      );
    }
  });

  for (const [size, count] of [
    [3, 0],
    [4, 0],
    [5, 1],
  ] as const) {
    test(`keeps a file of ${size} bytes in ${count} files for a threshold of 4`, async () => {
      const one = reader();
      one.write(Buffer.from(file('f', 'x'.repeat(size)) + END));
      one.end();
      await one.parts;
      assert.equal(readdirSync(directory).length, count);
      assert.equal(descriptors(), 0);
      await one.discard();
      assert.equal(readdirSync(directory).length, 0);
    });
  }

  test('keeps fields in memory whatever their size', async () => {
    const one = reader();
    one.write(Buffer.from(field('f', 'x'.repeat(100_000)) + END));
    one.end();
    await one.parts;
    assert.deepEqual(readdirSync(directory), []);
    assert.deepEqual([...one.fields()], [['f', 'x'.repeat(100_000)]]);
  });

  test('may have no part', async () => {
    assert.deepEqual(await receive([END]), { parts: [], fields: [] });
  });

  test('is text in the charset of the form, or in that of the field', async () => {
    const decode = charsetDecoder('windows-1251') ?? assert.fail();
    const other =
      '--b\r\nContent-Disposition: form-data; name=u\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xd0\x96\r\n';
    assert.deepEqual((await receive([field('\xc6', '\xc6') + other + END], { decode })).fields, [
      ['Ж', 'Ж'],
      ['u', 'Ж'],
    ]);
    assert.deepEqual((await receive([field('\xc3\xa4', '\xff') + END])).fields, [['ä', '\ufffd']]);
  });

  test('keeps what an application has moved away', async () => {
    const one = reader();
    one.write(Buffer.from(file('f', 'content') + file('g', 'content') + END));
    one.end();
    const [part] = await one.parts;
    await part?.write('kept');
    await one.discard();
    assert.deepEqual(readdirSync(directory), ['kept']);
  });
});

describe('a limit', () => {
  const body = field('a', '12345') + file('f', '12345') + field('b', '12345') + END;
  const header =
    `Content-Disposition: form-data; name="f"; filename="f"\r\nContent-Type: a/b\r\n\r\n`.length;
  for (const [name, limit] of [
    ['maxFileSize', 5],
    ['maxFieldSize', 10],
    ['maxRequestSize', body.length],
    ['maxParts', 3],
    ['maxPartHeaderSize', header],
    ['maxParameters', 2],
  ] as const) {
    test(`${name} lets pass what it says and refuses what is above`, async () => {
      for (const chunks of [[body], body.split('')]) {
        const limited = (value: number) => receive(chunks, { limits: { [name]: value } });
        for (const allowed of [limit, limit + 1]) {
          // oxlint-disable-next-line no-await-in-loop -- each looks at the same directory
          assert.equal((await limited(allowed)).parts.length, 3);
        }
        for (const refused of [0, limit - 1]) {
          // oxlint-disable-next-line no-await-in-loop -- see above
          await assert.rejects(limited(refused), BodyTooLargeException);
        }
      }
    });
  }

  test('is passed by fields and files alike: many parts', async () => {
    const many = field('a', 'x').repeat(50) + END;
    assert.equal((await receive([many], { limits: { maxParts: 50 } })).fields.length, 50);
    await assert.rejects(
      receive([field('a', '') + many], { limits: { maxParts: 50 } }),
      BodyTooLargeException,
    );
  });
});

describe('a body that is refused', () => {
  for (const contentType of [
    '',
    'nonsense',
    'multipart/form-data',
    'multipart/form-data; boundary=""',
    'multipart/form-data; boundary=b; boundary=b',
    'multipart/mixed; boundary=b',
    'application/x-www-form-urlencoded',
  ]) {
    test(`has the type '${contentType}'`, async () => {
      await assert.rejects(receive([END], { contentType }), MalformedBodyException);
    });
  }

  for (const [what, text] of [
    ['is empty', ''],
    ['has no last boundary', file('f', 'a long file')],
    ['breaks off in a file', file('f', 'a long file').slice(0, -4)],
    ['has a part without a name', `${file('f', 'a long file')}--b\r\nA: 1\r\n\r\nx\r\n${END}`],
    [
      'has a broken line',
      `${file('f', 'a long file')}${field('a', '1').replace('\r\n\r\n', '\r\nnonsense\r\n\r\n')}${END}`,
    ],
    ['goes on behind a boundary', `${file('f', 'a long file')}--bc\r\n`],
  ] as const) {
    test(`${what}, and leaves no file`, async () => {
      await assert.rejects(receive([text]), MalformedBodyException);
      await assert.rejects(receive(text.split('')), MalformedBodyException);
    });
  }

  test('is not read any further', async () => {
    const one = reader({ limits: { maxFileSize: 9 } });
    assert.equal(one.isReading, true);
    one.write(Buffer.from(file('f', 'a long file')));
    assert.equal(one.isReading, false);
    one.write(Buffer.from(END));
    one.end();
    await assert.rejects(one.parts, BodyTooLargeException);
  });

  test('breaks off: the error of abort is told, and no file is left', async () => {
    const one = reader();
    one.write(Buffer.from(file('f', 'a long file')));
    one.write(Buffer.from(file('g', 'another file').slice(0, -5)));
    one.abort(new ClientAbortException('gone'));
    one.abort(new Error('second'));
    await assert.rejects(one.parts, ClientAbortException);
    assert.deepEqual(readdirSync(directory), []);
    assert.equal(descriptors(), 0);
  });

  test('is let go before its end', async () => {
    const one = reader();
    one.write(Buffer.from(file('f', 'a long file').slice(0, -5)));
    await one.discard();
    assert.deepEqual(readdirSync(directory), []);
    assert.equal(descriptors(), 0);
    await assert.rejects(one.parts, IllegalStateException);
  });

  test('finds no directory for its files: the error of the file system is told', async () => {
    const one = reader({ directory: join(directory, 'missing') });
    one.write(Buffer.from(file('f', 'a long file') + END));
    one.end();
    await assert.rejects(one.parts, { code: 'ENOENT' });
  });
});

test('parts that are there outlive an abort, and end with discard', async () => {
  const one = reader();
  one.write(Buffer.from(file('f', 'a long file') + END));
  one.end();
  const [part] = await one.parts;
  assert.ok(part);
  one.abort(new Error('late'));
  assert.equal((await part.getBytes()).length, 11);
  await one.discard();
  await one.discard();
  await assert.rejects(part.getBytes(), IllegalStateException);
});

test('who writes faster than the disk is asked to wait, once, and told when to go on', async () => {
  let drains = 0;
  const drained = Promise.withResolvers<void>();
  const one = reader({
    onDrain: () => {
      drains++;
      drained.resolve();
    },
  });
  const chunk = Buffer.alloc(65_536, 'x');
  assert.equal(one.write(Buffer.from(file('f', '').slice(0, -2))), true);
  let written = 0;
  do written++;
  while (one.write(chunk) && written < 100);
  assert.ok(written < 100);
  await drained.promise;
  assert.equal(one.write(chunk), true);
  one.write(Buffer.from(`\r\n${END}`));
  one.end();
  const [part] = await one.parts;
  assert.equal(part?.getSize(), (written + 1) * chunk.length);
  assert.deepEqual(await part.getBytes(), Buffer.alloc(part.getSize(), 'x'));
  assert.equal(drains, 1);
  await one.discard();
});

test('who waits for the disk is told to go on when the body is refused', async () => {
  const drained = Promise.withResolvers<void>();
  const one = reader({ onDrain: () => drained.resolve(), directory: join(directory, 'missing') });
  one.write(Buffer.from(file('f', '').slice(0, -2)));
  while (one.write(Buffer.alloc(65_536)));
  await drained.promise;
  await assert.rejects(one.parts, { code: 'ENOENT' });
});
