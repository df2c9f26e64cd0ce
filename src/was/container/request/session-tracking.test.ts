import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionModel } from '../../descriptor/index.ts';
import { DEFAULT_WEB_APP } from '../../descriptor/index.ts';
import { SessionTracking } from './session-tracking.ts';

const { session } = DEFAULT_WEB_APP;
const BASE = 'http://example.com:8080/app/dir/page';

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
  // As browsers write it, who leave brackets as they are.
  assert.equal(cookie({}, '/a[1]'), 'JSESSIONID=ID; Path=/a[1]; HttpOnly; SameSite=Lax');
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
  assert.equal(tracking.encode('/app/a', 'ID', BASE), '/app/a;jsessionid=ID.node1');
});

test('SessionTracking.encode puts the id behind the path, before query and fragment', () => {
  const tracking = new SessionTracking(session, '/app', null);
  for (const [url, encoded] of [
    ['a?b=c#d', 'a;jsessionid=ID?b=c#d'],
    ['a#d?e', 'a;jsessionid=ID#d?e'],
    ['/app', '/app;jsessionid=ID'],
    ['/app/', '/app/;jsessionid=ID'],
    ['../app/a', '../app/a;jsessionid=ID'],
    ['http://example.com:8080/app/a', 'http://example.com:8080/app/a;jsessionid=ID'],
  ] as const) {
    assert.equal(tracking.encode(url, 'ID', BASE), encoded);
  }
  const root = new SessionTracking(session, '', null);
  assert.equal(root.encode('/anything', 'ID', BASE), '/anything;jsessionid=ID');
});

test('SessionTracking.encode gives no id away to another server or application', () => {
  const tracking = new SessionTracking(session, '/app', null);
  for (const url of [
    'https://example.com:8080/app/a',
    'http://example.com/app/a',
    'http://other.example:8080/app/a',
    '//other.example/app/a',
    'mailto:a@example.com',
    'javascript:alert(1)',
    '/other',
    '/application',
    '../../other',
    'http://[',
    // A browser would look for these in the directory, or in the page itself.
    '',
    '?a=b',
    '#here',
    'a;jsessionid=OTHER',
  ]) {
    assert.equal(tracking.encode(url, 'ID', BASE), url);
  }
});
