import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Fields, memoryWebapp } from '../../../test/support/memory-webapp.ts';
import type { MemoryExchange } from '../../../test/support/memory-exchange.ts';
import { HttpServlet, type HttpServletRequest, type HttpServletResponse } from './index.ts';

async function ask(
  t: TestContext,
  servlet: new () => object,
  method: string,
  fields = new Fields(),
): Promise<MemoryExchange> {
  const app = await memoryWebapp(t, { servlets: { '/a': servlet } });
  return app.ask({ method, target: '/app/a', fields });
}

class Reads extends HttpServlet {
  override doGet(request: HttpServletRequest, response: HttpServletResponse): void {
    response.getWriter().print(`got ${request.getMethod()}`);
  }
}

class Writes extends HttpServlet {
  override doPost(_: HttpServletRequest, response: HttpServletResponse): void {
    response.setStatus(201);
  }
  override async doPut(_: HttpServletRequest, response: HttpServletResponse): Promise<void> {
    await Promise.resolve();
    response.setStatus(202);
  }
  override doDelete(_: HttpServletRequest, response: HttpServletResponse): void {
    response.setStatus(203);
  }
  override doPatch(_: HttpServletRequest, response: HttpServletResponse): void {
    response.setStatus(205);
  }
}

test('HttpServlet calls the method for the method of the request', async (t) => {
  assert.equal((await ask(t, Reads, 'GET')).text, 'got GET');
  assert.equal((await ask(t, Writes, 'POST')).status, 201);
  assert.equal((await ask(t, Writes, 'PUT')).status, 202);
  assert.equal((await ask(t, Writes, 'DELETE')).status, 203);
  assert.equal((await ask(t, Writes, 'PATCH')).status, 205);
});

test('HttpServlet answers HEAD with the head of GET', async (t) => {
  const head = await ask(t, Reads, 'HEAD');
  assert.equal(head.status, 200);
  assert.equal(head.sentLength, 'got HEAD'.length);
  assert.equal(head.body.length, 0);
});

test('HttpServlet refuses what a subclass does not have, and says what it has', async (t) => {
  for (const [servlet, method, allow] of [
    [Reads, 'POST', 'GET, HEAD, OPTIONS'],
    [Reads, 'PATCH', 'GET, HEAD, OPTIONS'],
    [Writes, 'GET', 'POST, PUT, DELETE, PATCH, OPTIONS'],
    [Writes, 'HEAD', 'POST, PUT, DELETE, PATCH, OPTIONS'],
    [HttpServlet, 'DELETE', 'OPTIONS'],
    [HttpServlet, 'PUT', 'OPTIONS'],
  ] as const) {
    const answer = await ask(t, servlet, method);
    assert.equal(answer.status, 405, method);
    assert.equal(answer.sentFields.getByName('Allow'), allow);
  }
});

test('HttpServlet answers OPTIONS with what there is, and methods of no standard with 501', async (t) => {
  const options = await ask(t, Reads, 'OPTIONS');
  assert.equal(options.status, 200);
  assert.equal(options.sentFields.getByName('Allow'), 'GET, HEAD, OPTIONS');
  assert.equal((await ask(t, Reads, 'get')).status, 501);
  assert.equal((await ask(t, Reads, 'BREW')).status, 501);
});

test('HttpServlet answers 304 where a servlet knows when it changed', async (t) => {
  const changed = Date.UTC(2026, 10, 20, 12) + 500;
  class Dated extends Reads {
    override getLastModified(): number {
      return changed;
    }
  }
  const since = (value: string): Fields => Fields.of(['If-Modified-Since', value]);
  const fresh = await ask(t, Dated, 'GET');
  assert.equal(fresh.sentFields.getByName('Last-Modified'), 'Fri, 20 Nov 2026 12:00:00 GMT');
  for (const [value, status] of [
    ['Fri, 20 Nov 2026 11:59:59 GMT', 200],
    ['Fri, 20 Nov 2026 12:00:00 GMT', 304],
    ['Fri, 20 Nov 2026 12:00:01 GMT', 304],
    ['yesterday', 200],
  ] as const) {
    assert.equal((await ask(t, Dated, 'GET', since(value))).status, status, value);
  }
});

test('GenericServlet says what is missing before it was made', () => {
  const servlet = new Reads();
  assert.throws(() => servlet.getServletName(), /init was not called/);
  assert.throws(() => servlet.getServletContext(), /super\.init/);
});
