import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  filter,
  memoryWebapp,
  type MemoryWebappOptions,
  type Serve,
} from '../../../test/support/memory-webapp.ts';
import { Fields } from '../../http/message/index.ts';
import { ERROR_ATTRIBUTES, FORWARD_ATTRIBUTES, ServletException } from '../api/index.ts';

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

test('an error in the page of an error is told as well', async (t) => {
  const { ask, log } = await errorApp(t, {
    servlets: { '/a': (_, response) => response.sendError(412) },
  });
  assert.equal((await ask({ target: '/app/a' })).status, 500);
  assert.match(log.join(), /servlet \/a, in the page of an error RangeError: broken/);
});
