import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  memoryWebapp,
  type MemoryWebappOptions,
  type Serve,
} from '../../../test/support/memory-webapp.ts';
import { MemoryExchange } from '../../../test/support/memory-exchange.ts';
import { Fault } from '../../base/index.ts';
import { EXCHANGE_FAULTS, Fields } from '../../http/message/index.ts';
import {
  ERROR_ATTRIBUTES,
  FORWARD_ATTRIBUTES,
  type FilterChain,
  GenericFilter,
  type HttpServletRequest,
  type HttpServletResponse,
  HttpServletResponseWrapper,
  ServletException,
  UnavailableException,
  type Work,
} from '../api/index.ts';

type DoFilter = (
  request: HttpServletRequest,
  response: HttpServletResponse,
  chain: FilterChain,
) => Work;

function filter(does: DoFilter): new () => object {
  return class extends GenericFilter {
    override doFilter(...args: Parameters<DoFilter>): Work {
      return does(...args);
    }
  };
}

const hello: Serve = (_, response) => response.getWriter().print('hello');

function errorPage(status: number | null, location: string, exceptionType: string | null = null) {
  return { status, location, exceptionType };
}

const tellError: Serve = (request, response) => {
  const told = Object.entries(ERROR_ATTRIBUTES).map(
    ([key, name]) => `${key}=${String(request.getAttribute(name))}`,
  );
  response
    .getWriter()
    .print(`${request.getDispatcherType()} ${request.getMethod()} ${told.join(' ')}`);
};

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

test('a servlet that fails behind the commit has its answer cut off', async (t) => {
  const { ask, site } = await memoryWebapp(t, {
    servlets: {
      '/a': (_, response) => {
        response.getWriter().print('half');
        response.flushBuffer();
        throw new Error('broken');
      },
    },
    model: { errorPages: [errorPage(500, '/never')] },
  });
  const answer = await ask({ target: '/app/a' });
  assert.equal(answer.aborted, true);
  assert.equal(answer.text, 'half');
  assert.match(site.errorLines.join(''), /servlet-failed .*broken/);
});

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

async function errorApp(t: TestContext, more: Partial<MemoryWebappOptions> = {}) {
  return memoryWebapp(t, {
    servlets: {
      '/error': tellError,
      '/missing': (_, response) => response.sendError(404, 'not here'),
      '/broken': () => {
        throw new RangeError('broken');
      },
      '/late': async () => {
        await new Promise(setImmediate);
        throw new ServletException('wrapped', { cause: new RangeError('inner') });
      },
      ...more.servlets,
    },
    model: {
      errorPages: [
        errorPage(404, '/error'),
        errorPage(null, '/error', 'java.lang.RangeError'),
        errorPage(410, '/gone.html'),
        errorPage(411, '/nowhere'),
        errorPage(412, '/broken'),
        errorPage(413, '/missing'),
      ],
      ...more.model,
    },
    files: { 'gone.html': 'gone page' },
  });
}

test('the page for a status is a GET that is told what was asked for', async (t) => {
  const { ask } = await errorApp(t);
  const answer = await ask({ method: 'POST', target: '/app/missing?a=b' });
  assert.equal(answer.status, 404);
  assert.equal(
    answer.text,
    'ERROR GET statusCode=404 exceptionType=null message=not here exception=null requestUri=/app/missing servletName=/missing method=POST queryString=a=b',
  );
});

test('the page for an error is told the error; the log has it too', async (t) => {
  const { ask, site } = await errorApp(t);
  const answer = await ask({ target: '/app/broken' });
  assert.equal(answer.status, 500);
  assert.match(answer.text, /^ERROR GET statusCode=500 exceptionType=RangeError message=broken /);
  assert.match(site.errorLines.join(''), /servlet-failed .*servlet \/broken: RangeError: broken/);
  const wrapped = await ask({ target: '/app/late' });
  assert.match(wrapped.text, /exceptionType=ServletException message=wrapped/);
});

test('a page that is a file keeps the status of the error', async (t) => {
  const { ask } = await errorApp(t, {
    servlets: { '/a': (_, response) => response.sendError(410) },
  });
  const answer = await ask({
    target: '/app/a',
    fields: Fields.of(['If-None-Match', '*'], ['Range', 'bytes=0-1']),
  });
  assert.equal(answer.status, 410);
  assert.equal(answer.text, 'gone page');
});

test('an error page that fails itself leaves the built-in page for the first error', async (t) => {
  for (const [status, sent] of [
    [411, 404],
    [412, 500],
    [413, 404],
  ] as const) {
    const { ask } = await errorApp(t, {
      servlets: { '/a': (_, response) => response.sendError(status) },
    });
    const answer = await ask({ target: '/app/a' });
    assert.ok(answer.status === status || answer.status === sent, `${status}: ${answer.status}`);
    assert.match(answer.text, /request id/);
  }
});

test('setStatus asks for no page', async (t) => {
  const { ask } = await errorApp(t, {
    servlets: {
      '/a': (_, response) => {
        response.setStatus(404);
        response.getWriter().print('mine');
      },
    },
  });
  const answer = await ask({ target: '/app/a' });
  assert.equal(answer.status, 404);
  assert.equal(answer.text, 'mine');
});

test('filters see error pages where they are mapped for them', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: { '/error': hello, '/a': (_, response) => response.sendError(404) },
    filters: {
      mark: filter((request, response, chain) => {
        response.setHeader('X-Type', request.getDispatcherType());
        return chain.doFilter(request, response);
      }),
    },
    filterMappings: [{ filterName: 'mark', patterns: ['/*'], dispatchers: new Set(['ERROR']) }],
    model: { errorPages: [errorPage(404, '/error')] },
  });
  const answer = await ask({ target: '/app/a' });
  assert.equal(answer.sentFields.getByName('X-Type'), 'ERROR');
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

test('an error behind sendError or sendRedirect is what counts', async (t) => {
  for (const last of ['sendError', 'sendRedirect'] as const) {
    const { ask } = await errorApp(t, {
      servlets: {
        '/a': (_, response) => {
          if (last === 'sendError') response.sendError(404);
          else response.sendRedirect('/x');
          throw new RangeError('worse');
        },
      },
    });
    const answer = await ask({ target: '/app/a' });
    assert.equal(answer.status, 500);
    assert.match(answer.text, /exceptionType=RangeError message=worse/);
  }
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

test('what is private is answered with the page of the application', async (t) => {
  const { ask } = await errorApp(t);
  const answer = await ask({ target: '/app/WEB-INF/web.xml' });
  assert.equal(answer.status, 404);
  assert.match(answer.text, /^ERROR GET statusCode=404 .*requestUri=\/app\/WEB-INF\/web\.xml /);
});

test('a forward of an error page tells of what the client asked for', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/a': (_, response) => response.sendError(404),
      '/error': (request, response) =>
        request.getRequestDispatcher('/page')?.forward(request, response),
      '/page': (request, response) => {
        response.getWriter().print(String(request.getAttribute(FORWARD_ATTRIBUTES.requestUri)));
      },
    },
    model: { errorPages: [errorPage(404, '/error')] },
  });
  const answer = await ask({ target: '/app/a' });
  assert.equal(answer.status, 404);
  assert.equal(answer.text, '/app/a');
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

test('an error page that forwards without waiting has its answer', async (t) => {
  const { ask } = await errorApp(t, {
    servlets: {
      '/a': (_, response) => response.sendError(410),
      '/page': async (_, response) => {
        await new Promise(setImmediate);
        response.getWriter().print('late page');
      },
      '/gone': (request, response) => {
        void request.getRequestDispatcher('/page')?.forward(request, response);
      },
    },
    model: { errorPages: [errorPage(410, '/gone')] },
  });
  const answer = await ask({ target: '/app/a' });
  assert.equal(answer.status, 410);
  assert.equal(answer.text, 'late page');
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

test('an error in the page of an error is told as well', async (t) => {
  const { ask, log } = await errorApp(t, {
    servlets: { '/a': (_, response) => response.sendError(412) },
  });
  assert.equal((await ask({ target: '/app/a' })).status, 500);
  assert.match(log.join(), /servlet \/a, in the page of an error RangeError: broken/);
});
