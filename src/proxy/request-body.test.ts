/** The two ways of a request body to a server: as it comes, and kept until it is complete. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Fault, MemoryBudget } from '../base/index.ts';
import { H1_REQUEST_FAULTS } from '../http/h1/index.ts';
import { CALL_FAULTS, EXCHANGE_FAULTS, Fields, UNKNOWN_LENGTH } from '../http/message/index.ts';
import { eventually } from '../../test/support/eventually.ts';
import { memoryConnection, MemoryExchange } from '../../test/support/memory-exchange.ts';
import { ProxySite, type ProxySetting } from '../../test/support/proxy-site.ts';

const directory = mkdtempSync(join(tmpdir(), 'daemun-spool-'));
after(() => {
  rmSync(directory, { recursive: true });
});

const LINUX = existsSync('/proc/self/fd');

/** Spool files that this process has open; only Linux tells. */
function spoolFiles(): number {
  if (!LINUX) return 0;
  let open = 0;
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory)) open++;
    } catch {
      // the descriptor that lists the directory is gone by now
    }
  }
  return open;
}

const NONE = new Fault(CALL_FAULTS['call-unanswered'], 'upstream-head');
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

function give(exchange: MemoryExchange, text: string): void {
  exchange.takeData(bytes(`<${text}>`), 1, text.length + 1);
}

function spoolSite(memory: number, file: number, more: ProxySetting = {}): ProxySite {
  return new ProxySite({
    ...more,
    route: { bodySpool: { memory, file, directory }, ...more.route },
  });
}

function upload(
  method = 'PUT',
  length = UNKNOWN_LENGTH,
  budget = new MemoryBudget(1 << 20),
): MemoryExchange {
  return new MemoryExchange({ method, contentLength: length }, memoryConnection(), budget);
}

describe('a body that is kept until it is complete', () => {
  for (const [where, memory, cuts] of [
    ['in memory', 100, 3],
    ['in a file', 0, 3],
    ['in both', 4, 3],
    ['in both, at the boundary', 5, 5],
    ['in both, one byte further', 5, 4],
  ] as const) {
    test(`${where} reaches the server whole and with its length, and another server as well`, async () => {
      const site = spoolSite(memory, 1000, { peers: [{}, {}] });
      const exchange = site.ask(upload());
      const text = 'abcdefghij\xff\0';
      for (let at = 0; at < text.length; at += cuts) give(exchange, text.slice(at, at + cuts));
      assert.equal(site.server(0).calls.length, 0, 'a server is asked before the body is complete');
      exchange.takeEnd(Fields.of(['X-Sum', '1']));
      await eventually('the first server', () => site.server(0).calls.length === 1);
      await eventually('the body', () => site.server(0).last.ended);
      assert.equal(site.server(0).last.request.length, text.length);
      assert.equal(site.server(0).last.body, text);
      site.server(0).last.sent = 'body';
      site.server(0).last.receiver.onAbort(NONE);
      await eventually('the body again', () => site.server(1).last.ended);
      assert.equal(site.server(1).last.body, text);
      assert.equal(site.server(1).last.trailers?.getByName('x-sum'), '1');
      assert.ok(exchange.budget.held <= memory, `${exchange.budget.held} bytes in memory`);
      site.server(1).last.answer(200, 'ok');
      assert.equal(exchange.text, 'ok');
      assert.equal(exchange.budget.held, 0);
      assert.deepEqual(readdirSync(directory), [], 'the file has no name');
    });
  }

  test('is sent no faster than the server takes it, and goes on where it stopped', async () => {
    const site = spoolSite(3, 1 << 20);
    const exchange = site.ask(upload());
    const text = 'x'.repeat(600_000);
    give(exchange, 'abc');
    give(exchange, text);
    site.server(0).full = true;
    exchange.takeEnd(null);
    await eventually('the call', () => site.server(0).calls.length === 1);
    const call = site.server(0).last;
    assert.equal(call.body, 'abc', 'what was in memory is one piece');
    call.receiver.onDrain();
    await eventually('a piece of the file', () => call.body.length > 3);
    const sofar = call.body.length;
    assert.ok(sofar < 600_003);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(call.body.length, sofar, 'nothing comes while the server is full');
    call.full = false;
    call.receiver.onDrain();
    await eventually('the rest', () => call.ended);
    assert.equal(call.body, `abc${text}`);
    call.answer(204);
  });

  test('in memory is not kept byte by byte, however it comes', () => {
    const site = spoolSite(1 << 20, 0);
    const exchange = site.ask(upload());
    let body = '';
    for (let i = 0; i < 20_000; i++) {
      const byte = String.fromCharCode(0x20 + (i % 90));
      body += byte;
      give(exchange, byte);
    }
    site.server(0).full = true;
    exchange.takeEnd(null);
    const call = site.server(0).last;
    let pieces = 1;
    for (; !call.ended && pieces < 20_000; pieces++) call.receiver.onDrain();
    assert.equal(call.body, body);
    assert.ok(pieces < 500, `${pieces} pieces`);
  });

  test('in memory stops at once when the server is full', () => {
    const site = spoolSite(100, 0);
    const exchange = site.ask(upload());
    give(exchange, 'abc');
    give(exchange, 'def');
    site.server(0).full = true;
    exchange.takeEnd(null);
    const call = site.server(0).last;
    assert.equal(call.body, 'abc');
    call.receiver.onDrain();
    assert.equal(call.body, 'abcdef');
    assert.equal(call.ended, false);
    call.receiver.onDrain();
    assert.equal(call.ended, true);
  });

  for (const [what, size, fits] of [
    ['of exactly the limit', 10, true],
    ['of one byte more', 11, false],
  ] as const) {
    test(`${what} is ${fits ? 'taken' : '413, and no server hears of it'}`, async () => {
      const site = spoolSite(4, 6);
      const exchange = site.ask(upload());
      give(exchange, 'abcd');
      give(exchange, 'x'.repeat(size - 4));
      exchange.takeEnd(null);
      if (fits) {
        await eventually('the call', () => site.server(0).calls.length === 1);
        site.server(0).last.answer(204);
      } else {
        assert.equal(exchange.status, 413);
        assert.equal(exchange.fault?.kind.code, 'spool-full');
        assert.equal(site.server(0).calls.length, 0);
        assert.equal(exchange.closes, true);
      }
    });
  }

  test('keeps its order when a small piece comes behind one that went to the file', async () => {
    const site = spoolSite(4, 100);
    const exchange = site.ask(upload());
    give(exchange, 'ab');
    give(exchange, 'cdefg');
    give(exchange, 'h');
    give(exchange, 'i');
    exchange.takeEnd(null);
    await eventually('the body', () => site.servers[0]?.calls[0]?.ended === true);
    assert.equal(site.server(0).last.body, 'abcdefghi');
    site.server(0).last.answer(204);
  });

  test('is not read faster than the file is written, and the file is closed behind it', async () => {
    const site = spoolSite(0, 100);
    const exchange = site.ask(upload());
    give(exchange, 'abc');
    assert.equal(exchange.paused, true);
    await eventually('the write', () => !exchange.paused);
    assert.equal(spoolFiles(), LINUX ? 1 : 0);
    exchange.takeEnd(null);
    await eventually('the body', () => site.servers[0]?.calls[0]?.ended === true);
    site.server(0).last.answer(204);
    await eventually('the file to be closed', () => spoolFiles() === 0);
  });

  test('goes to the file at once where the thread has no memory left', async () => {
    const budget = new MemoryBudget(100);
    const site = spoolSite(1000, 1000);
    const exchange = site.ask(upload('PUT', 3, budget));
    budget.take(100);
    give(exchange, 'abc');
    exchange.takeEnd(null);
    await eventually('the body', () => site.servers[0]?.calls[0]?.ended === true);
    assert.equal(budget.held, 100);
    assert.equal(site.server(0).last.body, 'abc');
  });

  test('that breaks off is nobody’s request, and leaves nothing behind', async () => {
    for (const memory of [100, 0]) {
      const site = spoolSite(memory, 100);
      const exchange = site.ask(upload('PUT', 10));
      give(exchange, 'abc');
      exchange.takeBodyFault(new Fault(H1_REQUEST_FAULTS['h1-body-timeout'], 'request-body'));
      assert.equal(exchange.status, 408);
      assert.equal(site.server(0).calls.length, 0);
      // oxlint-disable-next-line no-await-in-loop -- the second case begins where the first left nothing
      await eventually('nothing to be held', () => exchange.budget.held === 0);
    }
    assert.deepEqual(readdirSync(directory), []);
  });

  test('whose file cannot be made is 500', async () => {
    const site = new ProxySite({
      route: { bodySpool: { memory: 0, file: 100, directory: join(directory, 'missing') } },
    });
    const exchange = site.ask(upload('PUT', 3));
    give(exchange, 'abc');
    exchange.takeEnd(null);
    await eventually('the answer', () => exchange.finished);
    assert.equal(exchange.status, 500);
    assert.equal(exchange.fault?.kind.code, 'spool-failed');
    assert.equal(exchange.budget.held, 0);
    assert.throws(() => statSync(join(directory, 'missing')));
  });

  test('is given back when the client leaves while it is sent', async () => {
    const site = spoolSite(2, 1000);
    const exchange = site.ask(upload('PUT', 6));
    give(exchange, 'ab');
    give(exchange, 'cdef');
    exchange.takeEnd(null);
    await eventually('the call', () => site.server(0).calls.length === 1);
    exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'response'));
    assert.notEqual(site.server(0).last.aborted, null);
    assert.equal(exchange.budget.held, 0);
    assert.equal(site.active, 0);
  });
});

describe('a body that is passed on as it comes', () => {
  const route = { requestBody: 'stream' } as const;

  test('reaches the server at once, piece by piece, and no faster than it is taken', () => {
    const site = new ProxySite({ route });
    const exchange = site.ask(upload('POST'));
    const call = site.server(0).last;
    assert.equal(call.request.length, UNKNOWN_LENGTH);
    give(exchange, 'abc');
    assert.equal(call.body, 'abc');
    assert.equal(exchange.paused, false);
    call.full = true;
    give(exchange, 'def');
    assert.equal(exchange.paused, true);
    call.full = false;
    call.receiver.onDrain();
    assert.equal(exchange.paused, false);
    exchange.takeEnd(Fields.of(['X-Sum', '1']));
    assert.equal(call.trailers?.getByName('x-sum'), '1');
    call.answer(200, 'ok');
    assert.equal(exchange.text, 'ok');
  });

  for (const [pieces, again] of [
    [256, true],
    [257, false],
  ] as const) {
    test(`in ${pieces} small pieces is ${again ? '' : 'not '}kept for the next server`, () => {
      const site = new ProxySite({ peers: [{}, {}], route });
      const exchange = site.ask(upload());
      const call = site.server(0).last;
      call.sent = 'body';
      for (let i = 0; i < pieces; i++) give(exchange, 'x');
      call.receiver.onAbort(NONE);
      assert.equal(exchange.status, again ? 0 : 502);
    });
  }

  test('goes to the next server from its beginning while that is kept', () => {
    const site = new ProxySite({ peers: [{}, {}, {}], route });
    const exchange = site.ask(upload('PUT', 70_000));
    give(exchange, 'a'.repeat(60_000));
    site.server(0).last.sent = 'body';
    site.server(0).last.receiver.onAbort(NONE);
    assert.equal(site.server(1).last.body.length, 60_000);
    site.server(1).last.sent = 'body';
    give(exchange, 'b'.repeat(10_000));
    exchange.takeEnd(null);
    assert.equal(site.server(1).last.body.length, 70_000);
    assert.equal(site.server(1).last.ended, true);
    site.server(1).last.receiver.onAbort(NONE);
    assert.equal(site.server(2).calls.length, 0, 'a body that is not kept was sent again');
    assert.equal(exchange.status, 502);
  });

  test('counts as held while it is kept, and no longer', () => {
    const site = new ProxySite({ route });
    const budget = new MemoryBudget(1 << 20);
    const exchange = upload('PUT', UNKNOWN_LENGTH, budget);
    site.ask(exchange);
    site.server(0).last.sent = 'head';
    give(exchange, 'a'.repeat(40_000));
    give(exchange, 'b'.repeat(25_536));
    assert.equal(budget.held, 65_536);
    give(exchange, 'c');
    assert.equal(budget.held, 0);
    give(exchange, 'd');
    assert.equal(budget.held, 0);
    exchange.takeEnd(null);
    site.server(0).last.answer(200, 'ok');
    assert.equal(budget.held, 0);
    for (const ending of ['answer', 'client']) {
      const other = upload('PUT', UNKNOWN_LENGTH, budget);
      site.ask(other);
      give(other, 'abc');
      assert.equal(budget.held, 3);
      if (ending === 'answer') site.server(0).last.answer(200, 'ok');
      else other.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'request-body'));
      assert.equal(budget.held, 0, ending);
    }
  });

  test('that is complete goes to the next server with its end', () => {
    const site = new ProxySite({ peers: [{}, {}], route });
    const exchange = site.ask(upload('PUT', 3));
    give(exchange, 'abc');
    exchange.takeEnd(null);
    site.server(0).last.sent = 'body';
    site.server(0).last.receiver.onAbort(NONE);
    assert.equal(site.server(1).last.body, 'abc');
    assert.equal(site.server(1).last.ended, true);
    site.server(1).last.answer(204);
    assert.equal(exchange.status, 204);
  });

  test('that breaks off ends the request to the server', () => {
    const site = new ProxySite({ peers: [{}, {}], route });
    const exchange = site.ask(upload('PUT', 10));
    give(exchange, 'abc');
    exchange.takeBodyFault(new Fault(H1_REQUEST_FAULTS['h1-body-cut'], 'request-body'));
    assert.notEqual(site.server(0).last.aborted, null);
    assert.equal(site.server(1).calls.length, 0);
    assert.equal(exchange.status, 400);
    assert.equal(site.active, 0);
  });

  test('that grows above the limit of the location is 413', () => {
    const site = new ProxySite({ route, location: { bodyLimit: 5 } });
    const exchange = site.ask(upload('PUT'));
    give(exchange, 'abc');
    give(exchange, 'def');
    assert.equal(exchange.status, 413);
    assert.notEqual(site.server(0).last.aborted, null);
    assert.equal(site.server(0).last.body, 'abc');
  });

  test('is nobody’s any more when the server has answered', () => {
    const site = new ProxySite({ route });
    const exchange = site.ask(upload('PUT', 10));
    give(exchange, 'abc');
    site.server(0).last.answer(403, 'no');
    give(exchange, 'def');
    assert.equal(exchange.status, 403);
    assert.equal(site.server(0).last.body, 'abc');
    assert.equal(exchange.finished, true);
  });
});

test('an error page is asked for without the body of the request that failed', () => {
  const site = new ProxySite({
    route: { requestBody: 'stream' },
    location: { errorPages: new Map([[502, { path: '/sorry', status: 0 }]]) },
  });
  const exchange = site.ask(upload('POST', 3));
  give(exchange, 'abc');
  exchange.takeEnd(null);
  site.server(0).last.sent = 'body';
  site.server(0).last.receiver.onAbort(NONE);
  assert.equal(site.server(0).calls.length, 2);
  const page = site.server(0).last.request;
  assert.equal(page.method, 'GET');
  assert.equal(page.target, '/sorry');
  assert.equal(page.length, 0);
  site.server(0).last.answer(200, 'sorry');
  assert.equal(exchange.status, 502);
  assert.equal(exchange.text, 'sorry');
});
