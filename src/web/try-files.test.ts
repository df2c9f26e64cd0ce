import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Context, Handler, Template } from '../pipeline/index.ts';
import { filesModelFor } from '../../test/support/files-model.ts';
import { laterClock, MemoryRun } from '../../test/support/memory-context.ts';
import { WatchedFileSystem } from '../../test/support/watched-file-system.ts';
import { staticFiles, tryFiles, tryFilesModel } from './routes.ts';

let root = '';

before(() => {
  root = mkdtempSync(join(tmpdir(), 'daemun-try-'));
  mkdirSync(join(root, 'docs'));
  writeFileSync(join(root, 'plain.txt'), 'plain');
  writeFileSync(join(root, 'docs/index.html'), 'docs');
  writeFileSync(join(root, 'index.html'), 'home');
  writeFileSync(join(root, 'que?stion'), 'question');
  writeFileSync(join(root, '.env'), 'secret');
  symlinkSync('/etc/passwd', join(root, 'link'));
});

after(() => rmSync(root, { recursive: true, force: true }));

/** `$uri` and `$args` are enough for these tests. */
function compile(source: string): Template {
  return {
    constant: source.includes('$') ? null : source,
    evaluate: (context) =>
      source.replaceAll('$uri', () => context.path).replaceAll('$args', () => context.query ?? ''),
  };
}

const told: Handler = {
  name: 'tell',
  phase: 'content',
  handle(context: Context) {
    context.send(200, context.request.fields, `${context.path}|${context.query ?? 'null'}`);
    return 1;
  },
};

function start(
  entries: readonly string[],
  target: string,
  files = new WatchedFileSystem(),
): MemoryRun {
  const route = staticFiles(filesModelFor(root, { redirectStyle: 'relative' }), {
    clock: laterClock(),
    random: () => 0,
    files,
  });
  const handlers = [tryFiles(tryFilesModel(entries, compile), route), route.handler];
  const others = new Map([
    ['/fallback', [told]],
    ['/fallback/a?b', [told]],
    ['@app', [told]],
  ]);
  return new MemoryRun({ handlers, others }, { target });
}

async function answer(entries: readonly string[], target: string): Promise<string> {
  const { exchange } = await start(entries, target).run();
  const { status, text } = exchange;
  return `${status} ${exchange.sentFields.getByName('Location') ?? text}`;
}

test('the first path that exists answers, and the fallback where none does, as in nginx', async () => {
  const usual = ['$uri', '$uri/', '/fallback'];
  for (const [entries, target, expected] of [
    [usual, '/plain.txt', '200 plain'],
    [usual, '/docs/', '200 docs'],
    // The slash of an entry asks for a directory and is not part of the path.
    [usual, '/docs', '301 /docs/'],
    [usual, '/docs?a', '301 /docs/?a'],
    [usual, '/', '200 home'],
    [usual, '/none', '200 /fallback|null'],
    [usual, '/none?a=1', '200 /fallback|null'],
    [usual, '/que%3Fstion', '200 question'],
    [['/none', '/plain.txt', '/fallback'], '/x', '200 plain'],
    [['/docs', '/fallback'], '/x', '200 /fallback|null'],
    [['/plain.txt/', '/fallback'], '/x', '200 /fallback|null'],
    [['/docs/', '=404'], '/x', '301 /docs/'],
    [['$uri', '/fallback?x=1&$args'], '/none?y=2', '200 /fallback|x=1&y=2'],
    [['$uri', '/plain.txt'], '/none', '200 plain'],
    [['$uri', '=404'], '/none', '404 (page)'],
    [['$uri', '=418'], '/none', '418 (page)'],
    [['$uri', '=204'], '/none', '204 '],
    [['$uri', '@app'], '/none?q', '200 /none|q'],
  ] as const) {
    assert.equal(await answer(entries, target), expected, `${entries.join(' ')} for ${target}`);
  }
});

test('a question mark in the value of a variable does not begin a query', async () => {
  assert.equal(await answer(['$uri', '/fallback$uri'], '/a%3Fb'), '200 /fallback/a?b|null');
});

test('what a client writes cannot lead out of the directory or to hidden names', async () => {
  const loop = ['/x/$args', '/$args', '/fallback'];
  for (const query of ['../../etc/passwd', '..', '.env', 'link', '../plain.txt', '%2e%2e/x']) {
    assert.equal(await answer(loop, `/none?${query}`), '200 /fallback|null', query);
  }
  assert.equal(await answer(['/none', '/x/$args'], '/none?../../../etc/passwd'), '404 (page)');
  assert.equal(await answer(['/none', '/x/../$args'], '/none?fallback'), '200 /fallback|null');
});

test('a circle of fallbacks ends with 500', async () => {
  const { exchange } = await start(['/none', '/none'], '/x').run();
  assert.equal(exchange.fault?.kind.code, 'redirect-cycle');
});

test('without descriptors the answer is 503 and not the fallback', async () => {
  const files = new WatchedFileSystem();
  files.failNext('open', 'EMFILE');
  const { exchange } = await start(['$uri', '/fallback'], '/plain.txt', files).run();
  assert.equal(exchange.status, 503);
});

test('known paths are decided before the handlers return', async () => {
  const files = new WatchedFileSystem();
  const route = staticFiles(filesModelFor(root), { clock: laterClock(), random: () => 0, files });
  const handler = tryFiles(tryFilesModel(['/none', '$uri', '=404'], compile), route);
  const place = { handlers: [handler, route.handler] };
  await new MemoryRun(place, { target: '/plain.txt' }).run();
  const run = new MemoryRun(place, { target: '/plain.txt' });
  run.context.run();
  assert.equal(run.exchange.text, 'plain');
});
