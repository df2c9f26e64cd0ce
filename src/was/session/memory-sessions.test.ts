import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock } from '../../base/index.ts';
import type { ServletContext } from '../api/index.ts';
import { MemorySessions } from './memory-sessions.ts';
import { newSessionId, readSessionId } from './session-id.ts';

const context = {} as ServletContext;

function sessions(maxInactive = 60, random = randomBytes as (size: number) => Uint8Array) {
  const clock = new ManualClock(1_800_000_000_000);
  return { clock, made: new MemorySessions(context, maxInactive, { clock, random }) };
}

test('ids are 128 bits in the form of Tomcat’s, and never twice', () => {
  const ids = new Set(Array.from({ length: 10_000 }, () => newSessionId(randomBytes)));
  assert.equal(ids.size, 10_000);
  for (const id of ids) assert.match(id, /^[0-9A-F]{32}$/);
  assert.equal(
    newSessionId((size) => new Uint8Array(size).fill(10)),
    '0A'.repeat(16),
  );
});

test('an id that is taken is not given again', () => {
  let next = 0;
  const { made } = sessions(60, (size) => new Uint8Array(size).fill(Math.floor(next++ / 2)));
  const first = made.create().getId();
  const second = made.create().getId();
  assert.notEqual(first, second);
  assert.equal(made.size, 2);
});

test('readSessionId takes what may be an id, without its route', () => {
  const id = '0123456789ABCDEF0123456789ABCDEF';
  assert.equal(readSessionId(id), id);
  assert.equal(readSessionId(`${id}.node1`), id);
  assert.equal(readSessionId(`${id}.`), id);
  assert.equal(readSessionId(`${id}.a.b`), id);
  for (const wrong of [
    '',
    '.',
    `.${id}`,
    id.slice(1),
    `${id}0`,
    id.toLowerCase(),
    `${id}!x`,
    ` ${id}`,
  ]) {
    assert.equal(readSessionId(wrong), null, wrong);
  }
});

for (const [seconds, idle, isThere] of [
  [60, 59_999, true],
  [60, 60_000, false],
  [1, 1000, false],
  [0, 1e12, true],
  [-1, 1e12, true],
] as const) {
  test(`a session for ${seconds} s is ${isThere ? 'there' : 'gone'} after ${idle} ms`, () => {
    const { made, clock } = sessions(seconds);
    const session = made.create();
    clock.advance(idle);
    assert.equal(made.find(session.getId()) === session, isThere);
    assert.equal(session.isValid, isThere);
    assert.equal(made.size, isThere ? 1 : 0);
  });
}

test('a session may have a time of its own', () => {
  const { made, clock } = sessions(60);
  const session = made.create();
  assert.equal(session.getMaxInactiveInterval(), 60);
  session.setMaxInactiveInterval(5);
  clock.advance(5000);
  assert.equal(made.find(session.getId()), null);
});

test('sessions that nobody comes back to are cleared away by new ones', () => {
  const { made, clock } = sessions(60);
  for (let i = 0; i < 1000; i++) made.create();
  clock.advance(59_999);
  made.create();
  assert.equal(made.size, 1001);
  clock.advance(10_001);
  made.create();
  assert.equal(made.size, 2);
});

test('a new id keeps the session and forgets the old id', () => {
  const { made } = sessions();
  const session = made.create();
  session.setAttribute('a', 1);
  const old = session.getId();
  const id = made.changeId(session);
  assert.notEqual(id, old);
  assert.equal(made.find(old), null);
  assert.equal(made.find(id)?.getAttribute('a'), 1);
  assert.equal(made.size, 1);
});

test('attributes with names of the language are attributes', () => {
  const { made } = sessions();
  const session = made.create();
  assert.equal(session.getAttribute('constructor'), null);
  session.setAttribute('__proto__', { x: 1 });
  assert.deepEqual(session.getAttributeNames(), ['__proto__']);
  session.setAttribute('__proto__', undefined);
  assert.deepEqual(session.getAttributeNames(), []);
  assert.equal(session.getServletContext(), context);
});
