/**
 * What Debian's nginx 1.22 answered for the tree of `static-tree.ts`, request by request, beside our
 * answers. It ran with `index index.html; gzip_static on; gzip_vary on;` and its own mime.types.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Fields } from '../http/message/index.ts';
import { filesModelFor } from '../../test/support/files-model.ts';
import { ask, connectionTo, laterClock, MemoryRun } from '../../test/support/memory-context.ts';
import { MemoryExchange } from '../../test/support/memory-exchange.ts';
import { plantStaticTree, type StaticTree } from '../../test/support/static-tree.ts';
import { type FilesModel, staticFiles } from './routes.ts';

interface Row {
  readonly title: string;
  readonly method: string;
  readonly target: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const table = new URL('../../test/golden/static/nginx-1.22.json', import.meta.url);
const rows = JSON.parse(readFileSync(table, 'utf8')) as readonly Row[];
const PORT = 28471;

/** Where we differ on purpose: the status we answer with, and why. */
const DIFFERENT: ReadonlyMap<string, readonly [status: number, why: string]> = new Map([
  ['If-Unmodified-Since: rubbish', [200, 'RFC 9110 §13.1.4: an invalid date is ignored']],
  ['If-Unmodified-Since: rubbish + Range', [206, 'RFC 9110 §13.1.4: an invalid date is ignored']],
  [
    'If-None-Match: "6553f100-24" + If-Modified-Since: Tue, 14 Nov 2023 22:13:19 GMT',
    [304, 'RFC 9110 §13.1.3: the date is ignored where tags are given'],
  ],
  [
    'If-Match: "6553f100-24" + If-Unmodified-Since: Tue, 14 Nov 2023 22:13:19 GMT',
    [200, 'RFC 9110 §13.1.4: the date is ignored where tags are given'],
  ],
  ['Range: bytes=9-5', [200, 'RFC 9110 §14.1.1: an invalid range is ignored']],
  ['Range: bytes=a-b', [200, 'RFC 9110 §14.1.1: an invalid range is ignored']],
  ['Accept-Encoding: * /app.js', [200, 'RFC 9110 §12.5.3: the star takes every coding']],
  ['Accept-Encoding: x-gzip /app.js', [200, 'RFC 9110 §8.4.1.3: x-gzip is gzip']],
  ['GET /only.js', [404, 'nginx names Vary for a file that it says is not there']],
  [
    'twin without original',
    [404, 'a twin stands for a file; where there is none, nothing is there'],
  ],
  ['twin itself', [200, 'nginx has no type for gz, the registry has']],
]);

let tree: StaticTree;

before(() => {
  tree = plantStaticTree();
});

after(() => tree.remove());

// nginx hides nothing and follows links everywhere.
function modelFor(root: string, changes: Partial<FilesModel>): FilesModel {
  return filesModelFor(root, {
    dotfiles: 'allow',
    hidesApplications: false,
    symlinks: 'follow',
    precompressed: ['gzip'],
    ...changes,
  });
}

function compare(row: Row, run: MemoryRun): void {
  const { exchange } = run;
  const ours = new Map(exchange.sentFields.entries());
  const different = DIFFERENT.get(row.title);
  if (different !== undefined) {
    assert.equal(exchange.status, different[0], `${row.title}: ${different[1]}`);
    return;
  }
  assert.equal(exchange.status, row.status, row.title);
  const theirs = new Map(Object.entries(row.headers));
  const length = theirs.get('Content-Length');
  theirs.delete('Content-Length');
  // RFC 9110 §15.5.6 asks for it, nginx has none.
  if (row.status === 405) theirs.set('Allow', 'GET, HEAD');
  // The page is ours, and its charset is not left to guessing.
  if (row.status === 301) theirs.set('Content-Type', 'text/html; charset=utf-8');
  const unlike = (text: string): string => text.replaceAll(/\d{20}/g, 'B');
  for (const fields of [ours, theirs]) {
    const type = fields.get('Content-Type');
    if (type !== undefined) fields.set('Content-Type', unlike(type));
  }
  assert.deepEqual(ours, theirs, row.title);
  if (row.status >= 300) return;
  assert.equal(exchange.sentLength, Number(length), row.title);
  if (row.body.startsWith('(')) assert.equal(exchange.body.length, Number(length), row.title);
  else assert.equal(unlike(exchange.text), unlike(row.body), row.title);
}

for (const [how, changes] of [
  ['from memory', {}],
  ['from files', { keptFileSize: 0 }],
  ['with links checked', { symlinks: 'within-root' }],
] as const) {
  test(`answers are those of nginx, ${how}, the first time and the second`, async () => {
    const ports = { clock: laterClock(), random: () => 0.5 };
    const { handler } = staticFiles(modelFor(tree.root, changes), ports);
    assert.ok(rows.length > 150);
    for (const row of rows) {
      const request = { method: row.method, target: row.target, fields: Fields.of(...row.fields) };
      for (let again = 0; again < 2; again++) {
        const exchange = new MemoryExchange(request, connectionTo(PORT));
        compare(row, await new MemoryRun({ handlers: [handler] }, request, exchange).run());
      }
    }
  });
}

test('every difference that is named is one', () => {
  const titles = new Set(rows.map((row) => row.title));
  for (const title of DIFFERENT.keys()) assert.ok(titles.has(title), title);
});

test('a charset is named and a second range is too many, as nginx was told', async () => {
  const model = modelFor(tree.root, { charset: 'utf-8', maxRanges: 1, redirectStyle: 'relative' });
  const { handler } = staticFiles(model, { clock: laterClock(), random: () => 0 });
  const place = { handlers: [handler] };
  for (const [target, type] of [
    ['/plain.txt', 'text/plain; charset=utf-8'],
    ['/page.HTML', 'text/html; charset=utf-8'],
    ['/app.js', 'application/javascript; charset=utf-8'],
    ['/style.css', 'text/css'],
    ['/archive.tar.nope', 'application/octet-stream'],
  ] as const) {
    const { exchange } = await ask(place, { target });
    assert.equal(exchange.sentFields.getByName('Content-Type'), type);
  }
  for (const [range, status, text] of [
    ['bytes=0-0,2-2', 200, '0123456789abcdefghijklmnopqrstuvwxyz'],
    ['bytes=0-0,99-', 206, '0'],
  ] as const) {
    const { exchange } = await ask(place, {
      target: '/plain.txt',
      fields: Fields.of(['Range', range]),
    });
    assert.equal(exchange.status, status);
    assert.equal(exchange.text, text);
  }
  for (const [target, location] of [
    ['/docs?x', '/docs/?x'],
    ['//docs', '/docs/'],
    ['/caf%C3%A9?%zz', '/caf%C3%A9/?%zz'],
  ] as const) {
    const { exchange } = await ask(place, { target });
    assert.equal(exchange.sentFields.getByName('Location'), location);
  }
});
