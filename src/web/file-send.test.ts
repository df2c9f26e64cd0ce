import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Fault, MemoryBudget } from '../base/index.ts';
import { EXCHANGE_FAULTS, Fields } from '../http/message/index.ts';
import { filesModelFor } from '../../test/support/files-model.ts';
import { laterClock, MemoryRun } from '../../test/support/memory-context.ts';
import { memoryConnection, MemoryExchange } from '../../test/support/memory-exchange.ts';
import { until, WatchedFileSystem } from '../../test/support/watched-file-system.ts';
import { CHUNK_SIZE, ReadAhead, SCARCE_CHUNK_SIZE } from './file-send.ts';
import { staticFiles } from './routes.ts';

let root = '';
let files = new WatchedFileSystem();
let readAhead = new ReadAhead();
let budget = new MemoryBudget(1 << 24);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'daemun-send-'));
  files = new WatchedFileSystem();
  readAhead = new ReadAhead();
  budget = new MemoryBudget(1 << 24);
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  assert.equal(files.opened.size, 0, 'a descriptor stayed open');
  assert.equal(budget.held, 0, 'memory stayed counted');
  assert.equal(readAhead.taken, 0, 'a place stayed taken');
});

/** Content in which every byte tells its place, so that a mix-up shows. */
function contentOf(size: number): Buffer {
  const content = Buffer.alloc(size);
  for (let at = 0; at < size; at++) content[at] = (at * 31 + (at >> 8) * 7 + (at >> 16)) & 255;
  return content;
}

function put(size: number): Buffer {
  const content = contentOf(size);
  writeFileSync(join(root, 'file'), content);
  return content;
}

function begin(fields = new Fields(), held = 0): MemoryRun {
  const model = filesModelFor(root, { keptFileSize: 0, symlinks: 'follow' });
  const { handler } = staticFiles(model, {
    clock: laterClock(),
    random: () => 0,
    files,
    readAhead,
  });
  budget.take(held);
  const request = { target: '/file', fields };
  const exchange = new MemoryExchange(request, memoryConnection(), budget);
  return new MemoryRun({ handlers: [handler] }, request, exchange);
}

for (const size of [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 3 * CHUNK_SIZE + 5]) {
  test(`a file of ${size} bytes arrives as it is, in chunks`, async () => {
    const content = put(size);
    const { exchange } = await begin().run();
    assert.equal(exchange.status, 200);
    assert.equal(exchange.sentLength, size);
    assert.ok(exchange.body.equals(content));
    assert.ok(exchange.ended);
    assert.equal(files.calls.read, Math.ceil(size / CHUNK_SIZE));
  });
}

for (const size of [1, CHUNK_SIZE, 3 * CHUNK_SIZE + 5]) {
  test(`a client that is full after every chunk gets ${size} bytes all the same`, async () => {
    const content = put(size);
    const run = begin();
    const { exchange } = run;
    exchange.full = true;
    run.context.run();
    while (!exchange.ended) {
      const { length } = exchange.body;
      await until(() => exchange.body.length > length || exchange.ended);
      exchange.takeDrain();
    }
    assert.ok(exchange.body.equals(content));
    exchange.finish();
    await run.ended;
  });
}

test('while the client is full one chunk is read ahead and no more', async () => {
  put(5 * CHUNK_SIZE);
  const run = begin();
  run.exchange.full = true;
  run.context.run();
  await until(() => files.readsDone === 2);
  assert.equal(run.exchange.body.length, CHUNK_SIZE);
  assert.equal(files.calls.read, 2);
  assert.equal(readAhead.taken, 1);
  run.exchange.takeDrain();
  assert.equal(run.exchange.body.length, 2 * CHUNK_SIZE);
  run.exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'response'));
  await until(() => files.opened.size === 0);
});

test('where too many read ahead, the next read waits for the client', async () => {
  put(3 * CHUNK_SIZE);
  readAhead = new ReadAhead(0);
  const run = begin();
  run.exchange.full = true;
  run.context.run();
  await until(() => files.readsDone === 1);
  assert.equal(run.exchange.body.length, CHUNK_SIZE);
  assert.equal(files.calls.read, 1);
  run.exchange.full = false;
  run.exchange.takeDrain();
  await run.ended;
  assert.equal(run.exchange.body.length, 3 * CHUNK_SIZE);
});

test('while memory is scarce chunks are small', async () => {
  const content = put(2 * SCARCE_CHUNK_SIZE + 1);
  const { exchange } = await begin(new Fields(), budget.limit / 2 + 1).run();
  budget.give(budget.limit / 2 + 1);
  assert.ok(exchange.body.equals(content));
  assert.deepEqual(
    files.reads.map((read) => read.length),
    [SCARCE_CHUNK_SIZE, SCARCE_CHUNK_SIZE, 1],
  );
});

test('a client that leaves during a read closes the file once, when the read is over', async () => {
  put(2 * CHUNK_SIZE);
  files.hold('read');
  const run = begin();
  run.context.run();
  await until(() => files.heldBack('read') === 1);
  run.exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'response'));
  assert.equal(run.finished, 1);
  assert.equal(files.opened.size, 1);
  files.letGo('read');
  await until(() => files.opened.size === 0);
  assert.equal(run.exchange.body.length, 0);
});

test('a client that leaves while its chunk waits closes the file at once', async () => {
  put(3 * CHUNK_SIZE);
  const run = begin();
  run.exchange.full = true;
  run.context.run();
  await until(() => files.readsDone === 2);
  assert.equal(readAhead.taken, 1);
  assert.equal(budget.held, CHUNK_SIZE);
  run.exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'response'));
  await until(() => files.opened.size === 0);
  run.context.onDrain();
});

test('a client that leaves before the file is open costs nothing', async () => {
  put(10);
  for (const call of ['open', 'fstat'] as const) {
    files.hold(call);
    const run = begin();
    run.context.run();
    await until(() => files.heldBack(call) === 1);
    run.exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'response'));
    files.letGo(call);
    await until(() => files.opened.size === 0 && files.calls.close === files.calls.open);
    assert.equal(run.exchange.body.length, 0);
  }
});

test('a file that becomes shorter cuts the answer off so that the client notices', async () => {
  put(3 * CHUNK_SIZE);
  const run = begin();
  run.exchange.full = true;
  run.context.run();
  await until(() => files.readsDone === 2);
  truncateSync(join(root, 'file'), 2 * CHUNK_SIZE);
  run.exchange.full = false;
  run.exchange.takeDrain();
  await run.ended;
  assert.equal(run.exchange.resetBy?.kind.code, 'file-truncated');
  assert.equal(run.exchange.ended, false);
  assert.equal(run.exchange.body.length, 2 * CHUNK_SIZE);
});

test('a file that becomes longer is sent in the length that was announced', async () => {
  const content = put(CHUNK_SIZE + 10);
  const run = begin();
  run.exchange.full = true;
  run.context.run();
  await until(() => run.exchange.body.length === CHUNK_SIZE);
  appendFileSync(join(root, 'file'), 'more');
  run.exchange.full = false;
  run.exchange.takeDrain();
  await run.ended;
  assert.ok(run.exchange.body.equals(content));
});

test('a disk that fails is an error page before the first byte and a broken answer behind it', async () => {
  put(2 * CHUNK_SIZE);
  files.failNext('read', 'EIO');
  const early = await begin().run();
  assert.equal(early.exchange.status, 500);
  assert.equal(early.exchange.fault?.kind.code, 'file-unreadable');
  const late = begin();
  late.exchange.full = true;
  files.beforeNext('read', () => files.beforeNext('read', () => files.failNext('read', 'EIO')));
  late.context.run();
  await late.ended;
  assert.equal(late.exchange.resetBy?.kind.code, 'file-unreadable');
  assert.equal(late.exchange.body.length, CHUNK_SIZE);
});

test('ranges come from their places in the file, one or several', async () => {
  const size = 2 * CHUNK_SIZE + 100;
  const content = put(size).toString('latin1');
  const range = `bytes=0-${CHUNK_SIZE},5-5,${size - 3}-`;
  for (const full of [false, true]) {
    const run = begin(Fields.of(['Range', range]));
    const { exchange } = run;
    exchange.full = full;
    run.context.run();
    while (!exchange.ended) {
      await new Promise((resolve) => setImmediate(resolve));
      exchange.takeDrain();
    }
    exchange.finish();
    await run.ended;
    const boundary = '0'.repeat(20);
    const part = (from: number, to: number): string =>
      `\r\n--${boundary}\r\nContent-Type: application/octet-stream\r\n` +
      `Content-Range: bytes ${from}-${to}/${size}\r\n\r\n${content.slice(from, to + 1)}`;
    assert.equal(exchange.status, 206);
    assert.equal(
      exchange.text,
      `${part(0, CHUNK_SIZE)}${part(5, 5)}${part(size - 3, size - 1)}\r\n--${boundary}--\r\n`,
    );
    assert.equal(exchange.sentLength, exchange.body.length);
  }
  const { exchange } = await begin(
    Fields.of(['Range', `bytes=${CHUNK_SIZE - 1}-${CHUNK_SIZE}`]),
  ).run();
  assert.equal(exchange.text, content.slice(CHUNK_SIZE - 1, CHUNK_SIZE + 1));
});

test('a head alone needs no descriptor', async () => {
  put(10);
  const model = filesModelFor(root, { keptFileSize: 0 });
  const { handler, cache } = staticFiles(model, { clock: laterClock(), random: () => 0, files });
  await new Promise((resolve) => cache.find('/file', resolve));
  await until(() => files.opened.size === 0);
  const { open } = files.calls;
  const request = { method: 'HEAD', target: '/file' };
  const { exchange } = await new MemoryRun({ handlers: [handler] }, request).run();
  assert.equal(exchange.sentLength, 10);
  assert.equal(files.calls.open, open);
});

test('a sink that throws ends the request and closes the file', async () => {
  put(CHUNK_SIZE);
  const run = begin();
  run.context.respond = () => {
    throw new Error('a filter is broken');
  };
  run.context.run();
  await until(() => run.exchange.status === 500);
  await run.ended;
  assert.equal(run.defects.length, 1);
  await until(() => files.opened.size === 0);
});
