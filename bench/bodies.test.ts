import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { answerFault, BODIES, bodyOf } from './bodies.ts';
import type { Answer } from './bodies.ts';

function right(name: string): Answer {
  const body = bodyOf(name);
  const hash = createHash('sha256').update(body).digest('hex');
  return {
    status: 200,
    length: String(body.length),
    chunked: false,
    closes: false,
    bytes: body.length,
    hash,
  };
}

test('bodies have the size that their names say, and can stand in a quoted string', () => {
  assert.deepEqual(Object.keys(BODIES), ['1k.txt', '100k.txt', '10m.txt']);
  for (const [name, bytes] of Object.entries(BODIES)) assert.equal(bodyOf(name).length, bytes);
  assert.match(bodyOf('1k.txt').toString('latin1'), /^[a-z0-9]{1024}$/);
  assert.throws(() => bodyOf('constructor'), /No body/);
});

test('no two blocks of a kibibyte that follow each other are the same', () => {
  const body = bodyOf('100k.txt');
  for (let at = 1024; at < body.length; at += 1024) {
    assert.notDeepEqual(body.subarray(at, at + 1024), body.subarray(at - 1024, at));
  }
});

test('the right answer has no fault', () => {
  assert.equal(answerFault(right('1k.txt'), '1k.txt'), undefined);
  const chunked = { ...right('1k.txt'), length: undefined, chunked: true };
  assert.equal(answerFault(chunked, '1k.txt'), undefined);
});

test('a wrong answer is told by what is wrong with it', () => {
  const answer = right('1k.txt');
  const faults: readonly [Partial<Answer>, RegExp][] = [
    [{ status: 404 }, /status 404/],
    [{ status: 206 }, /status 206/],
    [{ length: '1023' }, /Content-Length 1023 instead of 1024/],
    [{ length: undefined }, /Content-Length missing/],
    [{ bytes: 1023 }, /1023 bytes/],
    [{ hash: right('100k.txt').hash }, /different body/],
    [{ closes: true }, /closes the connection/],
  ];
  for (const [change, says] of faults) {
    assert.match(answerFault({ ...answer, ...change }, '1k.txt') ?? '', says);
  }
});
