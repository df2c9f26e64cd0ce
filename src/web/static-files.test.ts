import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Fields } from '../http/message/index.ts';
import type { Handler } from '../pipeline/index.ts';
import { filesModelFor } from '../../test/support/files-model.ts';
import { makePipe } from '../../test/support/make-pipe.ts';
import { ask, laterClock, type MemoryPlace, MemoryRun } from '../../test/support/memory-context.ts';
import type { MemoryExchange, MemoryRequest } from '../../test/support/memory-exchange.ts';
import { until, WatchedFileSystem } from '../../test/support/watched-file-system.ts';
import { type FilesModel, staticFiles } from './routes.ts';

let base = '';
let root = '';
let files = new WatchedFileSystem();
let clock = laterClock();

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'daemun-files-'));
  root = join(base, 'root');
  mkdirSync(root);
  files = new WatchedFileSystem();
  clock = laterClock();
});

afterEach(async () => {
  await until(() => files.opened.size === 0);
  rmSync(base, { recursive: true, force: true });
});

function put(name: string, content: string): void {
  mkdirSync(join(root, name, '..'), { recursive: true });
  writeFileSync(join(root, name), content);
}

function handlerFor(changes: Partial<FilesModel> = {}): Handler {
  return staticFiles(filesModelFor(root, changes), { clock, random: () => 0, files }).handler;
}

async function get(
  handler: Handler | MemoryPlace,
  target: string,
  request: MemoryRequest = {},
): Promise<MemoryExchange> {
  const place = 'handle' in handler ? { handlers: [handler] } : handler;
  const { exchange } = await ask(place, { target, ...request });
  return exchange;
}

function accepting(coding: string): MemoryRequest {
  return { fields: Fields.of(['Accept-Encoding', coding]) };
}

test('a request for a file in memory is answered before the handler returns', async () => {
  put('a', 'one');
  const handler = handlerFor();
  await get(handler, '/a');
  const run = new MemoryRun({ handlers: [handler] }, { target: '/a' });
  run.context.run();
  assert.equal(run.finished, 1);
  assert.equal(run.exchange.text, 'one');
});

test('names that are never served are 404, and their codes tell the operator why', async () => {
  for (const name of ['.env', '.git/config', 'WEB-INF/web.xml', 'a/META-INF/x', '.well-known/x'])
    put(name, 'secret');
  const handler = handlerFor();
  for (const target of [
    '/.env',
    '/.git/config',
    '/.git/',
    '/.git',
    '/WEB-INF/web.xml',
    '/web-inf/web.xml',
    '/a/META-INF/x',
    '/WEB-INF',
  ]) {
    const exchange = await get(handler, target);
    assert.equal(exchange.status, 404, target);
    assert.equal(exchange.fault?.kind.code, 'name-refused', target);
  }
  assert.equal((await get(handler, '/.well-known/x')).text, 'secret');
  assert.equal(files.calls.open, 1);
});

test('pipes and devices are 404 and hold nobody up', async () => {
  makePipe(join(root, 'pipe'));
  symlinkSync('/dev/zero', join(root, 'zero'));
  const handler = handlerFor({ symlinks: 'follow' });
  for (const target of ['/pipe', '/zero']) {
    const exchange = await get(handler, target);
    assert.equal(exchange.status, 404, target);
    assert.equal(exchange.fault?.kind.code, 'not-a-plain-file', target);
  }
});

test('links lead where the route allows and 403 elsewhere, for directories and twins as well', async () => {
  mkdirSync(join(base, 'outside'));
  writeFileSync(join(base, 'outside/index.html'), 'secret');
  writeFileSync(join(base, 'outside/a.gz'), 'secret');
  put('a', 'one');
  symlinkSync('a', join(root, 'in'));
  symlinkSync('../outside/index.html', join(root, 'out'));
  symlinkSync('../outside', join(root, 'dir'));
  symlinkSync('../outside/a.gz', join(root, 'a.gz'));
  for (const [symlinks, statuses] of [
    ['within-root', [200, 403, 403, 403, 403]],
    ['follow', [200, 200, 301, 200, 200]],
    ['deny', [403, 403, 403, 403, 403]],
  ] as const) {
    const handler = handlerFor({ symlinks, precompressed: ['gzip'] });
    for (const [i, target] of ['/in', '/out', '/dir', '/dir/', '/dir/index.html'].entries()) {
      assert.equal((await get(handler, target)).status, statuses[i], `${symlinks} ${target}`);
    }
    const twin = await get(handler, '/a', accepting('gzip'));
    assert.equal(twin.text, symlinks === 'follow' ? 'secret' : 'one');
  }
});

test('without descriptors the answer is 503, and the next one is as always', async () => {
  put('a', 'one');
  const handler = handlerFor();
  files.failNext('open', 'EMFILE');
  const exchange = await get(handler, '/a');
  assert.equal(exchange.status, 503);
  assert.match(exchange.fault?.detail ?? '', /root\/a: EMFILE$/);
  assert.equal(exchange.sentFields.getByName('Retry-After'), '1');
  assert.equal((await get(handler, '/a')).status, 200);
});

test('an index is a request of its own: the location of its path answers', async () => {
  put('index.php', '<?php secret ?>');
  const php: Handler = {
    name: 'php',
    phase: 'content',
    handle(context) {
      context.send(200, new Fields(), `ran ${context.path}?${context.query}`);
      return 1;
    },
  };
  const handlers = [handlerFor({ index: ['index.php'] })];
  const place = { handlers, others: new Map([['/index.php', [php]]]) };
  assert.equal((await get(place, '/?q')).text, 'ran /index.php?q');
  assert.equal((await get(place, '/?q')).text, 'ran /index.php?q');
});

test('a twin answers where the client prefers it, with its own validators and the type of the file', async () => {
  put('a.js', 'plain text');
  put('a.js.gz', 'gz');
  put('a.js.br', 'brotli');
  put('a.js.zst', 'zstd.');
  put('b.js', 'b');
  const handler = handlerFor({ precompressed: ['br', 'zstd', 'gzip'] });
  for (const [accept, text, coding] of [
    ['gzip', 'gz', 'gzip'],
    ['br, gzip', 'brotli', 'br'],
    ['gzip;q=1, br;q=0.9', 'gz', 'gzip'],
    ['zstd, gzip;q=0.5', 'zstd.', 'zstd'],
    ['identity, gzip;q=0.5', 'plain text', null],
    ['br;q=0, *', 'zstd.', 'zstd'],
    ['', 'plain text', null],
    ['*;q=0', 'plain text', null],
  ] as const) {
    const exchange = await get(handler, '/a.js', accepting(accept));
    assert.equal(exchange.text, text, accept);
    assert.equal(exchange.sentFields.getByName('Content-Encoding'), coding, accept);
    assert.equal(exchange.sentFields.getByName('Vary'), 'Accept-Encoding', accept);
    assert.equal(exchange.sentFields.getByName('Content-Type'), 'application/javascript', accept);
    const tag = exchange.sentFields.getByName('ETag') ?? '';
    assert.ok(tag.endsWith(`-${text.length.toString(16)}"`), accept);
    const fields = Fields.of(['Accept-Encoding', accept], ['If-None-Match', tag]);
    const again = await get(handler, '/a.js', { fields });
    assert.equal(again.status, 304, accept);
    assert.equal(again.sentFields.getByName('Vary'), 'Accept-Encoding', accept);
  }
  const without = await get(handler, '/b.js', accepting('gzip'));
  assert.equal(without.sentFields.getByName('Vary'), null);
});

test('a twin asked for by its own name is no way around the rules of its file', async () => {
  put('secret.html', 'secret');
  put('secret.html.gz', 'packed secret');
  put('open.html', 'open');
  put('open.html.gz', 'packed');
  put('archive.tar.gz', 'archive');
  const refusing: Handler = {
    name: 'deny',
    phase: 'access',
    handle(context) {
      context.send(403, new Fields(), 'denied');
      return 1;
    },
  };
  const others = new Map([
    ['/secret.html', [refusing]],
    ['/archive.tar', [refusing]],
  ]);
  for (const keptFileSize of [0, 1000]) {
    const handlers = [handlerFor({ precompressed: ['gzip'], keptFileSize })];
    const place = { handlers, others };
    for (let again = 0; again < 2; again++) {
      assert.equal((await get(place, '/secret.html')).status, 403);
      assert.equal((await get(place, '/secret.html.gz')).status, 404);
      assert.equal((await get(place, '/open.html.gz')).text, 'packed');
      assert.equal((await get(place, '/archive.tar.gz')).text, 'archive');
    }
  }
});

test('a page for an error is sent whole, with the status of the error, whatever was asked', async () => {
  put('404.html', 'not here');
  put('405.html', 'do not');
  for (const keptFileSize of [0, 1000]) {
    const handlers = [handlerFor({ keptFileSize })];
    const errorPages = new Map([
      [404, { path: '/404.html', status: 0 }],
      [405, { path: '/405.html', status: 0 }],
    ]);
    const place = { handlers, errorPages };
    const fields = Fields.of(['If-None-Match', '*'], ['Range', 'bytes=0-0']);
    const missing = await get(place, '/none', { fields });
    assert.equal(missing.status, 404);
    assert.equal(missing.text, 'not here');
    const posted = await get(place, '/x', { method: 'DELETE' });
    assert.equal(posted.status, 405);
    assert.equal(posted.text, 'do not');
    assert.equal(posted.sentFields.getByName('Allow'), 'GET, HEAD');
    const head = await get(place, '/none', { method: 'HEAD' });
    assert.equal(head.status, 404);
    assert.equal(head.sentLength, 8);
    assert.equal(head.text, '');
    assert.equal((await get(place, '/404.html')).status, 200);
  }
});

test('every answer that depends on the version of a file takes the version that is there', async () => {
  put('a', 'x'.repeat(50));
  const handler = handlerFor({ keptFileSize: 10 });
  const tag = (await get(handler, '/a')).sentFields.getByName('ETag') ?? '';
  await until(() => files.opened.size === 0);
  put('a', 'y'.repeat(51));
  // The kept entry still says the old version; opening it tells.
  const fields = Fields.of(['If-Match', tag]);
  assert.equal((await get(handler, '/a', { fields })).status, 412);
  const whole = await get(handler, '/a');
  assert.equal(whole.text, 'y'.repeat(51));
  assert.equal(whole.sentLength, 51);
});

test('ETag, Cache-Control, If-Modified-Since and Range follow their options', async () => {
  put('a', 'one');
  const plain = await get(handlerFor({ etag: false, cacheControl: 'max-age=60' }), '/a');
  assert.equal(plain.sentFields.getByName('ETag'), null);
  assert.equal(plain.sentFields.getByName('Cache-Control'), 'max-age=60');
  const date = plain.sentFields.getByName('Last-Modified') ?? '';
  const later = { fields: Fields.of(['If-Modified-Since', 'Fri, 31 Dec 9999 00:00:00 GMT']) };
  const same = { fields: Fields.of(['If-Modified-Since', date]) };
  for (const [ifModifiedSince, forSame, forLater] of [
    ['exact', 304, 200],
    ['before', 304, 304],
    ['off', 200, 200],
  ] as const) {
    const handler = handlerFor({ ifModifiedSince, cacheControl: 'no-cache' });
    const answer = await get(handler, '/a', same);
    assert.equal(answer.status, forSame, ifModifiedSince);
    assert.equal(answer.sentFields.getByName('Cache-Control'), 'no-cache', ifModifiedSince);
    assert.equal((await get(handler, '/a', later)).status, forLater, ifModifiedSince);
  }
  const range = { fields: Fields.of(['Range', 'bytes=0-0']) };
  assert.equal((await get(handlerFor({ maxRanges: 0 }), '/a', range)).status, 200);
  assert.equal((await get(handlerFor({ maxRanges: 1 }), '/a', range)).status, 206);
});

test('tags over several field lines are one list', async () => {
  put('a', 'one');
  const handler = handlerFor();
  const tag = (await get(handler, '/a')).sentFields.getByName('ETag') ?? '';
  const fields = Fields.of(['If-None-Match', '"x"'], ['If-None-Match', tag]);
  assert.equal((await get(handler, '/a', { fields })).status, 304);
});

test('directories are redirected, or 404 where the route does not', async () => {
  mkdirSync(join(root, 'd'));
  assert.equal((await get(handlerFor(), '/d')).status, 301);
  assert.equal((await get(handlerFor({ directoryRedirect: false }), '/d')).status, 404);
});

test('an alias serves under its own prefix and redirects to it', async () => {
  put('d/index.html', 'd');
  const handler = handlerFor({ strip: '/img', redirectStyle: 'relative' });
  const redirected = await get(handler, '/img/d?x');
  assert.equal(redirected.sentFields.getByName('Location'), '/img/d/?x');
  assert.equal((await get(handler, '/img/d/')).text, 'd');
  assert.equal((await get(handler, '/imgd/')).status, 404);
  assert.equal((await get(handler, '/img')).sentFields.getByName('Location'), '/img/');
});

test('a range of HEAD is answered with the head that GET has, without a body', async () => {
  put('a', '0123456789');
  put('large', 'x'.repeat(100_000));
  for (const keptFileSize of [0, 1024]) {
    const handler = handlerFor({ keptFileSize });
    for (const [target, range] of [
      ['/a', 'bytes=2-5'],
      ['/a', 'bytes=0-0,9-9'],
      ['/a', 'bytes=10-'],
      ['/large', 'bytes=1-'],
    ] as const) {
      const fields = Fields.of(['Range', range]);
      // oxlint-disable-next-line no-await-in-loop -- what one request keeps is there for the next
      const [body, head] = [
        await get(handler, target, { fields }),
        await get(handler, target, { method: 'HEAD', fields }),
      ];
      assert.equal(head.status, range === 'bytes=10-' ? 416 : 206);
      assert.equal(head.text, '');
      assert.equal(head.sentLength, body.sentLength);
      assert.deepEqual([...head.sentFields.entries()], [...body.sentFields.entries()]);
    }
  }
});

test('requests that miss together are all answered, each as it asked', async () => {
  put('a', 'one');
  const handler = handlerFor();
  const [whole, head, part, tagged] = await Promise.all([
    get(handler, '/a'),
    get(handler, '/a', { method: 'HEAD' }),
    get(handler, '/a', { fields: Fields.of(['Range', 'bytes=1-1']) }),
    get(handler, '/a', { fields: Fields.of(['If-None-Match', '*']) }),
  ]);
  assert.equal(files.calls.open, 1);
  assert.deepEqual(
    [whole, head, part, tagged].map(({ status, text }) => [status, text]),
    [
      [200, 'one'],
      [200, ''],
      [206, 'n'],
      [304, ''],
    ],
  );
});
