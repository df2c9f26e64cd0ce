import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryWebapp, type Serve } from '../../../test/support/memory-webapp.ts';
import {
  FORWARD_ATTRIBUTES,
  type HttpServletMapping,
  type HttpServletRequest,
  HttpServletRequestWrapper,
  HttpServletResponseWrapper,
  IllegalStateException,
  INCLUDE_ATTRIBUTES,
} from '../api/index.ts';

function path(request: HttpServletRequest): string {
  return [
    request.getDispatcherType(),
    request.getRequestURI(),
    request.getServletPath(),
    request.getPathInfo(),
    request.getQueryString(),
    request.getParameterValues('a')?.join(','),
    request.getHttpServletMapping().getMatchValue(),
  ]
    .map(String)
    .join(' ');
}

function attributes(request: HttpServletRequest, names: Readonly<Record<string, string>>): string {
  return Object.values(names)
    .slice(0, 5)
    .map((name) => String(request.getAttribute(name)))
    .join(' ');
}

const target: Serve = (request, response) => {
  const writer = response.getWriter();
  writer.print(`[${path(request)}`);
  writer.print(`|${attributes(request, FORWARD_ATTRIBUTES)}`);
  writer.print(`|${attributes(request, INCLUDE_ATTRIBUTES)}]`);
};

const NOTHING = 'null null null null null';

test('forward shows the target its own path, and what was asked for in attributes', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t/*': target,
      '/f': (request, response) => {
        response.getWriter().print('dropped');
        response.setHeader('X-Kept', '1');
        const work = request.getRequestDispatcher('/t/x?a=1')?.forward(request, response);
        assert.equal(path(request), 'REQUEST /app/f /f null a=2 2 f');
        response.getWriter().print('ignored');
        return work;
      },
    },
  });
  const answer = await ask({ target: '/app/f?a=2' });
  assert.equal(
    answer.text,
    `[FORWARD /app/t/x /t /x a=1 1,2 x|/app/f /app /f null a=2|${NOTHING}]`,
  );
  assert.equal(answer.sentFields.getByName('X-Kept'), '1');
});

test('a forward without a query keeps that of the request', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': target,
      '/f': (request, response) => request.getRequestDispatcher('/t')?.forward(request, response),
    },
  });
  assert.match(
    (await ask({ target: '/app/f?a=2' })).text,
    /^\[FORWARD \/app\/t \/t null a=2 2 t\|/,
  );
});

test('a forward within a forward tells of the first request', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': target,
      '/one': (request, response) =>
        request.getRequestDispatcher('/two?a=1')?.forward(request, response),
      '/two': (request, response) =>
        request.getRequestDispatcher('/t?a=0')?.forward(request, response),
    },
  });
  assert.equal(
    (await ask({ target: '/app/one?a=2' })).text,
    `[FORWARD /app/t /t null a=0 0,1,2 t|/app/one /app /one null a=2|${NOTHING}]`,
  );
});

test('include shows the path of the request, its own in attributes, and adds to the body alone', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t/*': (request, response) => {
        response.setStatus(500);
        response.setHeader('X-Ignored', '1');
        response.setContentType('text/x');
        response.sendRedirect('/x');
        response.sendError(404);
        return target(request, response);
      },
      '/i': async (request, response) => {
        response.getWriter().print('before ');
        await request.getRequestDispatcher('/t/x?a=1')?.include(request, response);
        assert.equal(attributes(request, INCLUDE_ATTRIBUTES), NOTHING);
        assert.deepEqual(request.getParameterValues('a'), ['2']);
        response.getWriter().print(' behind');
      },
    },
  });
  const answer = await ask({ target: '/app/i?a=2' });
  assert.equal(answer.status, 200);
  assert.equal(answer.sentFields.size, 0);
  assert.equal(
    answer.text,
    `before [INCLUDE /app/i /i null a=2 1,2 i|${NOTHING}|/app/t/x /app /t /x a=1] behind`,
  );
});

test('an included servlet cannot end the response', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': (_, response) => {
        response.getWriter().print('in');
        response.getWriter().close();
      },
      '/i': async (request, response) => {
        await request.getRequestDispatcher('/t')?.include(request, response);
        response.getWriter().print(' out');
      },
    },
  });
  assert.equal((await ask({ target: '/app/i' })).text, 'in out');
});

test('an include within an include gives the outer one its attributes back', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': target,
      '/one': async (request, response) => {
        await request.getRequestDispatcher('/two')?.include(request, response);
      },
      '/two': async (request, response) => {
        await request.getRequestDispatcher('/t')?.include(request, response);
        response.getWriter().print(attributes(request, INCLUDE_ATTRIBUTES));
      },
    },
  });
  assert.equal(
    (await ask({ target: '/app/one' })).text,
    `[INCLUDE /app/one /one null null undefined one|${NOTHING}|/app/t /app /t null null]/app/two /app /two null null`,
  );
});

test('a relative path is relative to the path of the servlet', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/d/t': target,
      '/d/f': (request, response) => request.getRequestDispatcher('t')?.forward(request, response),
      '/d/e/*': (request, response) =>
        request.getRequestDispatcher('../t')?.forward(request, response),
    },
  });
  assert.match((await ask({ target: '/app/d/f' })).text, /^\[FORWARD \/app\/d\/t /);
  assert.match((await ask({ target: '/app/d/e/x' })).text, /^\[FORWARD .* \/d\/t /);
});

test('a path that leaves the application, or is suspicious, has no dispatcher', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/f': (request, response) => {
        for (const outside of ['/../x', '/a/../../x', '../../x', '/a%2Fb', '/..;/x', '/%2e%2e/x']) {
          assert.equal(request.getRequestDispatcher(outside), null, outside);
        }
        const context = request.getServletContext();
        assert.equal(context.getRequestDispatcher('relative'), null);
        assert.equal(context.getNamedDispatcher('none'), null);
        response.getWriter().print('ok');
      },
    },
  });
  assert.equal((await ask({ target: '/app/f' })).text, 'ok');
});

test('a servlet can be called by its name, and shows the path of the request', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': target,
      '/n': (request, response) =>
        request.getServletContext().getNamedDispatcher('/t')?.forward(request, response),
    },
  });
  assert.equal(
    (await ask({ target: '/app/n' })).text,
    `[FORWARD /app/n /n null null undefined n|${NOTHING}|${NOTHING}]`,
  );
});

test('a dispatcher leads to files, those in WEB-INF included', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/f': (request, response) =>
        request.getRequestDispatcher('/WEB-INF/view.html')?.forward(request, response),
      '/i': async (request, response) => {
        response.getWriter().print('<');
        await request.getRequestDispatcher('/part.txt')?.include(request, response);
        response.getWriter().print('>');
      },
    },
    files: { 'WEB-INF/view.html': 'view', 'part.txt': 'part' },
  });
  const view = await ask({ target: '/app/f' });
  assert.equal(view.text, 'view');
  assert.match(view.sentFields.getByName('Content-Type') ?? '', /^text\/html/);
  assert.equal((await ask({ target: '/app/i' })).text, '<part>');
});

test('a forward behind the commit is refused', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': target,
      '/f': (request, response) => {
        response.flushBuffer();
        const dispatcher = request.getRequestDispatcher('/t');
        assert.throws(() => dispatcher?.forward(request, response), IllegalStateException);
      },
    },
  });
  assert.equal((await ask({ target: '/app/f' })).status, 200);
});

test('wrappers go with the request, and nothing else does', async (t) => {
  class Request extends HttpServletRequestWrapper {
    override getParameter(name: string): string | null {
      return name === 'who' ? 'wrapper' : super.getParameter(name);
    }
  }
  class Response extends HttpServletResponseWrapper {
    override setHeader(name: string, value: string): void {
      super.setHeader(`X-${name}`, value);
    }
  }
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': (request, response) => {
        response.setHeader('A', request.getParameter('who') ?? '');
        response.getWriter().print(request.getServletPath());
      },
      '/f': (request, response) =>
        request
          .getRequestDispatcher('/t')
          ?.forward(new Request(new Request(request)), new Response(response)),
      '/foreign': (request, response) => {
        const dispatcher = request.getRequestDispatcher('/t');
        assert.throws(
          () => dispatcher?.forward({} as HttpServletRequest, response),
          /the request that the servlet was given/,
        );
      },
    },
  });
  const answer = await ask({ target: '/app/f' });
  assert.equal(answer.sentFields.getByName('X-A'), 'wrapper');
  assert.equal(answer.text, '/t');
  await ask({ target: '/app/foreign' });
});

test('a forward to a servlet that answers later is waited for, also by who does not wait', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': async (_, response) => {
        await new Promise(setImmediate);
        response.getWriter().print('later');
      },
      '/f': (request, response) => {
        void request.getRequestDispatcher('/t')?.forward(request, response);
      },
    },
  });
  assert.equal((await ask({ target: '/app/f' })).text, 'later');
});

test('behind a forward the answer is the target’s, and committed', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': (_, response) => response.getWriter().print('target'),
      '/f': async (request, response) => {
        await request.getRequestDispatcher('/t')?.forward(request, response);
        assert.equal(response.isCommitted(), true);
        assert.throws(() => response.sendError(500), IllegalStateException);
        const again = request.getRequestDispatcher('/t');
        assert.throws(() => again?.forward(request, response), IllegalStateException);
        assert.equal(attributes(request, FORWARD_ATTRIBUTES), NOTHING);
      },
    },
  });
  assert.equal((await ask({ target: '/app/f' })).text, 'target');
});

test('a forward whose target fails leaves the response to who called it', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': () => {
        throw new Error('no');
      },
      '/f': async (request, response) => {
        const dispatcher = request.getRequestDispatcher('/t');
        await assert.rejects(async () => dispatcher?.forward(request, response), /no/);
        response.getWriter().print('instead');
      },
    },
  });
  assert.equal((await ask({ target: '/app/f' })).text, 'instead');
});

test('a forward within an include tells of the forward alone, and of what the client asked for', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': target,
      '/f': (request, response) => request.getRequestDispatcher('/t')?.forward(request, response),
      '/i': async (request, response) => {
        await request.getRequestDispatcher('/f?x')?.include(request, response);
        assert.equal(attributes(request, FORWARD_ATTRIBUTES), NOTHING);
      },
    },
  });
  assert.equal(
    (await ask({ target: '/app/i?a=2' })).text,
    `[FORWARD /app/t /t null a=2 2 t|/app/i /app /i null a=2|${NOTHING}]`,
  );
});

test('the mapping of what was asked for names its own servlet', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': (request, response) => {
        const mapping = request.getAttribute(FORWARD_ATTRIBUTES.mapping) as HttpServletMapping;
        response.getWriter().print(`${mapping.getServletName()} ${mapping.getPattern()}`);
      },
      '/n': (request, response) => request.getRequestDispatcher('/t')?.forward(request, response),
      '/a': (request, response) =>
        request.getServletContext().getNamedDispatcher('/n')?.forward(request, response),
    },
  });
  assert.equal((await ask({ target: '/app/a' })).text, '/a /a');
});

test('a target may take away what it is told', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': (request, response) => {
        request.removeAttribute(FORWARD_ATTRIBUTES.requestUri);
        request.setAttribute(FORWARD_ATTRIBUTES.servletPath, 'other');
        response.getWriter().print(attributes(request, FORWARD_ATTRIBUTES));
      },
      '/f': (request, response) => request.getRequestDispatcher('/t')?.forward(request, response),
    },
  });
  assert.equal((await ask({ target: '/app/f' })).text, 'null /app other null null');
});

test('an included servlet cannot reset what the other has set', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/t': (_, response) => response.reset(),
      '/i': async (request, response) => {
        response.setStatus(201);
        response.setHeader('X-A', '1');
        response.getWriter().print('kept');
        await request.getRequestDispatcher('/t')?.include(request, response);
      },
    },
  });
  const answer = await ask({ target: '/app/i' });
  assert.equal(answer.status, 201);
  assert.equal(answer.sentFields.getByName('X-A'), '1');
  assert.equal(answer.text, 'kept');
});

test('servlets that hand a request to each other in a circle are stopped', async (t) => {
  for (const way of ['forward', 'include'] as const) {
    let depth = 0;
    const { ask, site } = await memoryWebapp(t, {
      servlets: {
        '/a': (request, response) => {
          depth++;
          return request.getRequestDispatcher('/a')?.[way](request, response);
        },
      },
    });
    assert.equal((await ask({ target: '/app/a' })).status, 500, way);
    assert.equal(depth, 51, way);
    assert.match(site.errorLines.join(''), /More than 50 forwards and includes/);
  }
});
