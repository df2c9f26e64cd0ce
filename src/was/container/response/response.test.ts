import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { memoryWebapp, type Serve } from '../../../../test/support/memory-webapp.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { MemoryExchange } from '../../../../test/support/memory-exchange.ts';
import { Cookie, IllegalStateException } from '../../api/index.ts';

async function answer(t: TestContext, serve: Serve, method = 'GET'): Promise<MemoryExchange> {
  const { ask } = await memoryWebapp(t, { servlets: { '/a': serve } });
  return ask({ method, target: '/app/a' });
}

function head(exchange: MemoryExchange): string {
  const fields = [...exchange.sentFields.entries()].map(([name, value]) => `${name}: ${value}`);
  return [`${exchange.status} ${exchange.sentLength}`, ...fields].join('\n');
}

test('a response without anything is an empty 200', async (t) => {
  assert.equal(head(await answer(t, () => {})), '200 0');
});

test('text is written in UTF-8 unless the servlet says otherwise, and the type says which', async (t) => {
  const plain = await answer(t, (_, response) => {
    response.setContentType('text/plain');
    response.getWriter().println('대문');
  });
  assert.equal(head(plain), '200 7\nContent-Type: text/plain;charset=UTF-8');
  assert.equal(plain.body.toString('utf8'), '대문\n');
  const latin = await answer(t, (_, response) => {
    response.setContentType('text/plain; charset=iso-8859-1');
    response.getWriter().print('é대č');
  });
  assert.equal(head(latin), '200 3\nContent-Type: text/plain;charset=ISO-8859-1');
  assert.equal(latin.text, '\xe9??');
});

test('a charset that comes behind getWriter changes nothing', async (t) => {
  const sent = await answer(t, (_, response) => {
    const writer = response.getWriter();
    response.setContentType('text/html; charset=iso-8859-1');
    response.setCharacterEncoding('us-ascii');
    writer.print('é');
  });
  assert.equal(head(sent), '200 2\nContent-Type: text/html;charset=UTF-8');
});

test('a charset that text cannot be written in is refused in so many words', async (t) => {
  await answer(t, (_, response) => {
    assert.throws(() => response.setCharacterEncoding('utf-7'), /UTF-8, ISO-8859-1 and US-ASCII/);
    assert.throws(() => response.setContentType('text/plain; charset=EUC-KR'), RangeError);
  });
});

test('bytes are sent as they are, with a type as it is', async (t) => {
  const sent = await answer(t, (_, response) => {
    response.setContentType('image/png');
    response.getOutputStream().write(Uint8Array.of(0, 0x80, 0xff));
  });
  assert.equal(head(sent), '200 3\nContent-Type: image/png');
  assert.deepEqual([...sent.body], [0, 0x80, 0xff]);
});

test('stream and writer exclude each other', async (t) => {
  await answer(t, (_, response) => {
    response.getOutputStream();
    assert.throws(() => response.getWriter(), IllegalStateException);
    response.reset();
    response.getWriter();
    assert.throws(() => response.getOutputStream(), IllegalStateException);
  });
});

for (const [size, committed] of [
  [8191, false],
  [8192, false],
  [8193, true],
] as const) {
  test(`${size} bytes of text ${committed ? 'commit' : 'do not commit'} the response`, async (t) => {
    const sent = await answer(t, (_, response) => {
      response.getWriter().print('x'.repeat(size));
      assert.equal(response.isCommitted(), committed);
    });
    assert.equal(sent.sentLength, committed ? -1 : size);
    assert.equal(sent.body.length, size);
  });
  test(`${size} bytes ${committed ? 'commit' : 'do not commit'} the response`, async (t) => {
    const sent = await answer(t, (_, response) => {
      response.getOutputStream().write(new Uint8Array(size));
      assert.equal(response.isCommitted(), committed);
    });
    assert.equal(sent.sentLength, committed ? -1 : size);
    assert.equal(sent.body.length, size);
  });
}

test('the buffer counts bytes, not characters', async (t) => {
  await answer(t, (_, response) => {
    response.getWriter().print('대'.repeat(2730));
    assert.equal(response.isCommitted(), false, '8190 bytes');
    response.getWriter().print('대');
    assert.equal(response.isCommitted(), true, '8193 bytes');
  });
});

test('a pair of surrogates survives being written in halves, across the edge of the buffer too', async (t) => {
  const sent = await answer(t, (_, response) => {
    response.setBufferSize(4);
    const writer = response.getWriter();
    writer.print('xxxx\ud83d');
    writer.print('\ude00y');
  });
  assert.equal(sent.body.toString('utf8'), 'xxxx😀y');
});

test('the size of the buffer can be chosen before the first write', async (t) => {
  await answer(t, (_, response) => {
    response.setBufferSize(2);
    assert.equal(response.getBufferSize(), 2);
    response.getWriter().print('ab');
    assert.equal(response.isCommitted(), false);
    assert.throws(() => response.setBufferSize(10), IllegalStateException);
    response.getWriter().print('c');
    assert.equal(response.isCommitted(), true);
  });
});

test('what was buffered can be dropped, with and without the head', async (t) => {
  const sent = await answer(t, (_, response) => {
    response.setStatus(201);
    response.setHeader('X-A', '1');
    response.getWriter().print('gone');
    response.resetBuffer();
    response.getWriter().print('kept');
  });
  assert.equal(head(sent), '201 4\nX-A: 1');
  const bare = await answer(t, (_, response) => {
    response.setStatus(201);
    response.setHeader('X-A', '1');
    response.setContentType('text/plain');
    response.getWriter().print('gone');
    response.reset();
  });
  assert.equal(head(bare), '200 0');
});

test('behind the commit, status and header stay, and taking back is refused', async (t) => {
  const sent = await answer(t, (_, response) => {
    response.setHeader('X-A', '1');
    response.flushBuffer();
    response.setStatus(500);
    response.setHeader('X-A', '2');
    response.addCookie(new Cookie('a', 'b'));
    response.setContentType('text/plain');
    for (const late of [
      () => response.reset(),
      () => response.resetBuffer(),
      () => response.sendError(404),
      () => response.sendRedirect('/b'),
    ]) {
      assert.throws(late, IllegalStateException);
    }
    response.getWriter().print('x');
  });
  assert.equal(head(sent), '200 -1\nX-A: 1');
  assert.equal(sent.text, 'x');
});

test('a length that was told is sent, and what is written behind it is dropped', async (t) => {
  for (const [body, pieces] of [
    ['abc', ['abc']],
    ['abc', ['abcd']],
    ['abc', ['ab', 'cd', 'e']],
    ['대', ['대문']],
  ] as const) {
    const sent = await answer(t, (_, response) => {
      response.setHeader('Content-Length', '3');
      for (const piece of pieces) response.getWriter().print(piece);
      assert.equal(response.isCommitted(), true);
      response.setStatus(500);
      response.getWriter().print('more');
    });
    assert.equal(head(sent), '200 3');
    assert.equal(sent.body.toString('utf8'), body);
  }
});

test('a body that is shorter than was told is a mistake of the servlet', async (t) => {
  for (const body of ['', 'ab']) {
    const wrong = await answer(t, (_, response) => {
      response.setContentLength(3);
      response.getOutputStream().print(body);
    });
    assert.equal(wrong.status, 500, body);
  }
  const late = await answer(t, (_, response) => {
    response.setContentLength(3);
    response.getOutputStream().print('ab');
    response.flushBuffer();
  });
  assert.equal(late.sentLength, 3);
  assert.equal(late.text, 'ab');
  assert.equal(late.aborted, true);
});

test('no bytes are a length, too', async (t) => {
  const none = await answer(t, (_, response) => {
    response.setContentLength(0);
    response.getWriter().print('dropped');
  });
  assert.equal(head(none), '200 0');
  assert.equal(none.text, '');
});

test('304 may tell the length that a body would have', async (t) => {
  const sent = await answer(t, (_, response) => {
    response.setStatus(304);
    response.setContentLength(5);
  });
  assert.equal(head(sent), '304 5');
});

test('205 has no body, whatever is written', async (t) => {
  for (const size of [5, 10_000]) {
    const sent = await answer(t, (_, response) => {
      response.setStatus(205);
      response.getWriter().print('x'.repeat(size));
    });
    assert.equal(sent.status, 205);
    assert.equal(sent.sentLength, 0);
    assert.equal(sent.text, '');
  }
});

test('an error or a redirect is the last word: it counts as committed', async (t) => {
  for (const last of ['sendError', 'sendRedirect'] as const) {
    const sent = await answer(t, (_, response) => {
      response.setContentLength(100);
      if (last === 'sendError') response.sendError(410);
      else response.sendRedirect('/x');
      assert.equal(response.isCommitted(), true);
      response.setStatus(200);
      response.setHeader('X-Late', '1');
      response.addCookie(new Cookie('a', 'b'));
      for (const late of [
        () => response.sendError(404),
        () => response.sendRedirect('/y'),
        () => response.reset(),
        () => response.resetBuffer(),
      ]) {
        assert.throws(late, IllegalStateException);
      }
    });
    assert.equal(sent.status, last === 'sendError' ? 410 : 302);
    assert.equal(sent.sentFields.getByName('X-Late'), null);
    assert.equal(sent.sentFields.getByName('Set-Cookie'), null);
  }
});

test('a charset is forgotten with its type, and an empty one is none', async (t) => {
  const forgotten = await answer(t, (_, response) => {
    response.setContentType('text/plain;charset=ISO-8859-1');
    response.setContentType(null);
    response.getWriter().print('é');
  });
  assert.equal(head(forgotten), '200 2');
  const empty = await answer(t, (_, response) => {
    response.setContentType('text/plain;charset=');
    response.getWriter().print('é');
  });
  assert.equal(head(empty), '200 2\nContent-Type: text/plain;charset=UTF-8');
});

test('HEAD has the length that GET would have, and no body', async (t) => {
  const short = await answer(t, (_, response) => response.getWriter().print('hello'), 'HEAD');
  assert.equal(short.sentLength, 5);
  assert.equal(short.body.length, 0);
  const declared = await answer(t, (_, response) => response.setContentLength(1e9), 'HEAD');
  assert.equal(head(declared), '200 1000000000');
  const long = await answer(
    t,
    (_, response) => response.getWriter().print('x'.repeat(10_000)),
    'HEAD',
  );
  assert.equal(long.sentLength, -1);
  assert.equal(long.body.length, 0);
});

test('header fields are set, added, asked for and spelt as they were', async (t) => {
  const sent = await answer(t, (_, response) => {
    response.setHeader('X-One', 'a');
    response.addHeader('x-one', 'b');
    response.setIntHeader('X-Int', -5);
    response.addIntHeader('X-Int', 7);
    response.setDateHeader('X-Date', Date.UTC(2026, 10, 20, 12) + 999);
    response.setHeader('Content-Type', 'text/x');
    assert.equal(response.getHeader('X-ONE'), 'a');
    assert.deepEqual(response.getHeaders('x-One'), ['a', 'b']);
    assert.deepEqual(response.getHeaders('none'), []);
    assert.equal(response.getHeader('content-type'), 'text/x');
    assert.equal(response.containsHeader('X-int'), true);
    assert.equal(response.containsHeader('X-none'), false);
    assert.deepEqual(response.getHeaderNames(), ['Content-Type', 'X-One', 'X-Int', 'X-Date']);
    response.setHeader('X-Int', '1');
    assert.throws(() => response.setDateHeader('X-Date', 1e15), RangeError);
    assert.throws(() => response.setDateHeader('X-Date', NaN), RangeError);
    response.addDateHeader('X-Old', -1000);
    assert.equal(response.getHeader('X-Old'), 'Wed, 31 Dec 1969 23:59:59 GMT');
  });
  assert.equal(
    head(sent),
    '200 0\nX-One: a\nx-one: b\nX-Int: 1\nX-Date: Fri, 20 Nov 2026 12:00:00 GMT\nX-Old: Wed, 31 Dec 1969 23:59:59 GMT\nContent-Type: text/x',
  );
});

test('nothing that a servlet sets can split the head', async (t) => {
  await answer(t, (_, response) => {
    for (const [name, value] of [
      ['X-A', 'a\r\nX-B: c'],
      ['X-A', 'a\nb'],
      ['X-A', 'a\0b'],
      ['X A', 'a'],
      ['', 'a'],
      ['X-A', '대'],
      ['Content-Length', '-1'],
      ['Content-Length', '1, 2'],
      ['Content-Type', 'a\r\nb'],
    ] as const) {
      assert.throws(() => response.setHeader(name, value), Error, `${name}: ${value}`);
      assert.throws(() => response.addHeader(name, value), Error, `${name}: ${value}`);
    }
    assert.throws(() => response.sendRedirect('/a\r\nSet-Cookie: b=c'), TypeError);
    assert.equal(response.getStatus(), 200);
    assert.throws(() => response.setContentType('a\nb'), TypeError);
  });
});

test('framing is not the servlet’s, but it may end the connection', async (t) => {
  const sent = await answer(t, (_, response) => {
    response.setHeader('Transfer-Encoding', 'chunked');
    response.setHeader('Keep-Alive', 'timeout=5');
    response.setHeader('Upgrade', 'x');
    response.setHeader('Connection', 'close');
  });
  assert.equal(head(sent), '200 0');
  assert.equal(sent.closes, true);
});

test('a redirect drops the body, keeps the header, and ignores what is written behind it', async (t) => {
  const sent = await answer(t, (_, response) => {
    response.setHeader('X-A', '1');
    response.getWriter().print('gone');
    response.sendRedirect('../b?c=대#d');
    response.getWriter().print('ignored');
  });
  assert.equal(head(sent), '302 0\nX-A: 1\nLocation: ../b?c=%EB%8C%80#d');
  const moved = await answer(t, (_, response) => response.sendRedirect('/x', 308));
  assert.equal(head(moved), '308 0\nLocation: /x');
});

test('cookies are sent one a field', async (t) => {
  const sent = await answer(t, (_, response) => {
    const cookie = new Cookie('a', 'b');
    cookie.setPath('/');
    cookie.setHttpOnly(true);
    cookie.setMaxAge(60);
    cookie.setAttribute('SameSite', 'Strict');
    response.addCookie(cookie);
    response.addCookie(new Cookie('c', '"d"'));
  });
  assert.equal(
    head(sent),
    '200 0\nSet-Cookie: a=b; Path=/; HttpOnly; Max-Age=60; SameSite=Strict\nSet-Cookie: c="d"',
  );
});

test('a status that cannot be sent is refused', async (t) => {
  await answer(t, (_, response) => {
    for (const status of [0, 100, 199, 1000, 200.5, NaN]) {
      assert.throws(() => response.setStatus(status), RangeError, String(status));
      assert.throws(() => response.sendError(status), RangeError, String(status));
    }
    response.setStatus(999);
  });
});

test('a closed response is over for the servlet: more of it is a mistake', async (t) => {
  const sent = await answer(t, (_, response) => {
    const writer = response.getWriter();
    writer.print('all');
    writer.close();
    assert.equal(response.isCommitted(), true);
    assert.throws(() => writer.print('more'), IllegalStateException);
    assert.throws(() => response.sendError(500), IllegalStateException);
  });
  assert.equal(sent.text, 'all');
});

test('writing to a request that was answered is a mistake of the servlet, and reaches nobody else', async (t) => {
  let late: () => void = () => {};
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/a': (_, response) => {
        const writer = response.getWriter();
        late = () => writer.print('late');
      },
    },
  });
  const first = await ask({ target: '/app/a' });
  assert.throws(late, /behind its end/);
  assert.equal(first.text, '');
});

test('a servlet that asks whether the client keeps up is told, and can wait', async (t) => {
  const app = await memoryWebapp(t, {
    servlets: {
      '/a': async (_, response) => {
        const output = response.getOutputStream();
        for (let i = 0; i < 3; i++) {
          output.write(new Uint8Array(10_000));
          states.push(output.isReady());
          await output.ready();
        }
      },
    },
  });
  const states: boolean[] = [];
  const slow = new MemoryExchange({ target: '/app/a' });
  slow.full = true;
  app.site.ask(slow);
  await new Promise(setImmediate);
  assert.deepEqual(states, [false]);
  slow.full = false;
  slow.takeDrain();
  await new Promise(setImmediate);
  assert.deepEqual(states, [false, true, true]);
  assert.equal(slow.body.length, 30_000);
});

test('who waits behind the last byte waits for nothing', async (t) => {
  let waited = false;
  const app = await memoryWebapp(t, {
    servlets: {
      '/a': async (_, response) => {
        const output = response.getOutputStream();
        output.write(new Uint8Array(10_000));
        output.close();
        await output.ready();
        waited = true;
      },
    },
  });
  const slow = new MemoryExchange({ target: '/app/a' });
  slow.full = true;
  app.site.ask(slow);
  await new Promise(setImmediate);
  assert.equal(waited, true);
});

test('a servlet that writes on to a client which takes nothing is stopped', async (t) => {
  const piece = new Uint8Array(1 << 20);
  let written = 0;
  const app = await memoryWebapp(t, {
    servlets: {
      '/a': async (_, response) => {
        for (; written < 64; written++) {
          response.getOutputStream().write(piece);
          await new Promise(setImmediate);
        }
      },
    },
  });
  const slow = new MemoryExchange({ target: '/app/a' });
  slow.full = true;
  app.site.ask(slow);
  await eventually('the end of it', () => app.application.active === 0);
  assert.equal(slow.body.length <= 17 << 20, true, String(slow.body.length));
  assert.match(app.site.errorLines.join(''), /answer-backlog/);
  assert.equal(slow.resetBy?.kind.code, 'answer-backlog');
  written = 0;
  // One that takes everything may have as much as there is.
  assert.equal((await app.ask({ target: '/app/a' })).body.length, 64 << 20);
});
