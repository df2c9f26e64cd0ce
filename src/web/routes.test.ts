import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { resolve, type Schema } from '../schema/index.ts';
import { ask, laterClock } from '../../test/support/memory-context.ts';
import { HotMemory } from './hot-memory.ts';
import {
  filesRoute,
  redirectRoute,
  respondRoute,
  responseHeaders as responseHeaderOptions,
} from './options.ts';
import { plainText } from './plain-text.ts';
import {
  filesModel,
  headerChanges,
  redirect,
  redirectModel,
  respond,
  respondModel,
  responseHeaders,
  staticFiles,
  tryFiles,
  tryFilesModel,
} from './routes.ts';

let root = '';

before(() => {
  root = mkdtempSync(join(tmpdir(), 'daemun-routes-'));
  writeFileSync(join(root, 'index.html'), 'home');
  writeFileSync(join(root, 'caf\u00e9.HTML'), 'caf\u00e9');
  writeFileSync(join(root, 'x.mine'), 'mine');
});

after(() => rmSync(root, { recursive: true, force: true }));

function modelOf<M>(schema: Pick<Schema<never, M>, 'read'>, input: unknown): M {
  const { model, problems } = resolve(schema, input, { file: 'test', directory: '/' });
  assert.ok(model !== undefined, JSON.stringify(problems));
  return model;
}

test('a files route without further options serves its directory', async () => {
  for (const files of [root, `${root}/`]) {
    const ports = { clock: laterClock(), random: () => 0 };
    const { handler } = staticFiles(filesModel(modelOf(filesRoute, { files })), ports);
    const { exchange } = await ask({ handlers: [handler] }, { target: '/' });
    assert.equal(exchange.text, 'home');
    assert.equal(exchange.sentFields.getByName('Content-Type'), 'text/html');
  }
});

test('the root of the file system can be a directory of files', () => {
  assert.equal(filesModel(modelOf(filesRoute, { files: '/' })).root.length, 0);
});

test('options reach the answers, with text beyond ASCII as its UTF-8 bytes', async () => {
  const options = {
    files: root,
    index: ['caf\u00e9.HTML'],
    charset: 'utf-8',
    types: { MINE: 'application/mine' },
    cacheControl: 'max-age=1',
    etag: false,
    hotFiles: { maxFileSize: '0B', revalidate: '5s' },
  };
  const model = filesModel(modelOf(filesRoute, options));
  assert.equal(model.keptFileSize, 0);
  assert.equal(model.revalidateMs, 5000);
  const { handler } = staticFiles(model, { clock: laterClock(), random: () => 0 });
  const home = (await ask({ handlers: [handler] }, { target: '/' })).exchange;
  assert.equal(home.body.toString(), 'caf\u00e9');
  assert.deepEqual(
    [...home.sentFields.entries()].filter(([name]) => name !== 'Last-Modified'),
    [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Cache-Control', 'max-age=1'],
      ['Accept-Ranges', 'bytes'],
    ],
  );
  const mine = (await ask({ handlers: [handler] }, { target: '/x.mine' })).exchange;
  assert.equal(mine.sentFields.getByName('Content-Type'), 'application/mine');
});

test('routes of one thread can share their memory', async () => {
  const memory = new HotMemory(1 << 20);
  const ports = { clock: laterClock(), random: () => 0, memory };
  const model = filesModel(modelOf(filesRoute, { files: root }));
  for (let route = 1; route <= 2; route++) {
    const { handler } = staticFiles(model, ports);
    await ask({ handlers: [handler] }, { target: '/index.html' });
    assert.equal(memory.count, route);
  }
});

test('tryFiles takes paths, directories and each kind of fallback apart', async () => {
  const { tries, fallback } = tryFilesModel(['$uri', '$uri/', '/a?b?c'], plainText);
  assert.deepEqual(
    tries.map(({ path, wants }) => [path.constant, wants]),
    [
      ['$uri', 'file'],
      ['$uri', 'directory'],
    ],
  );
  assert.ok(fallback.kind === 'path');
  assert.equal(fallback.path.constant, '/a');
  assert.equal(fallback.query?.constant, 'b?c');
  const plain = tryFilesModel(['/a', '/b'], plainText).fallback;
  assert.ok(plain.kind === 'path');
  assert.equal(plain.query, null);
  assert.deepEqual(tryFilesModel(['/a', '=404'], plainText).fallback, {
    kind: 'status',
    status: 404,
  });
  assert.deepEqual(tryFilesModel(['/a', '@app'], plainText).fallback, {
    kind: 'named',
    name: '@app',
  });
  const ports = { clock: laterClock(), random: () => 0 };
  const route = staticFiles(filesModel(modelOf(filesRoute, { files: root })), ports);
  const handler = tryFiles(tryFilesModel(['/none', '/index.html', '/x'], plainText), route);
  const place = { handlers: [handler, route.handler] };
  assert.equal((await ask(place, { target: '/x' })).exchange.text, 'home');
});

test('fixed answers and redirects are made from their options', async () => {
  for (const [options, expected] of [
    [{ respond: 200, body: '\u00e9' }, '200 text/plain; charset=utf-8 \xc3\xa9'],
    [{ respond: 404 }, '404 text/html (page)'],
    [{ respond: 204 }, '204 null '],
    [{ respond: 503, body: '{}', contentType: 'application/json' }, '503 application/json {}'],
  ] as const) {
    const handlers = [respond(respondModel(modelOf(respondRoute, options)))];
    const { exchange } = await ask({ handlers }, {});
    const type = exchange.sentFields.getByName('Content-Type');
    assert.equal(`${exchange.status} ${type} ${exchange.text}`, expected);
  }
  const options = { redirect: '/new', status: 308 };
  const handlers = [redirect(redirectModel(modelOf(redirectRoute, options), plainText))];
  const { exchange } = await ask({ handlers }, {});
  assert.equal(exchange.status, 308);
  assert.equal(exchange.sentFields.getByName('Location'), '/new');
});

test('header changes of site and route apply to every answer, in their order', async () => {
  assert.equal(responseHeaders([]), null);
  const site = modelOf(responseHeaderOptions, {
    set: { 'X-A': 'site' },
    add: { 'X-B': ['1', '2'] },
  });
  const route = modelOf(responseHeaderOptions, {
    set: { 'X-A': 'route' },
    remove: ['Content-Type'],
  });
  const filter = responseHeaders(headerChanges([site, route], plainText));
  assert.ok(filter !== null);
  const handlers = [respond(respondModel(modelOf(respondRoute, { respond: 404 })))];
  const { exchange } = await ask({ handlers, headerFilters: [filter] }, {});
  assert.deepEqual(
    [...exchange.sentFields.entries()],
    [
      ['X-A', 'route'],
      ['X-B', '1'],
      ['X-B', '2'],
    ],
  );
});
