import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryWebapp, type Serve } from '../../../../test/support/memory-webapp.ts';
import type { MemoryExchange } from '../../../../test/support/memory-exchange.ts';
import { Fields } from '../../../http/message/index.ts';
import { IllegalStateException } from '../../api/index.ts';
import { DEFAULT_WEB_APP } from '../../descriptor/index.ts';

const count: Serve = (request, response) => {
  const session = request.getSession();
  const visits = Number(session.getAttribute('visits') ?? 0) + 1;
  session.setAttribute('visits', visits);
  response.getWriter().print(`${visits} ${session.isNew()} ${request.isRequestedSessionIdValid()}`);
};

function setCookies(exchange: MemoryExchange): readonly string[] {
  const values: string[] = [];
  for (const [name, value] of exchange.sentFields.entries()) {
    if (name === 'Set-Cookie') values.push(value);
  }
  return values;
}

function sent(exchange: MemoryExchange): string {
  const [cookie = ''] = setCookies(exchange);
  return cookie.slice(0, cookie.indexOf(';'));
}

function withCookie(...values: readonly string[]): { target: string; fields: Fields } {
  return { target: '/app/a', fields: Fields.of(...values.map((v) => ['Cookie', v] as const)) };
}

test('a session lives from the first request to the next, by its cookie', async (t) => {
  const { ask } = await memoryWebapp(t, { servlets: { '/a': count } });
  const first = await ask({ target: '/app/a' });
  assert.equal(first.text, '1 true false');
  assert.match(
    setCookies(first).join('\n'),
    /^JSESSIONID=[0-9A-F]{32}; Path=\/app; HttpOnly; SameSite=Lax$/,
  );
  const second = await ask(withCookie(sent(first)));
  assert.equal(second.text, '2 false true');
  assert.deepEqual(setCookies(second), []);
});

test('a request that asks for no session makes none', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/a': (request, response) => {
        assert.equal(request.getSession(false), null);
        response.getWriter().print('no');
      },
    },
  });
  assert.deepEqual(setCookies(await ask({ target: '/app/a' })), []);
});

test('an id that is unknown is never adopted, however well formed', async (t) => {
  const { ask } = await memoryWebapp(t, { servlets: { '/a': count } });
  for (const id of ['0123456789ABCDEF0123456789ABCDEF', 'x', '', '../../etc', 'A'.repeat(10_000)]) {
    const answer = await ask(withCookie(`JSESSIONID=${id}`));
    assert.equal(answer.text, '1 true false', id);
    assert.notEqual(sent(answer), `JSESSIONID=${id}`);
  }
});

test('of several cookies of the name the one that means something counts', async (t) => {
  const { ask } = await memoryWebapp(t, { servlets: { '/a': count } });
  const known = sent(await ask({ target: '/app/a' }));
  const other = 'JSESSIONID=0123456789ABCDEF0123456789ABCDEF';
  assert.equal((await ask(withCookie(`${other}; ${known}`))).text, '2 false true');
  assert.equal((await ask(withCookie(known, other))).text, '3 false true');
});

test('the route stands behind the id, and is no part of it', async (t) => {
  const { ask } = await memoryWebapp(t, { servlets: { '/a': count }, route: 'node1' });
  const first = await ask({ target: '/app/a' });
  assert.match(sent(first), /^JSESSIONID=[0-9A-F]{32}\.node1$/);
  assert.equal((await ask(withCookie(sent(first)))).text, '2 false true');
  // Another instance had it before.
  const moved = sent(first).replace('.node1', '.node2');
  assert.equal((await ask(withCookie(moved))).text, '3 false true');
});

test('a new id at sign-in makes the old one worthless and keeps what is remembered', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/a': count,
      '/in': (request, response) => {
        const before = request.getSession().getId();
        const id = request.changeSessionId();
        assert.notEqual(id, before);
        assert.equal(request.getSession().getId(), id);
        response.getWriter().print(id);
      },
      '/none': (request) => {
        assert.throws(() => request.changeSessionId(), IllegalStateException);
      },
    },
  });
  const old = sent(await ask({ target: '/app/a' }));
  const signedIn = await ask({ ...withCookie(old), target: '/app/in' });
  assert.equal(sent(signedIn), `JSESSIONID=${signedIn.text}`);
  assert.equal((await ask(withCookie(sent(signedIn)))).text, '2 false true');
  assert.equal((await ask(withCookie(old))).text, '1 true false');
  assert.equal((await ask({ target: '/app/none' })).status, 200);
});

test('one cookie is sent, however often the session changes in a request', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/a': (request, response) => {
        request.getSession();
        request.changeSessionId();
        request.getSession().invalidate();
        response.getWriter().print(request.getSession().getId());
      },
    },
  });
  const answer = await ask({ target: '/app/a' });
  assert.equal(setCookies(answer).length, 1);
  assert.equal(sent(answer), `JSESSIONID=${answer.text}`);
});

test('an invalidated session can be neither read nor found again', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/a': count,
      '/out': (request) => {
        const session = request.getSession();
        session.invalidate();
        for (const late of [
          () => session.getAttribute('visits'),
          () => session.setAttribute('a', 1),
          () => session.getAttributeNames(),
          () => session.removeAttribute('a'),
          () => session.isNew(),
          () => session.getCreationTime(),
          () => session.getLastAccessedTime(),
          () => session.invalidate(),
        ]) {
          assert.throws(late, IllegalStateException);
        }
        assert.equal(request.getSession(false), null);
        assert.equal(request.isRequestedSessionIdValid(), false);
      },
    },
  });
  const cookie = sent(await ask({ target: '/app/a' }));
  assert.equal((await ask({ ...withCookie(cookie), target: '/app/out' })).status, 200);
  assert.equal((await ask(withCookie(cookie))).text, '1 true false');
});

test('a session ends when nobody comes for its time', async (t) => {
  const { ask, site } = await memoryWebapp(t, { servlets: { '/a': count } });
  const cookie = sent(await ask({ target: '/app/a' }));
  site.clock.advance(30 * 60_000 - 1);
  assert.equal((await ask(withCookie(cookie))).text, '2 false true');
  site.clock.advance(30 * 60_000);
  assert.equal((await ask(withCookie(cookie))).text, '1 true false');
});

test('times of a session are those of its requests', async (t) => {
  const times: number[] = [];
  const { ask, site } = await memoryWebapp(t, {
    servlets: {
      '/a': (request) => {
        const session = request.getSession();
        times.push(session.getCreationTime(), session.getLastAccessedTime());
      },
    },
  });
  const start = site.clock.wall();
  const cookie = sent(await ask({ target: '/app/a' }));
  site.clock.advance(1000);
  await ask(withCookie(cookie));
  site.clock.advance(1000);
  await ask(withCookie(cookie));
  assert.deepEqual(
    times.map((time) => time - start),
    [0, 0, 0, 0, 0, 1000],
  );
});

test('a session that is wanted behind the commit is a mistake', async (t) => {
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/a': (request, response) => {
        response.flushBuffer();
        assert.throws(() => request.getSession(), IllegalStateException);
        assert.equal(request.getSession(false), null);
      },
    },
  });
  assert.equal((await ask({ target: '/app/a' })).status, 200);
});

test('an application does not see the sessions of another', async (t) => {
  const one = await memoryWebapp(t, { servlets: { '/a': count } });
  const other = await memoryWebapp(t, { servlets: { '/a': count } });
  const cookie = sent(await one.ask({ target: '/app/a' }));
  assert.equal((await other.ask(withCookie(cookie))).text, '1 true false');
});

test('ids travel in addresses where the descriptor allows it', async (t) => {
  const show: Serve = (request, response) => {
    const from = request.isRequestedSessionIdFromURL() ? 'url' : 'else';
    const isKnown = request.isRequestedSessionIdValid();
    response
      .getWriter()
      .print(`${from} ${isKnown} ${request.getSession().getId()} ${response.encodeURL('b?c')}`);
  };
  const session = { ...DEFAULT_WEB_APP.session, tracking: new Set(['COOKIE', 'URL'] as const) };
  const both = await memoryWebapp(t, { servlets: { '/a': show }, model: { session } });
  const first = await both.ask({ target: '/app/a' });
  const [, , id = ''] = first.text.split(' ');
  assert.equal(first.text, `else false ${id} b;jsessionid=${id}?c`);
  const byUrl = await both.ask({ target: `/app/a;jsessionid=${id}` });
  assert.equal(byUrl.text, `url true ${id} b;jsessionid=${id}?c`);
  const byCookie = await both.ask(withCookie(`JSESSIONID=${id}`));
  assert.equal(byCookie.text, `else true ${id} b?c`);
  const cookieAlone = await memoryWebapp(t, { servlets: { '/a': show } });
  const unmoved = await cookieAlone.ask({ target: `/app/a;jsessionid=${id}` });
  assert.match(unmoved.text, /^else false [0-9A-F]{32} b\?c$/);
});
