import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, test, after, type TestContext } from 'node:test';
import { IllegalStateException } from '../../api/index.ts';
import { decodeUtf8 } from './charset-decoder.ts';
import { PartContent } from './part-content.ts';
import { parsePartHead } from './part-head.ts';
import { StoredPart } from './stored-part.ts';

const root = mkdtempSync(join(tmpdir(), 'daemun-part-test-'));
after(() => {
  rmSync(root, { recursive: true });
});
let directory = root;
beforeEach(() => {
  directory = mkdtempSync(join(root, 'upload-'));
});

const HEAD =
  'Content-Disposition: form-data; name="a"; filename="f"\r\nContent-Type: text/x; charset=latin1';
const CONTENT = '0123456789';

/** Ten bytes, in memory or in a file; in pieces of three. */
async function store(threshold: number, text = CONTENT, head = HEAD): Promise<StoredPart> {
  const content = new PartContent(directory, threshold);
  for (let at = 0; at < text.length; at += 3) {
    const bytes = Buffer.from(text.slice(at, at + 3), 'latin1');
    const toStore = content.append(bytes);
    bytes.fill('#');
    // oxlint-disable-next-line no-await-in-loop -- in order
    if (toStore !== null) await content.store(toStore);
  }
  await content.close();
  return new StoredPart(parsePartHead(head, decodeUtf8), content, directory);
}

async function streamed(part: StoredPart): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of part.getInputStream()) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

const files = (): readonly string[] => readdirSync(directory);
const read = (name: string): string => readFileSync(join(directory, name), 'latin1');

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

function otherDevice(t: TestContext): void {
  t.mock.method(fsPromises, 'rename', () =>
    Promise.reject(Object.assign(new Error('EXDEV'), { code: 'EXDEV' })),
  );
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
}

test('content up to the threshold is in memory, above it in a file', async () => {
  for (const [threshold, count] of [
    [11, 0],
    [10, 0],
    [9, 1],
    [0, 1],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- each looks at the same directory
    const part = await store(threshold);
    assert.equal(files().length, count, `threshold ${threshold}`);
    // oxlint-disable-next-line no-await-in-loop -- see above
    await part.delete();
    assert.deepEqual(files(), []);
  }
});

test('a temporary file is for its owner alone', async () => {
  await store(0);
  assert.match(files()[0] ?? '', /^daemun-part-[0-9a-f]{24}$/);
  assert.equal(statSync(join(directory, files()[0] ?? '')).mode & 0o777, 0o600);
  assert.equal(descriptors(), 0);
});

for (const [where, threshold] of [
  ['in memory', 10],
  ['in a file', 4],
] as const) {
  describe(`a part ${where}`, () => {
    test('has its content, as a whole and in pieces, more than once', async () => {
      const part = await store(threshold);
      assert.equal(part.getSize(), 10);
      assert.equal(Buffer.from(await part.getBytes()).toString('latin1'), CONTENT);
      assert.equal(await streamed(part), CONTENT);
      assert.equal(await streamed(part), CONTENT);
      assert.equal(descriptors(), 0);
    });

    test('is not changed by who changes what it gave', async () => {
      const part = await store(threshold);
      (await part.getBytes()).fill(0);
      for await (const piece of part.getInputStream()) piece.fill(0);
      assert.equal(await streamed(part), CONTENT);
    });

    test('may be empty', async () => {
      const part = await store(threshold, '');
      assert.equal(part.getSize(), 0);
      assert.equal(await streamed(part), '');
      await part.write('empty');
      assert.equal(read('empty'), '');
    });

    test('is written to a path below its directory, and stays there', async () => {
      const part = await store(threshold);
      mkdirSync(join(directory, 'sub'));
      await part.write('sub/kept');
      assert.deepEqual(files(), ['sub']);
      await part.delete();
      assert.equal(read('sub/kept'), CONTENT);
      assert.equal(statSync(join(directory, 'sub/kept')).mode & 0o777, 0o600);
    });

    test('can be read and written again after it was written', async () => {
      const part = await store(threshold);
      await part.write('one');
      assert.equal(await streamed(part), CONTENT);
      await part.write('two');
      await part.write('one');
      assert.equal(read('one'), CONTENT);
      assert.equal(read('two'), CONTENT);
    });

    test('replaces a file that exists', async () => {
      writeFileSync(join(directory, 'kept'), 'a longer text than that of the part');
      await (await store(threshold)).write('kept');
      assert.equal(read('kept'), CONTENT);
    });

    test('is copied to another device', async (t) => {
      otherDevice(t);
      const part = await store(threshold);
      await part.write('kept');
      assert.deepEqual(files(), ['kept']);
      assert.equal(read('kept'), CONTENT);
      assert.equal(await streamed(part), CONTENT);
    });

    test('is written to an absolute path wherever that is', async () => {
      const other = mkdtempSync(join(root, 'other-'));
      await (await store(threshold)).write(join(other, 'kept'));
      assert.equal(readFileSync(join(other, 'kept'), 'latin1'), CONTENT);
    });

    for (const path of ['', '.', './', '..', '../kept', 'sub/../../kept']) {
      test(`is not written to '${path}'`, async () => {
        const part = await store(threshold);
        const before = files();
        await assert.rejects(part.write(path), RangeError);
        assert.deepEqual(files(), before);
      });
    }

    test('can be written elsewhere where one place refuses', async () => {
      const part = await store(threshold);
      mkdirSync(join(directory, 'sub'));
      await assert.rejects(part.write('sub'));
      await assert.rejects(part.write('missing/kept'), { code: 'ENOENT' });
      await part.write('..kept');
      assert.equal(read('..kept'), CONTENT);
    });

    test('leaves nothing when it is deleted, twice if need be, and cannot be used then', async () => {
      const part = await store(threshold);
      await part.delete();
      await part.delete();
      assert.deepEqual(files(), []);
      assert.equal(part.getSize(), 10);
      await assert.rejects(part.getBytes(), IllegalStateException);
      await assert.rejects(streamed(part), IllegalStateException);
      await assert.rejects(part.write('kept'), IllegalStateException);
      assert.deepEqual(files(), []);
    });
  });
}

test('who stops reading in the middle leaves no descriptor', async () => {
  const part = await store(0);
  for await (const piece of part.getInputStream()) {
    assert.equal(piece.length, 10);
    break;
  }
  assert.equal(descriptors(), 0);
});

test('a reader that was left standing is ended by deletion', async () => {
  const part = await store(0);
  const pieces = part.getInputStream()[Symbol.asyncIterator]();
  await pieces.next();
  await part.delete();
  assert.equal(descriptors(), 0);
  await assert.rejects(pieces.next(), IllegalStateException);
});

test('deletion while a reader opens the file leaves no descriptor', async () => {
  const part = await store(0);
  const refused = assert.rejects(streamed(part));
  await part.delete();
  await refused;
  assert.equal(descriptors(), 0);
});

test('a part tells its header', async () => {
  const part = await store(10, '', `${HEAD}\r\nX-A: 1\r\nx-a: 2`);
  assert.equal(part.getName(), 'a');
  assert.equal(part.getSubmittedFileName(), 'f');
  assert.equal(part.getContentType(), 'text/x; charset=latin1');
  assert.equal(part.getHeader('X-A'), '1');
  assert.deepEqual(part.getHeaders('x-A'), ['1', '2']);
  assert.deepEqual(part.getHeaderNames(), ['content-disposition', 'content-type', 'x-a']);
  assert.equal(part.getHeader('x-b'), null);
  assert.deepEqual(part.getHeaders('x-b'), []);
  assert.equal(
    (await store(10, '', 'Content-Disposition: form-data; name=a')).getContentType(),
    null,
  );
});

test('the text of a field is in its own charset, else in that of the form', async () => {
  const text = async (type: string): Promise<string> =>
    (await store(10, '\xc3\xa4', `Content-Disposition: form-data; name=a\r\n${type}`)).text(
      decodeUtf8,
    );
  assert.equal(await text('Content-Type: text/plain; charset=ISO-8859-1'), 'Ã¤');
  assert.equal(await text('Content-Type: text/plain'), 'ä');
  assert.equal(await text('Content-Type: text/plain; charset=no-such'), 'ä');
  assert.equal(await text('Content-Type: nonsense'), 'ä');
});
