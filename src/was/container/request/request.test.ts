import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { FORM, memoryWebapp } from '../../../../test/support/memory-webapp.ts';
import { MemoryExchange, type MemoryRequest } from '../../../../test/support/memory-exchange.ts';
import { Fields } from '../../../http/message/index.ts';
import { type HttpServletRequest, IllegalStateException, type Work } from '../../api/index.ts';

const MULTIPART = { location: '', maxFileSize: -1, maxRequestSize: -1, fileSizeThreshold: 0 };

async function ask(
  t: TestContext,
  request: MemoryRequest & { readonly body?: string | Uint8Array },
  look: (request: HttpServletRequest) => Work,
): Promise<MemoryExchange> {
  const app = await memoryWebapp(t, { servlets: { '/a/*': (asked) => look(asked) } });
  const answer = await app.ask({ target: '/app/a', ...request });
  assert.equal(answer.status, 200, app.site.errorLines.join(''));
  return answer;
}

test('header fields are found in any case, with all their values', async (t) => {
  const fields = Fields.of(['X-A', '1'], ['Accept', 'b'], ['x-a', '2'], ['X-Int', '-7']);
  await ask(t, { fields }, (request) => {
    assert.equal(request.getHeader('x-A'), '1');
    assert.deepEqual(request.getHeaders('X-a'), ['1', '2']);
    assert.equal(request.getHeader('none'), null);
    assert.deepEqual(request.getHeaders('none'), []);
    assert.deepEqual(request.getHeaderNames(), ['X-A', 'Accept', 'X-Int']);
    assert.equal(request.getIntHeader('x-int'), -7);
    assert.equal(request.getIntHeader('none'), -1);
  });
});

test('numbers and dates of the header are read strictly', async (t) => {
  const fields = Fields.of(
    ['A', '1e3'],
    ['B', ''],
    ['C', '--1'],
    ['D', 'yesterday'],
    ['E', 'Fri, 20 Nov 2026 12:00:00 GMT'],
  );
  await ask(t, { fields }, (request) => {
    for (const name of ['A', 'B', 'C']) assert.throws(() => request.getIntHeader(name), RangeError);
    assert.throws(() => request.getDateHeader('D'), RangeError);
    assert.equal(request.getDateHeader('E'), Date.UTC(2026, 10, 20, 12));
    assert.equal(request.getDateHeader('none'), -1);
  });
});

test('names such as __proto__ are names like others', async (t) => {
  const fields = Fields.of(['__proto__', 'a']);
  await ask(t, { fields, target: '/app/a?__proto__=b&constructor=c' }, (request) => {
    assert.equal(request.getHeader('__proto__'), 'a');
    assert.equal(request.getParameter('__proto__'), 'b');
    assert.equal(request.getParameter('constructor'), 'c');
    assert.equal(request.getParameter('toString'), null);
    assert.equal(request.getAttribute('__proto__'), null);
    request.setAttribute('__proto__', 1);
    assert.deepEqual(request.getAttributeNames(), ['__proto__']);
  });
});

test('cookies come in their order; what is no cookie is left out', async (t) => {
  const fields = Fields.of(['Cookie', 'a=1; b="2"; =3; c; d=4 5; e=6'], ['Cookie', 'a=7']);
  await ask(t, { fields }, (request) => {
    const found = request.getCookies().map((cookie) => `${cookie.getName()}=${cookie.getValue()}`);
    assert.deepEqual(found, ['a=1', 'b="2"', 'e=6', 'a=7']);
  });
});

test('server name and port are what the client asked for', async (t) => {
  await ask(t, { host: 'example.com' }, (request) => {
    assert.equal(request.getServerName(), 'example.com');
    assert.equal(request.getServerPort(), 80);
    assert.equal(request.getRequestURL(), 'http://example.com/app/a');
    assert.equal(request.getScheme(), 'http');
    assert.equal(request.isSecure(), false);
    assert.equal(request.getProtocol(), 'HTTP/1.1');
    assert.equal(request.getRemoteAddr(), '127.0.0.1');
    assert.equal(request.getRemotePort(), 50_000);
    assert.equal(request.getLocalPort(), 8080);
  });
});

test('parameters come from the query, then from the form', async (t) => {
  const target = '/app/a?x=1&y=%EB%8C%80+%EB%AC%B8&x=2&z';
  const body = 'x=3&w=%2B';
  await ask(t, { method: 'POST', target, fields: FORM, body }, async (request) => {
    assert.equal(request.getParameter('x'), '1');
    assert.deepEqual(request.getParameterValues('x'), ['1', '2', '3']);
    assert.equal(request.getParameter('y'), '대 문');
    assert.equal(request.getParameter('z'), '');
    assert.equal(request.getParameter('w'), '+');
    assert.equal(request.getParameter('none'), null);
    assert.equal(request.getParameterValues('none'), null);
    assert.deepEqual(request.getParameterNames(), ['x', 'y', 'z', 'w']);
    assert.equal(request.getParameterMap().size, 4);
    assert.equal((await request.getInputStream().readAll()).length, 0);
  });
});

test('a form is read in the charset that it or the servlet names', async (t) => {
  const body = 'a=%e9';
  await ask(t, { method: 'POST', fields: FORM, body }, (request) => {
    assert.equal(request.getCharacterEncoding(), null);
    request.setCharacterEncoding('iso-8859-1');
    assert.equal(request.getParameter('a'), 'é');
    assert.throws(() => request.setCharacterEncoding('utf-nine'), RangeError);
  });
  const named = Fields.of([
    'Content-Type',
    'application/x-www-form-urlencoded; charset=ISO-8859-1',
  ]);
  await ask(t, { method: 'POST', fields: named, body }, (request) => {
    assert.equal(request.getCharacterEncoding(), 'ISO-8859-1');
    assert.equal(request.getParameter('a'), 'é');
  });
});

test('only the body of a POST brings parameters, and only of its type', async (t) => {
  await ask(t, { method: 'PUT', fields: FORM, body: 'a=1' }, (request) => {
    assert.equal(request.getParameter('a'), null);
  });
  const json = Fields.of(['Content-Type', 'application/json']);
  await ask(t, { method: 'POST', fields: json, body: 'a=1' }, async (request) => {
    assert.equal(request.getParameter('a'), null);
    assert.equal(await request.getReader().readAll(), 'a=1');
  });
});

test('the body can be read as bytes, in pieces and whole', async (t) => {
  await ask(t, { method: 'POST', body: 'hello' }, async (request) => {
    assert.equal(request.getContentLength(), 5);
    const pieces: string[] = [];
    for await (const piece of request.getInputStream()) pieces.push(Buffer.from(piece).toString());
    assert.equal(pieces.join(''), 'hello');
    assert.equal(await request.getInputStream().read(), null);
    assert.throws(() => request.getReader(), IllegalStateException);
  });
  await ask(t, { method: 'POST', body: 'hello' }, async (request) => {
    const stream = request.getInputStream();
    await assert.rejects(stream.readAll(4), { name: 'BodyTooLargeException' });
  });
});

test('the body can be read as text', async (t) => {
  await ask(t, { method: 'POST', body: '대문' }, async (request) => {
    assert.equal(await request.getReader().readAll(), '대문');
    assert.throws(() => request.getInputStream(), IllegalStateException);
  });
});

test('a request without a body ends at once', async (t) => {
  await ask(t, {}, async (request) => {
    assert.equal(request.getContentLength(), -1);
    assert.equal(await request.getInputStream().read(), null);
    assert.equal((await request.getInputStream().readAll()).length, 0);
  });
});

test('a client that sends faster than the servlet reads is held back', async (t) => {
  let go: () => void = () => {};
  const app = await memoryWebapp(t, {
    servlets: {
      '/a': async (request) => {
        const input = request.getInputStream();
        await input.read();
        await new Promise<void>((resolve) => (go = resolve));
        await input.readAll();
      },
    },
  });
  const exchange = new MemoryExchange({ method: 'POST', target: '/app/a', contentLength: 300_000 });
  app.site.ask(exchange);
  await new Promise(setImmediate);
  for (let i = 0; i < 3; i++) {
    exchange.takeData(new Uint8Array(100_000), 0, 100_000);
    await new Promise(setImmediate);
  }
  assert.equal(exchange.paused, true);
  go();
  await new Promise(setImmediate);
  assert.equal(exchange.paused, false);
  exchange.takeEnd(null);
  await new Promise(setImmediate);
  assert.equal(exchange.status, 200);
});

test('a body that breaks off fails the read', async (t) => {
  let failure: unknown = null;
  const app = await memoryWebapp(t, {
    servlets: {
      '/a': async (request) => {
        await request
          .getInputStream()
          .readAll()
          .catch((error: unknown) => (failure = error));
        assert.equal(request.getAbortSignal().aborted, true);
      },
    },
  });
  const exchange = app.begin({ method: 'POST', target: '/app/a', contentLength: 10 });
  await new Promise(setImmediate);
  exchange.takeData(new Uint8Array(5), 0, 5);
  const { Fault } = await import('../../../base/index.ts');
  const { EXCHANGE_FAULTS } = await import('../../../http/message/index.ts');
  exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'request-body'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal((failure as Error).name, 'ClientAbortException');
  assert.equal(app.application.active, 0);
});

test('attributes are remembered and forgotten', async (t) => {
  await ask(t, {}, (request) => {
    assert.deepEqual(request.getAttributeNames(), []);
    request.setAttribute('a', 1);
    request.setAttribute('b', { c: 2 });
    assert.equal(request.getAttribute('a'), 1);
    request.setAttribute('a', null);
    request.removeAttribute('b');
    assert.equal(request.getAttribute('a'), null);
    assert.deepEqual(request.getAttributeNames(), []);
  });
});

test('languages, path of the file, and what else a servlet may ask', async (t) => {
  const fields = Fields.of(['Accept-Language', 'ko, en;q=0.5']);
  await ask(t, { fields, target: '/app/a/b%20c' }, (request) => {
    assert.deepEqual(request.getLocales(), ['ko', 'en']);
    assert.match(request.getPathTranslated() ?? '', /daemun-webapp-.*\/b c$/);
    assert.match(request.getRequestId(), /^[0-9a-f]{32}$/);
    assert.equal(request.getDispatcherType(), 'REQUEST');
    const mapping = request.getHttpServletMapping();
    assert.equal(mapping.getPattern(), '/a/*');
    assert.equal(mapping.getMatchValue(), 'b c');
    assert.equal(mapping.getServletName(), '/a/*');
    assert.equal(mapping.getMappingMatch(), 'PATH');
  });
});

test('parts are for servlets with multipart-config', async (t) => {
  const fields = Fields.of(['Content-Type', 'multipart/form-data; boundary=x']);
  const body = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n대\r\n--x--\r\n';
  await ask(t, { method: 'POST', fields, body: Buffer.from(body) }, async (request) => {
    await assert.rejects(request.getParts(), /multipart-config/);
    assert.equal(request.getParameter('a'), null);
  });
  const multipart = MULTIPART;
  const app = await memoryWebapp(t, {
    servlets: {
      '/a': async (request, response) => {
        // Without waiting: the form was read before the servlet was asked.
        response.getWriter().print(request.getParameter('a'));
        const part = await request.getPart('a');
        response.getWriter().print(` ${part?.getSize()} ${(await request.getParts()).length}`);
      },
    },
    settings: { '/a': { multipart } },
  });
  const answer = await app.ask({
    method: 'POST',
    target: '/app/a?a=first',
    fields,
    body: Buffer.from(body),
  });
  assert.equal(answer.body.toString(), 'first 3 1');
  const broken = await app.ask({ method: 'POST', target: '/app/a', fields, body: '--x\r\nbroken' });
  assert.equal(broken.status, 400);
});

test('a form that is too large is answered 413 when parameters are asked for, and can still be read', async (t) => {
  const app = await memoryWebapp(t, {
    servlets: {
      '/parameters': (request) => void request.getParameter('a'),
      '/stream': async (request, response) => {
        const body = await request.getInputStream().readAll();
        response.getWriter().print(body.length);
      },
    },
  });
  const body = `a=${'x'.repeat(2 * 1024 * 1024)}`;
  const target = (name: string) => ({ method: 'POST', target: `/app/${name}`, fields: FORM, body });
  assert.equal((await app.ask({ ...target('parameters'), contentLength: -1 })).status, 413);
  assert.equal((await app.ask(target('stream'))).text, String(body.length));
  const largest = body.slice(0, 2 * 1024 * 1024);
  assert.equal((await app.ask({ ...target('parameters'), body: largest })).status, 200);
});

test('two readers of one body get each byte once', async (t) => {
  const app = await memoryWebapp(t, {
    servlets: {
      '/a': async (request, response) => {
        const input = request.getInputStream();
        const read = async (): Promise<number> => (await input.readAll()).length;
        const lengths = await Promise.all([read(), read()]);
        response.getWriter().print(lengths.reduce((sum, length) => sum + length, 0));
      },
    },
  });
  const exchange = new MemoryExchange({ method: 'POST', target: '/app/a', contentLength: 30 });
  app.site.ask(exchange);
  for (let i = 0; i < 3; i++) {
    await new Promise(setImmediate);
    exchange.takeData(new Uint8Array(10), 0, 10);
  }
  exchange.takeEnd(null);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(exchange.text, '30');
});

test('uploads are taken also when somebody has cleaned up their directory', async (t) => {
  const app = await memoryWebapp(t, {
    servlets: {
      '/a': async (request, response) => {
        const part = await request.getPart('f');
        response.getWriter().print(part?.getSize());
      },
    },
    settings: { '/a': { multipart: { ...MULTIPART, location: 'not/there/yet' } } },
  });
  const fields = Fields.of(['Content-Type', 'multipart/form-data; boundary=x']);
  const head = 'Content-Disposition: form-data; name="f"; filename="f"';
  const body = `--x\r\n${head}\r\n\r\n${'x'.repeat(100)}\r\n--x--\r\n`;
  const answer = await app.ask({ method: 'POST', target: '/app/a', fields, body });
  assert.equal(answer.text, '100');
});
