import assert from 'node:assert/strict';
import { Fields, UNKNOWN_LENGTH } from '../../src/http/message/index.ts';
import type { BackHarness } from './back.ts';
import { type Check, write } from './transport-bench.ts';

/** Requests and responses arrive as they were sent, on connections that may be used again. */
export function messagesArriveWhole(
  check: Check,
  { trailers, tunnels }: BackHarness['carries'],
): void {
  check('a request arrives as it was given, and its response whole', async (bench) => {
    const recorder = bench.open({
      method: 'DELETE',
      target: '/a%20b?c=\xe4',
      authority: 'name.test:81',
      fields: Fields.of(['X-A', '1'], ['x-a', '2']),
    });
    const call = await bench.arrived(0);
    assert.equal(call.method, 'DELETE');
    assert.equal(call.target, '/a%20b?c=\xe4');
    assert.equal(call.authority, 'name.test:81');
    assert.deepEqual(
      [...call.fields.entries()].filter(([name]) => name[1] === '-'),
      [
        ['X-A', '1'],
        ['x-a', '2'],
      ],
    );
    await bench.until('the end of the request', () => call.bodyEnded);
    assert.equal(call.body, '');
    assert.equal(recorder.call?.received, 0);
    call.respond(201, 5, Fields.of(['X-B', 'c']));
    call.write('hello');
    call.end();
    await bench.until('the response', () => recorder.over);
    assert.equal(recorder.status, 201);
    assert.equal(recorder.length, 5);
    assert.equal(recorder.fields.getByName('x-b'), 'c');
    assert.equal(recorder.body, 'hello');
    assert.equal(recorder.trailers, null);
    assert.ok(recorder.call.received > 'X-Bchello'.length, 'head and body are counted');
  });

  const text = 'The quick brown fox \xe9\x00\r\n0\r\n\r\n';
  for (const framing of [text.length, 'unknown', 'until-close'] as const) {
    check(`a response body (${framing}) arrives whole, however it is cut`, async (bench) => {
      for (let cut = 1; cut < text.length; cut += 5) {
        const recorder = bench.open();
        const call = await bench.arrived(bench.back.calls.length);
        call.respond(200, framing);
        for (let at = 0; at < text.length; at += cut) call.write(text.slice(at, at + cut));
        await bench.until('the body', () => recorder.body.length === text.length);
        if (framing !== text.length) assert.equal(recorder.ends, 0, 'an end before its time');
        call.end();
        await bench.until('the response', () => recorder.over);
        assert.equal(recorder.trouble, null);
        assert.equal(recorder.body, text);
        if (framing !== 'until-close')
          assert.equal(recorder.length, framing === 'unknown' ? UNKNOWN_LENGTH : framing);
      }
    });
  }

  for (const length of [text.length, UNKNOWN_LENGTH]) {
    check(
      `a request body of ${length < 0 ? 'unknown' : 'known'} length arrives whole, however it is cut`,
      async (bench) => {
        for (let cut = 1; cut < text.length; cut += 5) {
          const recorder = bench.open({ method: 'POST', length });
          for (let at = 0; at < text.length; at += cut) write(recorder, text.slice(at, at + cut));
          write(recorder, '');
          recorder.call?.end(null);
          const call = await bench.arrived(bench.back.calls.length);
          await bench.until('the request', () => call.bodyEnded);
          assert.equal(call.body, text);
          assert.equal(recorder.call?.sent, 'body');
          call.respond(204, 0);
          await bench.until('the response', () => recorder.over);
        }
        assert.equal(bench.back.calls.at(-1)?.connection, 1, 'the connection is used again');
      },
    );
  }

  const whither = trailers ? 'go both ways' : 'are left out';
  check(`trailers ${whither}, apart from the heads`, async (bench) => {
    const recorder = bench.open({ method: 'POST', length: UNKNOWN_LENGTH });
    write(recorder, 'x');
    recorder.call?.end(Fields.of(['X-Sum', 'abc']));
    const call = await bench.arrived(0);
    await bench.until('the request', () => call.bodyEnded);
    assert.equal(call.trailers?.getByName('x-sum') ?? null, trailers ? 'abc' : null);
    assert.equal(call.fields.getByName('x-sum'), null);
    call.respond(200, 'unknown');
    call.write('y');
    call.end(Fields.of(['X-Sum', 'def'], ['Content-Length', '9']));
    await bench.until('the response', () => recorder.over);
    assert.equal(recorder.trailers?.getByName('x-sum') ?? null, trailers ? 'def' : null);
    assert.equal(recorder.fields.getByName('x-sum'), null);
    // One that is there as a whole has a length where nothing can follow it.
    if (trailers) assert.equal(recorder.length, UNKNOWN_LENGTH);
  });

  check('interim responses are passed on, but for 100', async (bench) => {
    const recorder = bench.open();
    const call = await bench.arrived(0);
    call.inform(100);
    call.inform(103, Fields.of(['Link', '</a>']));
    call.inform(102);
    await bench.until('the interim responses', () => recorder.informed.length === 2);
    assert.equal(recorder.status, 0);
    call.respond(200, 1);
    call.write('x');
    await bench.until('the response', () => recorder.over);
    assert.deepEqual(
      recorder.informed.map((each) => each.status),
      [103, 102],
    );
    assert.equal(recorder.informed[0]?.fields.getByName('link'), '</a>');
    assert.equal(recorder.status, 200);
    assert.equal(recorder.body, 'x');
  });

  for (const [what, method, status, length, told] of [
    ['HEAD', 'HEAD', 200, 12, 12],
    ['HEAD of unknown length', 'HEAD', 200, 'unknown', UNKNOWN_LENGTH],
    ['204', 'GET', 204, 0, 0],
    ['304', 'GET', 304, 12, 12],
    ['an empty body', 'GET', 200, 0, 0],
  ] as const) {
    check(`a response to ${what} ends with its head`, async (bench) => {
      const recorder = bench.open({ method });
      const call = await bench.arrived(0);
      call.respond(status, length);
      await bench.until('the response', () => recorder.over);
      assert.equal(recorder.status, status);
      assert.equal(recorder.length, told);
      assert.equal(recorder.body, '');
      const next = await bench.another();
      assert.equal(next.connection, 1);
    });
  }

  check('calls one after the other share a connection', async (bench) => {
    for (let i = 0; i < 5; i++) assert.equal((await bench.another()).connection, 1);
  });

  check('calls at the same time get their own answers', async (bench) => {
    const recorders = ['/a', '/b', '/c'].map((target) => bench.open({ target }));
    await bench.arrived(2);
    for (const call of bench.back.calls.toReversed()) {
      call.respond(200, 2);
      call.write(call.target);
    }
    await bench.until('all responses', () => recorders.every((recorder) => recorder.over));
    assert.deepEqual(
      recorders.map((recorder) => recorder.body),
      ['/a', '/b', '/c'],
    );
  });

  check(
    'a connection that the back end ends with its response is not used again',
    async (bench) => {
      const recorder = bench.open();
      const call = await bench.arrived(0);
      call.lastOne();
      call.respond(200, 2);
      call.write('hi');
      await bench.until('the response', () => recorder.over);
      assert.equal(recorder.body, 'hi');
      assert.notEqual((await bench.another()).connection, 1);
    },
  );

  check('a connection that the back end ended while idle is not used again', async (bench) => {
    const first = await bench.another();
    first.leave('fin');
    bench.back.advance(0);
    await bench.until('a connection of its own', () => {
      bench.back.advance(0);
      return true;
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.notEqual((await bench.another()).connection, 1);
  });

  check('a connection that was idle too long is not used again', async (bench) => {
    await bench.another();
    bench.back.advance(4999);
    assert.equal((await bench.another()).connection, 1);
    bench.back.advance(5000);
    assert.notEqual((await bench.another()).connection, 1);
  });

  check(
    'bytes that belong to no response are not the answer to the next request',
    async (bench) => {
      const recorder = bench.open();
      const call = await bench.arrived(0);
      call.respond(200, 2);
      call.write('hi');
      if (!call.stray()) return;
      await bench.until('the response', () => recorder.over);
      assert.equal(recorder.body, 'hi');
      await bench.another();
      assert.equal(bench.back.calls.length, 2);
    },
  );

  check(
    'a request that would be two is refused',
    async (bench) => {
      for (const request of [
        { target: '/ HTTP/1.1\r\nX: y' },
        { target: '/a b' },
        { authority: 'a\r\nX: y' },
        { method: 'GET / HTTP/1.1\r\nX' },
        ...(tunnels ? [{ upgrade: 'a\r\nb' }] : []),
      ]) {
        assert.throws(() => bench.open(request), TypeError);
        assert.equal(bench.back.calls.length, 0);
      }
      await bench.another();
    },
    { budget: 1000 },
  );
}
