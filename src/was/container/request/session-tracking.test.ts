import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionModel } from '../../descriptor/index.ts';
import { DEFAULT_WEB_APP } from '../../descriptor/index.ts';
import { SessionTracking } from './session-tracking.ts';

const { session } = DEFAULT_WEB_APP;

function cookie(changes: Partial<SessionModel['cookie']>, path = '/app', isSecure = false): string {
  const model = { ...session, cookie: { ...session.cookie, ...changes } };
  return new SessionTracking(model, path, null).cookie('ID', isSecure);
}

test('SessionTracking.cookie says what keeps a session to its application and its browser', () => {
  assert.equal(cookie({}), 'JSESSIONID=ID; Path=/app; HttpOnly; SameSite=Lax');
  assert.equal(cookie({}, ''), 'JSESSIONID=ID; Path=/; HttpOnly; SameSite=Lax');
  assert.equal(
    cookie({}, '/app', true),
    'JSESSIONID=ID; Path=/app; Secure; HttpOnly; SameSite=Lax',
  );
  assert.equal(
    cookie({}, '/대문'),
    'JSESSIONID=ID; Path=/%EB%8C%80%EB%AC%B8; HttpOnly; SameSite=Lax',
  );
});

test('SessionTracking.cookie follows cookie-config', () => {
  const changed = {
    name: 'sid',
    domain: 'example.com',
    path: '/',
    httpOnly: false,
    secure: true,
    maxAge: 0,
    attributes: new Map([
      ['SameSite', 'None'],
      ['Partitioned', ''],
    ]),
  };
  assert.equal(
    cookie(changed),
    'sid=ID; Max-Age=0; Domain=example.com; Path=/; Secure; SameSite=None; Partitioned',
  );
});

test('SessionTracking puts the route behind the id, in cookie and address', () => {
  const tracking = new SessionTracking(session, '/app', 'node1');
  assert.match(tracking.cookie('ID', false), /^JSESSIONID=ID\.node1; /);
  assert.equal(tracking.encode('/app/a', 'ID'), '/app/a;jsessionid=ID.node1');
});

test('SessionTracking.encode puts the id behind the path, before query and fragment', () => {
  const tracking = new SessionTracking(session, '/app', null);
  assert.equal(tracking.encode('a?b=c#d', 'ID'), 'a;jsessionid=ID?b=c#d');
  assert.equal(tracking.encode('a#d?e', 'ID'), 'a;jsessionid=ID#d?e');
  assert.equal(tracking.encode('', 'ID'), ';jsessionid=ID');
});

test('SessionTracking.encode gives no id away to another server', () => {
  const tracking = new SessionTracking(session, '/app', null);
  for (const url of ['https://example.com/', '//example.com/', 'mailto:a@example.com', '#here']) {
    assert.equal(tracking.encode(url, 'ID'), url);
  }
});
