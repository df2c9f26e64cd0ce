import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Answer, Bench, GET, TIMEOUTS } from '../../../test/support/h1-client-bench.ts';

describe('a response that is there at once', () => {
  const sized = (size: number): string =>
    `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'b'.repeat(size)}`;
  const LIMIT = 16 * 1024;

  for (const [what, method, text, wholes, body] of [
    ['with a body', 'GET', sized(2), 1, 'bb'],
    ['without a body', 'GET', sized(0), 1, ''],
    ['with as much as is told at once', 'GET', sized(LIMIT), 1, 'b'.repeat(LIMIT)],
    ['with a byte more', 'GET', sized(LIMIT + 1), 0, 'b'.repeat(LIMIT + 1)],
    ['behind interim ones', 'GET', `HTTP/1.1 100 Continue\r\n\r\n${sized(1)}`, 1, 'b'],
    ['to HEAD, with the length of a GET', 'HEAD', sized(9).slice(0, -9), 0, ''],
    ['that is not modified', 'GET', 'HTTP/1.1 304 x\r\nContent-Length: 3\r\n\r\n', 0, ''],
    ['that is empty by its status', 'GET', 'HTTP/1.1 204 x\r\n\r\n', 1, ''],
    [
      'in chunks',
      'GET',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\n',
      0,
      'b',
    ],
  ] as const) {
    test(`${what} is told ${wholes === 1 ? 'at once' : 'piece by piece'}`, () => {
      const bench = new Bench();
      const answer = new Answer();
      bench.connection.open({ ...GET, method }, answer, TIMEOUTS);
      bench.wire.turn();
      bench.comes(text);
      assert.equal(answer.wholes, wholes);
      assert.equal(answer.body, body);
      assert.equal(answer.log.at(-1), 'end');
      assert.deepEqual(bench.told, ['idle']);
      assert.equal(bench.budget.held, 0);
    });
  }

  test('is told piece by piece where a byte of it is still to come, wherever it is cut', () => {
    const text = sized(3);
    for (let cut = 1; cut < text.length; cut++) {
      const bench = new Bench();
      const answer = new Answer();
      bench.connection.open(GET, answer, TIMEOUTS);
      bench.wire.turn();
      bench.comes(text.slice(0, cut));
      bench.comes(text.slice(cut));
      assert.equal(answer.body, 'bbb');
      // The head came with less than its body.
      assert.equal(answer.wholes, cut < text.length - 3 ? 1 : 0, `cut at ${cut}`);
      assert.deepEqual(bench.told, ['idle']);
    }
  });

  test('is told piece by piece to a receiver that paused, and to one whose request goes on', () => {
    const paused = new Bench();
    const held = new Answer();
    const call = paused.connection.open(GET, held, TIMEOUTS);
    paused.wire.turn();
    call.pause();
    paused.comes(sized(2));
    assert.deepEqual(held.log, ['head 200 OK 2']);
    assert.equal(held.body, '');
    call.resume();
    assert.equal(held.body, 'bb');
    assert.equal(held.wholes, 0);

    const early = new Bench();
    const answer = new Answer();
    early.connection.open({ ...GET, method: 'PUT', length: 5 }, answer, TIMEOUTS);
    early.wire.turn();
    early.comes(sized(2));
    assert.equal(answer.wholes, 0);
    assert.deepEqual(answer.log, ['head 200 OK 2', 'end']);
    assert.deepEqual(early.told, ['unusable']);
  });

  test('is told before a call that its receiver opens on the same connection', () => {
    const bench = new Bench();
    const next = new Answer();
    class Opens extends Answer {
      override onWhole(status: number): void {
        this.log.push(`whole ${status}`);
        bench.connection.open(GET, next, TIMEOUTS);
        throw new Error('defect');
      }
    }
    const first = new Opens();
    bench.connection.open(GET, first, TIMEOUTS);
    bench.wire.turn();
    bench.comes(sized(1));
    bench.wire.turn();
    bench.comes(sized(2));
    assert.deepEqual(first.log, ['whole 200']);
    assert.equal(next.body, 'bb');
    assert.equal(bench.defects.length, 1);
  });
});
