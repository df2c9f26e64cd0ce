import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filter, memoryWebapp, type Serve } from '../../../test/support/memory-webapp.ts';
import { MemoryExchange } from '../../../test/support/memory-exchange.ts';
import { Fault } from '../../base/index.ts';
import { EXCHANGE_FAULTS } from '../../http/message/index.ts';
import {
  type HttpServletResponse,
  HttpServletResponseWrapper,
  UnavailableException,
} from '../api/index.ts';

const hello: Serve = (_, response) => response.getWriter().print('hello');

test('filters see a request in their order, and its answer in the reverse', async (t) => {
  const note = (name: string) =>
    filter(async (request, response, chain) => {
      response.getWriter().print(`<${name}`);
      await chain.doFilter(request, response);
      response.getWriter().print(`${name}>`);
    });
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/a': async (_, response) => {
        await new Promise(setImmediate);
        response.getWriter().print('.');
      },
    },
    filters: { b: note('b'), a: note('a') },
    filterMappings: [
      { filterName: 'a', patterns: ['/*'] },
      { filterName: 'b', servletNames: ['/a'] },
    ],
  });
  assert.equal((await ask({ target: '/app/a' })).text, '<a<b.b>a>');
});

test('a filter can answer itself, or put wrappers in', async (t) => {
  class Upper extends HttpServletResponseWrapper {
    override getWriter(): ReturnType<HttpServletResponse['getWriter']> {
      const writer = super.getWriter();
      const print = writer.print.bind(writer);
      writer.print = (value) => print(String(value).toUpperCase());
      return writer;
    }
  }
  const { ask } = await memoryWebapp(t, {
    servlets: { '/a': hello, '/b': hello },
    filters: {
      stop: filter((_, response) => response.sendError(403)),
      wrap: filter((request, response, chain) => chain.doFilter(request, new Upper(response))),
    },
    filterMappings: [
      { filterName: 'wrap', patterns: ['/a'] },
      { filterName: 'stop', patterns: ['/b'] },
    ],
  });
  assert.equal((await ask({ target: '/app/a' })).text, 'HELLO');
  assert.equal((await ask({ target: '/app/b' })).status, 403);
});

test('a filter that forgets to wait does not cut the servlet off', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/a': async (_, response) => {
        await new Promise(setImmediate);
        response.getWriter().print('later');
      },
    },
    filters: {
      forgetful: filter((request, response, chain) => void chain.doFilter(request, response)),
    },
    filterMappings: [{ filterName: 'forgetful', patterns: ['/*'] }],
  });
  assert.equal((await ask({ target: '/app/a' })).text, 'later');
});

for (const [kind, fail] of [
  [
    'throws',
    () => {
      throw new TypeError('broken');
    },
  ],
  ['rejects', () => Promise.reject(new TypeError('broken'))],
] as const) {
  test(`a servlet that ${kind} is answered 500, and the log names application, servlet and line`, async (t) => {
    const { ask, site, application } = await memoryWebapp(t, {
      servlets: {
        '/a': (_, response) => {
          response.getWriter().print('half a secret');
          response.setHeader('X-A', '1');
          return fail();
        },
      },
    });
    const answer = await ask({ target: '/app/a' });
    assert.equal(answer.status, 500);
    assert.doesNotMatch(answer.text, /secret|broken|TypeError/);
    assert.match(
      site.errorLines.join(''),
      /servlet-failed .*application \/app, servlet \/a: TypeError: broken \| at .*request-run\.test\.ts:[0-9]+/,
    );
    assert.equal(site.errorLines.length, 1);
    assert.equal(application.active, 0);
  });
}

test('what is thrown and is no error is told as well', async (t) => {
  const { ask, site } = await memoryWebapp(t, {
    servlets: {
      '/a': () => {
        // oxlint-disable-next-line no-throw-literal, only-throw-error -- applications do
        throw 'a text';
      },
      '/b': () => Promise.reject(undefined),
    },
  });
  assert.equal((await ask({ target: '/app/a' })).status, 500);
  assert.match(site.errorLines.at(-1) ?? '', /servlet \/a: a text/);
  assert.equal((await ask({ target: '/app/b' })).status, 500);
});

test('sendError is answered with its status and the header so far, its message only in the log', async (t) => {
  const { ask, site } = await memoryWebapp(t, {
    servlets: {
      '/a': (_, response) => {
        response.setHeader('WWW-Authenticate', 'Basic realm="a"');
        response.getWriter().print('dropped');
        response.sendError(401, '<b>who are you');
        response.getWriter().print('ignored');
      },
    },
  });
  const answer = await ask({ target: '/app/a' });
  assert.equal(answer.status, 401);
  assert.equal(answer.sentFields.getByName('WWW-Authenticate'), 'Basic realm="a"');
  assert.doesNotMatch(answer.text, /dropped|ignored|who are you/);
  assert.match(
    site.errorLines.join(''),
    /servlet-answered .*401 <b>who are you, application \/app/,
  );
});

test('sendError below 400 is an answer without a body', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: { '/a': (_, response) => response.sendError(304) },
  });
  const answer = await ask({ target: '/app/a' });
  assert.equal(answer.status, 304);
  assert.equal(answer.text, '');
});

test('a servlet that is unavailable is asked again when its time is over', async (t) => {
  let isBroken = true;
  let asked = 0;
  const { ask, site } = await memoryWebapp(t, {
    servlets: {
      '/a': (_, response) => {
        asked++;
        if (isBroken) throw new UnavailableException('database away', 10);
        response.getWriter().print('back');
      },
    },
  });
  const first = await ask({ target: '/app/a' });
  assert.equal(first.status, 503);
  assert.equal(first.sentFields.getByName('Retry-After'), '10');
  isBroken = false;
  site.clock.advance(9_999);
  assert.equal((await ask({ target: '/app/a' })).status, 503);
  assert.equal(asked, 1);
  site.clock.advance(1);
  assert.equal((await ask({ target: '/app/a' })).text, 'back');
});

test('a servlet that is gone for good is answered 404', async (t) => {
  const { ask, site } = await memoryWebapp(t, {
    servlets: {
      '/a': () => {
        throw new UnavailableException('sold');
      },
    },
  });
  assert.equal((await ask({ target: '/app/a' })).status, 404);
  site.clock.advance(1e9);
  assert.equal((await ask({ target: '/app/a' })).status, 404);
});

test('a client that leaves stops nothing by force, and what the servlet writes then is lost', async (t) => {
  let rejected: unknown = null;
  const { begin, application, site } = await memoryWebapp(t, {
    servlets: {
      '/a': async (request, response) => {
        const signal = request.getAbortSignal();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        response.getWriter().print('for nobody');
        await response
          .getWriter()
          .ready()
          .catch((error: unknown) => (rejected = error));
      },
    },
  });
  const exchange = begin({ target: '/app/a' });
  await new Promise(setImmediate);
  assert.equal(application.active, 1);
  exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'handler'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal((rejected as Error).name, 'ClientAbortException');
  assert.equal(application.active, 0);
  assert.doesNotMatch(site.errorLines.join(''), /servlet-failed/);
});

test('an error behind the leaving of the client is told by the log of the application', async (t) => {
  const { begin, log } = await memoryWebapp(t, {
    servlets: {
      '/a': async (request) => {
        const signal = request.getAbortSignal();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        throw new Error('too late');
      },
    },
  });
  const exchange: MemoryExchange = begin({ target: '/app/a' });
  await new Promise(setImmediate);
  exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'handler'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.match(
    log.join(''),
    /application \/app, servlet \/a, behind the leaving of its client Error: too late/,
  );
});

test('what was flushed reaches the client before a failure cuts it off', async (t) => {
  const { begin, site } = await memoryWebapp(t, {
    servlets: {
      '/a': (_, response) => {
        response.getWriter().print('sent');
        response.flushBuffer();
        throw new Error('broken');
      },
    },
  });
  const exchange = begin({ target: '/app/a' });
  // Whatever is written in one turn leaves at its end.
  assert.equal(exchange.text, 'sent');
  assert.equal(exchange.aborted, false);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(exchange.aborted, true);
  assert.match(site.errorLines.join(''), /servlet-failed .*broken/);
});

test('an application may answer with any status', async (t) => {
  for (const status of [400, 418, 499, 511, 599, 600, 999]) {
    const { ask } = await memoryWebapp(t, {
      servlets: { '/a': (_, response) => response.sendError(status) },
    });
    const answer = await ask({ target: '/app/a' });
    assert.equal(answer.status, status);
    assert.equal(answer.aborted, false);
  }
});

test('a promise that is not one of ours is waited for all the same', async (t) => {
  const { ask, application } = await memoryWebapp(t, {
    servlets: {
      '/a': (_, response) => {
        // Settles twice, and has nothing but `then`.
        const odd = {
          // oxlint-disable-next-line unicorn/no-thenable -- the promises of some libraries are such
          then: (done: () => void) => {
            setTimeout(() => {
              response.getWriter().print('odd');
              done();
              done();
            }, 1);
          },
        };
        return odd as Promise<void>;
      },
    },
    filters: { f: filter((request, response, chain) => chain.doFilter(request, response)) },
    filterMappings: [{ filterName: 'f', patterns: ['/*'] }],
  });
  assert.equal((await ask({ target: '/app/a' })).text, 'odd');
  assert.equal(application.active, 0);
});

test('a servlet that fails behind a filter which did not wait is answered 500', async (t) => {
  const { ask, site } = await memoryWebapp(t, {
    servlets: {
      '/a': async () => {
        await new Promise(setImmediate);
        throw new Error('broken');
      },
    },
    filters: {
      forgetful: filter((request, response, chain) => void chain.doFilter(request, response)),
    },
    filterMappings: [{ filterName: 'forgetful', patterns: ['/*'] }],
  });
  assert.equal((await ask({ target: '/app/a' })).status, 500);
  assert.match(site.errorLines.join(''), /servlet-failed .*broken/);
});

test('an error behind the end of an answer is told, and changes nothing', async (t) => {
  const { ask, log } = await memoryWebapp(t, {
    servlets: {
      '/a': (_, response) => {
        response.getWriter().print('all');
        response.getWriter().close();
        throw new Error('afterwards');
      },
    },
  });
  const answer = await ask({ target: '/app/a' });
  assert.equal(answer.text, 'all');
  assert.equal(answer.aborted, false);
  assert.match(log.join(), /servlet \/a, behind the end of its answer Error: afterwards/);
});

test('a failure that the filter around it does not wait for is the request’s, whoever waits for that filter', async (t) => {
  const { ask, site } = await memoryWebapp(t, {
    servlets: { '/a': async () => Promise.reject(new Error('broken')) },
    filters: {
      waits: filter((request, response, chain) => chain.doFilter(request, response)),
      forgetful: filter((request, response, chain) => void chain.doFilter(request, response)),
    },
    filterMappings: [
      { filterName: 'waits', patterns: ['/*'] },
      { filterName: 'forgetful', patterns: ['/*'] },
    ],
  });
  assert.equal((await ask({ target: '/app/a' })).status, 500);
  assert.match(site.errorLines.join(''), /servlet-failed .*broken/);
});

test('a failure that a filter has caught is nobody else’s', async (t) => {
  const { ask, site } = await memoryWebapp(t, {
    servlets: { '/a': async () => Promise.reject(new Error('broken')) },
    filters: {
      catches: filter(async (request, response, chain) => {
        try {
          await chain.doFilter(request, response);
        } catch {
          response.getWriter().print('caught');
        }
      }),
    },
    filterMappings: [{ filterName: 'catches', patterns: ['/*'] }],
  });
  assert.equal((await ask({ target: '/app/a' })).text, 'caught');
  assert.deepEqual(site.errorLines, []);
});
