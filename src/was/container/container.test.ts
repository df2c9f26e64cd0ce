import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_WEB_APP } from '../descriptor/index.ts';
import { FORM, memoryWebapp, type Serve } from '../../../test/support/memory-webapp.ts';
import { handler, says } from '../../../test/support/memory-site.ts';
import { Container } from './container.ts';

const show: Serve = (request, response) => {
  response
    .getWriter()
    .print(
      [
        request.getContextPath(),
        request.getServletPath(),
        request.getPathInfo(),
        request.getRequestURI(),
        request.getHttpServletMapping().getMappingMatch(),
      ].join(' | '),
    );
};

test('a request reaches the servlet of its path, with its path elements', async (t) => {
  const { ask } = await memoryWebapp(t, { servlets: { '/a/* *.x': show } });
  assert.equal(
    (await ask({ target: '/app/a/b%20c?d' })).text,
    '/app | /a | /b c | /app/a/b%20c | PATH',
  );
  assert.equal((await ask({ target: '/app/c.x' })).text, '/app | /c.x |  | /app/c.x | EXTENSION');
});

test('path elements are those of the canonical path, the URI is what was sent', async (t) => {
  const { ask } = await memoryWebapp(t, { servlets: { '/a/*': show } });
  assert.equal(
    (await ask({ target: '/app;v=1/./a;x//b/../c;y?d' })).text,
    '/app;v=1 | /a | /c | /app;v=1/./a;x//b/../c;y | PATH',
  );
});

test('a suspicious path is refused before any servlet sees it, and the log says why', async (t) => {
  const { ask, site } = await memoryWebapp(t, { servlets: { '/*': show } });
  for (const [target, reason] of [
    ['/app/a%2Fb', 'encoded slash'],
    ['/app/..;/b', 'dot segment with parameter'],
    ['/app/a%5Cb', 'backslash'],
    ['/app/%C3', 'not UTF-8'],
  ] as const) {
    const answer = await ask({ target });
    assert.equal(answer.status, 400, target);
    assert.match(site.errorLines.at(-1) ?? '', new RegExp(`suspicious-path .*${reason}`));
  }
});

test('what is in WEB-INF and META-INF is nobody’s, in any spelling and under any mapping', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: { '/*': show },
    files: { 'WEB-INF/web.xml': 'secret', 'META-INF/context.xml': 'secret' },
  });
  for (const target of [
    '/app/WEB-INF/web.xml',
    '/app/web-inf/web.xml',
    '/app/WEB-INF',
    '/app/WEB-INF/',
    '/app//WEB-INF/web.xml',
    '/app/./WEB-INF/web.xml',
    '/app/x/../WEB-INF/web.xml',
    '/app/WEB-INF;x/web.xml',
    '/app/%57EB-INF/web.xml',
    '/app/META-INF/context.xml',
    '/app/Meta-Inf/context.xml',
  ]) {
    assert.equal((await ask({ target })).status, 404, target);
  }
  assert.equal((await ask({ target: '/app/x/WEB-INF/web.xml' })).status, 200);
});

test('the bare path of a context is sent on to its root', async (t) => {
  const { ask } = await memoryWebapp(t, { servlets: { '/a': show }, path: '/my app' });
  const answer = await ask({ target: '/my%20app?a=b' });
  assert.equal(answer.status, 302);
  assert.equal(answer.sentFields.getByName('Location'), '/my%20app/?a=b');
});

test('the root keeps the id of a session where that travels in addresses', async (t) => {
  const session = { ...DEFAULT_WEB_APP.session, tracking: new Set(['URL'] as const) };
  const { ask } = await memoryWebapp(t, { servlets: { '/a': show }, model: { session } });
  const answer = await ask({ target: '/app;jsessionid=ABC?q' });
  assert.equal(answer.sentFields.getByName('Location'), '/app/;jsessionid=ABC?q');
});

test('a path outside of every context is answered 404', async (t) => {
  const { ask } = await memoryWebapp(t, { servlets: { '/*': show } });
  for (const target of ['/', '/ap', '/app2', '/APP/a']) {
    assert.equal((await ask({ target })).status, 404, target);
  }
});

test('a context at the root takes what no other does', async (t) => {
  const { ask } = await memoryWebapp(t, { servlets: { '/a': show }, path: '' });
  assert.equal((await ask({ target: '/a' })).text, ' | /a |  | /a | EXACT');
});

test('a welcome file is the one that a servlet is mapped to, or that is there', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: { '/a/start.do': show, '*.do': show },
    files: { 'b/index.html': 'page', 'c/x.txt': '', 'd/other.html': 'other' },
    model: { welcomeFiles: ['index.html', 'start.do', 'other.html'] },
  });
  assert.match(
    (await ask({ target: '/app/a/' })).text,
    /^\/app \| \/a\/start\.do \|  \| \/app\/a\/ \| EXACT/,
  );
  assert.equal((await ask({ target: '/app/b/' })).text, 'page');
  // No index.html here, and an ending needs no file; but a file that is there comes first.
  assert.match((await ask({ target: '/app/c/' })).text, /start\.do .*EXTENSION/);
  assert.equal((await ask({ target: '/app/d/' })).text, 'other');
});

test('files of the application are served where no servlet is mapped', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: { '/a': show },
    files: { 'b.txt': 'text', 'c/d.html': '<p>' },
    model: { mimeTypes: new Map([['txt', 'text/x-mine']]) },
  });
  const text = await ask({ target: '/app/b.txt' });
  assert.equal(text.text, 'text');
  assert.equal(text.sentFields.getByName('Content-Type'), 'text/x-mine');
  assert.equal((await ask({ target: '/app/c/d.html' })).text, '<p>');
  assert.equal((await ask({ target: '/app/none' })).status, 404);
});

test('what rules in front say of a path holds for every spelling of it', async (t) => {
  const app = await memoryWebapp(t, { servlets: { '/*': show } });
  const container = new Container([app.application]);
  app.site.pipeline.swap(
    app.site.model({
      localhost: {
        '/app/admin/*': { handlers: [says('refused')] },
        '/app/*': { handlers: [container] },
      },
    }),
  );
  for (const target of [
    '/app/admin/x',
    '/app/admin;a/x',
    '/app/admin;a=b;c/x;d',
    '/app/%61dmin;/x',
    '/app/x/../admin;/x',
    '/app//admin;/x',
  ]) {
    assert.equal((await app.ask({ target })).text, 'refused', target);
  }
  assert.match((await app.ask({ target: '/app/other;a/x' })).text, /\/other\/x/);
});

test('a page of the web server for an error may be one of the application', async (t) => {
  const asked: string[] = [];
  const app = await memoryWebapp(t, {
    servlets: {
      '/a': (_, response) => {
        asked.push('a');
        response.sendError(404);
      },
      '/missing': (request, response) => {
        asked.push(`${request.getMethod()} ${request.getRequestURI()} ${request.getQueryString()}`);
        response.getWriter().print(`page ${request.getParameter('x')}`);
      },
    },
  });
  const pages = new Map([[404, { path: '/app/missing', status: 0 }]]);
  const handlers = [new Container([app.application])];
  app.site.pipeline.swap(app.site.model({ localhost: { '/*': { handlers, errorPages: pages } } }));
  const answer = await app.ask({ method: 'POST', target: '/app/a?x=1', fields: FORM, body: 'x=2' });
  assert.equal(answer.status, 404);
  assert.equal(answer.text, 'page null');
  assert.deepEqual(asked, ['a', 'GET /app/missing null']);
});

test('behind rules that chose a path, what looks like parameters in it is part of its names', async (t) => {
  const app = await memoryWebapp(t, { servlets: { '/*': show } });
  const container = new Container([app.application]);
  // Rules of the server see `;` as any character: what they let through is what the application gets.
  const again = handler('again', (context) => context.redirect('/app/admin;x/y', null));
  app.site.pipeline.swap(
    app.site.model({
      localhost: {
        '/again': { handlers: [again] },
        '/app/admin/*': { handlers: [says('refused')] },
        '/app/*': { handlers: [container] },
      },
    }),
  );
  assert.equal(
    (await app.ask({ target: '/again' })).text,
    '/app |  | /admin;x/y | /app/admin%3Bx/y | PATH',
  );
  // What a client encodes is a name as well, and no parameter.
  assert.equal(
    (await app.ask({ target: '/app/admin%3bx/y' })).text,
    '/app |  | /admin;x/y | /app/admin%3bx/y | PATH',
  );
});

test('a path that rules have chosen is refused where a client would be', async (t) => {
  const app = await memoryWebapp(t, { servlets: { '/*': show } });
  const container = new Container([app.application]);
  for (const [path, reason] of [
    ['/app/\xff', 'not UTF-8'],
    ['/app/a\\b', 'backslash'],
  ] as const) {
    const again = handler('again', (context) => context.redirect(path, null));
    app.site.pipeline.swap(
      app.site.model({
        localhost: { '/again': { handlers: [again] }, '/app/*': { handlers: [container] } },
      }),
    );
    assert.equal((await app.ask({ target: '/again' })).status, 400, path);
    assert.match(app.site.errorLines.at(-1) ?? '', new RegExp(`suspicious-path .*${reason}`));
  }
});
