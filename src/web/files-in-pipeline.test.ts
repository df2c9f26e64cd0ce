/** The handlers of this part inside the real pipeline: routing, templates, error pages, logs. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Fields } from '../http/message/index.ts';
import { compileTemplate, type Template } from '../pipeline/index.ts';
import { filesModelFor } from '../../test/support/files-model.ts';
import { laterClock } from '../../test/support/memory-context.ts';
import {
  memoryConnection,
  MemoryExchange,
  type MemoryRequest,
} from '../../test/support/memory-exchange.ts';
import { type MemoryLocation, MemorySite, says } from '../../test/support/memory-site.ts';
import { until } from '../../test/support/watched-file-system.ts';
import {
  type FilesModel,
  redirect,
  responseHeaders,
  staticFiles,
  tryFiles,
  tryFilesModel,
} from './routes.ts';

let root = '';

before(() => {
  root = mkdtempSync(join(tmpdir(), 'daemun-pipeline-'));
  mkdirSync(join(root, 'errors'));
  mkdirSync(join(root, 'private'));
  writeFileSync(join(root, 'index.html'), 'home');
  writeFileSync(join(root, 'app.js'), 'app');
  writeFileSync(join(root, 'app.js.gz'), 'packed');
  writeFileSync(join(root, 'secret.html'), 'secret');
  writeFileSync(join(root, 'secret.html.gz'), 'packed secret');
  writeFileSync(join(root, 'private/index.html'), 'private');
  writeFileSync(join(root, 'errors/404.html'), 'not here');
});

after(() => rmSync(root, { recursive: true, force: true }));

const { variables } = new MemorySite({ 'a.example': {} });

function compile(source: string): Template {
  const compiled = compileTemplate(source, variables);
  assert.ok('value' in compiled, JSON.stringify(compiled));
  return compiled.value;
}

function filesAt(changes: Partial<FilesModel> = {}, tries: readonly string[] = []): MemoryLocation {
  const model = filesModelFor(root, changes);
  const route = staticFiles(model, { clock: laterClock(), random: () => 0 });
  const first = tries.length === 0 ? [] : [tryFiles(tryFilesModel(tries, compile), route)];
  return { handlers: [...first, route.handler] };
}

async function ask(site: MemorySite, request: MemoryRequest): Promise<MemoryExchange> {
  const exchange = new MemoryExchange(request, memoryConnection({ localPort: 80 }));
  site.ask(exchange);
  await until(() => exchange.finished);
  return exchange;
}

test('files are served, logged once each, and their absence has the page of the configuration', async () => {
  const errorPages = new Map([[404, { path: '/errors/404.html', status: 0 }]]);
  const site = new MemorySite(
    { localhost: { '/': { ...filesAt(), errorPages } } },
    { format: '$request_method $uri $status $body_bytes_sent' },
  );
  for (const [method, target, status, text] of [
    ['GET', '/', 200, 'home'],
    ['GET', '/index.html', 200, 'home'],
    ['HEAD', '/index.html', 200, ''],
    ['GET', '/none', 404, 'not here'],
    ['DELETE', '/index.html', 405, null],
    ['GET', '/private', 301, null],
  ] as const) {
    const exchange = await ask(site, { method, target });
    assert.equal(exchange.status, status, target);
    if (text !== null) assert.equal(exchange.text, text, target);
  }
  assert.equal(site.accessLines.length, 6);
  assert.match(site.accessLines[0] ?? '', /^GET \/index\.html 200 4\n$/);
  assert.match(site.accessLines[3] ?? '', /^GET \/errors\/404\.html 404 8\n$/);
  const refused = await ask(site, { method: 'PUT', target: '/x' });
  assert.equal(refused.sentFields.getByName('Allow'), 'GET, HEAD');
});

test('a range behind the end is 416 with the length, page and all', async () => {
  const site = new MemorySite({ localhost: { '/': filesAt() } });
  const fields = Fields.of(['Range', 'bytes=100-']);
  const exchange = await ask(site, { target: '/index.html', fields });
  assert.equal(exchange.status, 416);
  assert.equal(exchange.sentFields.getByName('Content-Range'), 'bytes */4');
});

test('an index is looked up among the locations again, and rules there hold', async () => {
  const site = new MemorySite({
    localhost: { '/': filesAt(), '/private/index.html': { handlers: [says('login')] } },
  });
  assert.equal((await ask(site, { target: '/private/' })).text, 'login');
});

test('a twin is bound to the location of its file', async () => {
  const site = new MemorySite({
    localhost: {
      '/': filesAt({ precompressed: ['gzip'] }),
      '/secret.html': { handlers: [says('login')] },
    },
  });
  assert.equal((await ask(site, { target: '/secret.html.gz' })).status, 404);
  assert.equal((await ask(site, { target: '/app.js.gz' })).text, 'packed');
});

test('try-files falls back to a path, a query and a named location', async () => {
  const site = new MemorySite({
    localhost: {
      '/': filesAt({}, ['$uri', '$uri/', '/front?from=$uri&$args']),
      '/front': {
        handle: (context) => {
          context.send(200, new Fields(), `${context.path}?${context.query ?? ''}`);
          return 1;
        },
      },
      '/named/*': filesAt({}, ['$uri', '@app']),
      '@app': { handlers: [says('app')] },
    },
  });
  assert.equal((await ask(site, { target: '/index.html' })).text, 'home');
  assert.equal((await ask(site, { target: '/' })).text, 'home');
  assert.equal((await ask(site, { target: '/none?a=1' })).text, '/front?from=/none&a=1');
  assert.equal((await ask(site, { target: '/named/x' })).text, 'app');
});

test('a redirect carries what the client asked for and nothing that it smuggled in', async () => {
  const target = compile('https://other.example$uri');
  const handlers = [redirect({ status: 301, target, style: 'absolute', phase: 'content' })];
  const site = new MemorySite({ localhost: { '/': { handlers } } });
  const { sentFields } = await ask(site, { target: '/a%0d%0aX:%20y' });
  assert.equal(sentFields.getByName('Location'), 'https://other.example/a%0D%0AX:%20y');
});

test('headers reach files, their 304, and errors where they are meant for all', async () => {
  const filter = responseHeaders([
    { remove: [], set: [{ name: 'X-All', value: compile('$status') }], add: [], always: true },
    { remove: [], set: [], add: [{ name: 'X-Good', value: compile('1') }], always: false },
  ]);
  assert.ok(filter !== null);
  const site = new MemorySite({ localhost: { '/': { ...filesAt(), headerFilters: [filter] } } });
  for (const [target, fields, status, good] of [
    ['/index.html', new Fields(), 200, '1'],
    ['/index.html', Fields.of(['If-None-Match', '*']), 304, '1'],
    ['/none', new Fields(), 404, null],
  ] as const) {
    const exchange = await ask(site, { target, fields });
    assert.equal(exchange.status, status);
    assert.equal(exchange.sentFields.getByName('X-Good'), good);
    assert.notEqual(exchange.sentFields.getByName('X-All'), null);
  }
});
