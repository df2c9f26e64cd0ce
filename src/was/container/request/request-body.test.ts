import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../../../test/support/eventually.ts';
import { memoryConnection, MemoryExchange } from '../../../../test/support/memory-exchange.ts';
import { FORM, memoryWebapp } from '../../../../test/support/memory-webapp.ts';
import { Fault, MemoryBudget } from '../../../base/index.ts';
import { EXCHANGE_FAULTS, Fields } from '../../../http/message/index.ts';

const MULTIPART = { location: '', maxFileSize: -1, maxRequestSize: -1, fileSizeThreshold: 0 };

test('a form that is not well framed is the fault of the client', async (t) => {
  const { begin, application } = await memoryWebapp(t, {
    servlets: { '/a': (request) => void request.getParameter('a') },
  });
  const exchange = begin({ method: 'POST', target: '/app/a', fields: FORM, contentLength: -1 });
  await new Promise(setImmediate);
  exchange.takeData(Buffer.from('a='), 0, 2);
  const kind = { code: 'x', blame: 'client', status: 400, means: 'broken', cure: '' } as const;
  exchange.takeBodyFault(new Fault(kind, 'request-body'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(exchange.status, 400);
  assert.equal(application.active, 0);
  assert.equal(exchange.budget.held, 0);
});

test('a servlet for uploads is not asked when its client has left', async (t) => {
  let isAsked = false;
  const { begin, application } = await memoryWebapp(t, {
    servlets: { '/a': () => void (isAsked = true) },
    settings: { '/a': { multipart: MULTIPART } },
  });
  const fields = Fields.of(['Content-Type', 'multipart/form-data; boundary=x']);
  const exchange = begin({ method: 'POST', target: '/app/a', fields, contentLength: 100 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'request-body'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(isAsked, false);
  assert.equal(application.active, 0);
  assert.equal(exchange.budget.held, 0);
});

test('bytes of a body count against the memory of the thread until they are read or the request is over', async (t) => {
  let go: () => void = () => {};
  const { begin } = await memoryWebapp(t, {
    servlets: {
      '/form': async (request) => {
        request.getParameter('a');
        await new Promise<void>((resolve) => (go = resolve));
      },
      '/stream': async (request) => {
        await request.getInputStream().read();
        await new Promise<void>((resolve) => (go = resolve));
      },
    },
  });
  for (const [target, held] of [
    ['/app/form', 10],
    ['/app/stream', 5],
  ] as const) {
    const exchange = begin({ method: 'POST', target, fields: FORM, contentLength: 10 });
    await new Promise(setImmediate);
    for (let i = 0; i < 2; i++) exchange.takeData(Buffer.from('a=bcd'), 0, 5);
    exchange.takeEnd(null);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(exchange.budget.held, held, target);
    go();
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(exchange.budget.held, 0, target);
  }
});

test('forms that trickle in leave half of the memory to others', async (t) => {
  const { site } = await memoryWebapp(t, {
    servlets: { '/a': (request) => void request.getParameter('a') },
  });
  const budget = new MemoryBudget(1000);
  const head = { method: 'POST', target: '/app/a', fields: FORM, contentLength: 400 };
  const send = async (length: number): Promise<MemoryExchange> => {
    const exchange = new MemoryExchange(head, memoryConnection(), budget);
    site.ask(exchange);
    await new Promise(setImmediate);
    exchange.takeData(Buffer.alloc(length, 'a'), 0, length);
    await new Promise(setImmediate);
    return exchange;
  };
  const first = await send(399);
  const half = await send(101);
  assert.deepEqual([first.status, half.status], [0, 0]);
  const refused = await send(1);
  assert.equal(refused.status, 503);
  assert.equal(budget.held, 500);
  first.takeData(Buffer.from('a'), 0, 1);
  first.takeEnd(null);
  await new Promise(setImmediate);
  assert.equal(first.status, 200);
});

test('fields of uploads count as well', async (t) => {
  let go: () => void = () => {};
  const { site } = await memoryWebapp(t, {
    servlets: {
      '/a': async (request, response) => {
        response.getWriter().print(request.getParameter('a')?.length);
        await new Promise<void>((resolve) => (go = resolve));
      },
    },
    settings: { '/a': { multipart: MULTIPART } },
  });
  const budget = new MemoryBudget(1000);
  const fields = Fields.of(['Content-Type', 'multipart/form-data; boundary=x']);
  const send = async (length: number): Promise<MemoryExchange> => {
    const exchange = new MemoryExchange(
      { method: 'POST', target: '/app/a', fields, contentLength: -1 },
      memoryConnection(),
      budget,
    );
    site.ask(exchange);
    await eventually('a claim of the body', () => exchange.bodyClaimed);
    const body = `--x\r\nContent-Disposition: form-data; name=a\r\n\r\n${'a'.repeat(length)}\r\n--x--\r\n`;
    exchange.takeData(Buffer.from(body), 0, body.length);
    exchange.takeEnd(null);
    return exchange;
  };
  const first = await send(500);
  await eventually('its parts', () => budget.held === 500);
  const second = await send(1);
  await eventually('an answer', () => second.finished);
  assert.equal(second.status, 503);
  go();
  await eventually('the end of it', () => first.finished);
  assert.equal(first.text, '500');
  assert.equal(budget.held, 0);
});
