import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { makePipe } from '../../../../test/support/make-pipe.ts';
import { MemoryServletResponse } from '../../../../test/support/memory-servlet.ts';
import { pattern, range, StaticApplication } from '../../../../test/support/static-application.ts';
import { ManualClock } from '../../../base/index.ts';
import { DefaultServlet } from './default-servlet.ts';
import { openResource } from './open-resource.ts';
import { Resources } from './resources.ts';

let application: StaticApplication;

before(() => {
  application = new StaticApplication(
    (root, mediaType) =>
      new DefaultServlet({
        resources: new Resources(root),
        mediaType,
        clock: new ManualClock(1_800_000_000_000),
        random: () => 0.5,
      }),
  );
});

describe('the descriptor of a file', () => {
  const endings: Readonly<Record<string, () => Promise<unknown>>> = {
    'a small answer': () => application.ask('/ten.txt'),
    'a range': () => application.ask('/ten.txt', range('0-0')),
    'a 304': () => application.ask('/ten.txt', { fields: { 'if-none-match': '*' } }),
    'a 416': () => application.ask('/ten.txt', range('99-')),
    'a HEAD': () => application.ask('/ten.txt', { method: 'HEAD' }),
    'a large answer': () => application.ask('/sized.bin'),
  };
  for (const [name, ending] of Object.entries(endings)) {
    test(`is closed behind ${name}`, async () => {
      application.put('sized.bin', pattern(300_000));
      await ending();
      assert.deepEqual(application.openFiles(), []);
    });
  }

  test('is closed when the client leaves', async () => {
    application.put('sized.bin', pattern(600_000));
    const response = new MemoryServletResponse();
    const left = new Error('left');
    response.waits.push(
      () => Promise.resolve(),
      () => Promise.reject(left),
    );
    await assert.rejects(application.ask('/sized.bin', {}, response), left);
    assert.equal(response.chunks.length, 1);
    assert.deepEqual(application.openFiles(), []);
  });

  test('is closed when the file becomes shorter, and no wrong bytes are sent', async () => {
    const bytes = pattern(600_000);
    application.put('sized.bin', bytes);
    const response = new MemoryServletResponse();
    response.waits.push(
      () => Promise.resolve(),
      () => {
        truncateSync(join(application.root, 'sized.bin'), 300_000);
        return Promise.resolve();
      },
    );
    await assert.rejects(application.ask('/sized.bin', {}, response), /became shorter/);
    assert.ok(Buffer.concat(response.chunks).equals(bytes.subarray(0, 262_144)));
    assert.deepEqual(application.openFiles(), []);
  });

  test('is closed when a file that grows is sent, as long as it was', async () => {
    const bytes = pattern(600_000);
    application.put('sized.bin', bytes);
    const response = new MemoryServletResponse();
    response.waits.push(() => {
      application.put('sized.bin', pattern(700_000));
      return Promise.resolve();
    });
    await application.ask('/sized.bin', {}, response);
    assert.deepEqual([response.length, response.body.length], [600_000, 600_000]);
    assert.deepEqual(application.openFiles(), []);
  });
});

describe('a file that changes between the search and the opening', () => {
  function changed(change: (file: string) => void): ReturnType<typeof openResource> {
    rmSync(join(application.root, 'moving'), { recursive: true, force: true });
    mkdirSync(join(application.root, 'moving'));
    application.put('moving/file.txt', '12345');
    const found = new Resources(application.root).find('/moving/file.txt');
    assert.ok(found !== null);
    change(found.file);
    return openResource(found);
  }

  test('is what it is when it is opened', () => {
    const file = changed(() => application.put('moving/file.txt', '123'));
    assert.equal(file?.resource.etag, 'W/"3-1700000000123"');
    file.close();
    file.close();
    assert.deepEqual(application.openFiles(), []);
  });

  const gone: Readonly<Record<string, (file: string) => void>> = {
    'has gone': (file) => rmSync(file),
    'has become a link': (file) => {
      rmSync(file);
      symlinkSync(join(application.root, 'ten.txt'), file);
    },
    'has come behind a link': (file) => {
      renameSync(dirname(file), `${dirname(file)}-away`);
      symlinkSync(`${dirname(file)}-away`, dirname(file));
    },
    'has become a directory': (file) => {
      rmSync(file);
      mkdirSync(file);
    },
    'has become a pipe': (file) => {
      rmSync(file);
      makePipe(file);
    },
  };
  for (const [name, change] of Object.entries(gone)) {
    test(`is not opened where it ${name}`, () => {
      assert.equal(changed(change), null);
      assert.deepEqual(application.openFiles(), []);
      rmSync(join(application.root, 'moving-away'), { recursive: true, force: true });
    });
  }
});
