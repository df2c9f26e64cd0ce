import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../schema/index.ts';
import { ElementReader } from './element-reader.ts';
import { Problems } from './problems.ts';
import { DEFAULT_SESSION, readSessionConfig } from './read-session-config.ts';
import type { SessionModel } from './web-app.ts';
import { parseXml } from './xml-tree.ts';

function read(content: string): {
  readonly session: SessionModel;
  readonly found: readonly Problem[];
} {
  const parsed = parseXml(`<session-config>${content}</session-config>`);
  assert.ok('root' in parsed);
  const problems = new Problems('/a/web.xml');
  const session = readSessionConfig(parsed.root, new ElementReader(problems));
  return { session, found: problems.found };
}

const cookie = (content: string): string => `<cookie-config>${content}</cookie-config>`;

const attribute = (name: string, value: string): string =>
  `<attribute><attribute-name>${name}</attribute-name><attribute-value>${value}</attribute-value></attribute>`;

/** Code and object of what is told of a content, notes marked. */
function told(content: string): readonly string[] {
  return read(content).found.map(
    ({ code, object, isNote }) => `${isNote === true ? 'note ' : ''}${code} ${object}`,
  );
}

test('what is not said is as without the element', () => {
  assert.deepEqual(read('').session, DEFAULT_SESSION);
  assert.deepEqual(read(cookie('')).session, DEFAULT_SESSION);
  const { session, found } = read('<tracking-mode>URL</tracking-mode>');
  assert.deepEqual(found, []);
  assert.deepEqual(session, { ...DEFAULT_SESSION, tracking: new Set(['URL']) });
});

test('attributes that have elements of their own are these, in any case of letters', () => {
  const { session, found } = read(
    cookie(
      attribute('SECURE', 'true') +
        attribute('httponly', 'false') +
        attribute('Max-Age', '5') +
        attribute('Domain', 'example.com') +
        attribute('path', '/x') +
        attribute('Comment', 'c'),
    ),
  );
  assert.deepEqual(found, []);
  assert.deepEqual(session.cookie, {
    ...DEFAULT_SESSION.cookie,
    secure: true,
    httpOnly: false,
    maxAge: 5,
    domain: 'example.com',
    path: '/x',
  });
  assert.deepEqual(told(cookie(attribute('Secure', 'yes'))), [
    'not-a-choice <attribute-value>yes</attribute-value>',
  ]);
});

test('SameSite is one of three, in any case of letters', () => {
  const sameSite = (value: string, more = ''): unknown =>
    read(cookie(attribute('sameSITE', value) + more)).session.cookie.attributes.get('SameSite');
  assert.equal(sameSite('strict'), 'Strict');
  assert.equal(sameSite('LAX'), 'Lax');
  assert.equal(sameSite('none', '<secure>true</secure>'), 'None');
  for (const value of ['', 'Loose', 'Strict ; x']) {
    assert.equal(told(cookie(attribute('SameSite', value)))[0]?.split(' ')[0], 'not-a-choice');
  }
});

test('SameSite=None without Secure is noted', () => {
  const none = attribute('SameSite', 'None');
  assert.deepEqual(told(cookie(none)), ['note conflict <attribute-value>None</attribute-value>']);
  assert.deepEqual(told(cookie(`${none}<secure>false</secure>`)).length, 1);
  assert.deepEqual(told(cookie(`${none}<secure>true</secure>`)), []);
  assert.deepEqual(told(cookie(`<secure>true</secure>${none}`)), []);
});

test('an attribute that stands there twice is noted, and the last counts', () => {
  const twice = cookie(attribute('priority', 'Low') + attribute('Priority', 'High'));
  assert.deepEqual(told(twice), ['note duplicate <attribute-name>Priority</attribute-name>']);
  assert.deepEqual(
    [...read(twice).session.cookie.attributes],
    [
      ['SameSite', 'Lax'],
      ['Priority', 'High'],
    ],
  );
});

test('an attribute without a name or a value is told', () => {
  assert.deepEqual(told(cookie('<attribute/>')), [
    'missing-key <attribute>',
    'missing-key <attribute>',
  ]);
  assert.deepEqual(told(cookie(attribute('a b', 'c'))), [
    'wrong-form <attribute-name>a b</attribute-name>',
  ]);
  assert.deepEqual(told(cookie(attribute('', 'c'))), ['wrong-form <attribute-name>']);
  assert.deepEqual(told(cookie(attribute('a', 'b;c'))), [
    'wrong-form <attribute-value>b;c</attribute-value>',
  ]);
  assert.deepEqual(told(cookie(attribute('a', 'é'))), [
    'wrong-form <attribute-value>é</attribute-value>',
  ]);
});

test('the domain of a cookie is the name of a host', () => {
  for (const domain of ['example.com', '127.0.0.1', 'a']) {
    assert.equal(read(cookie(`<domain>${domain}</domain>`)).session.cookie.domain, domain);
  }
  assert.equal(read(cookie('<domain/>')).session.cookie.domain, null);
  for (const domain of ['.example.com', '-a', 'a b', 'a;b', 'é.example']) {
    assert.deepEqual(told(cookie(`<domain>${domain}</domain>`)), [
      `wrong-form <domain>${domain}</domain>`,
    ]);
  }
});

test('numbers are those of an int', () => {
  for (const value of ['-2147483648', '-1', '0', '2147483647']) {
    const text = cookie(`<max-age>${value}</max-age>`);
    assert.equal(read(text).session.cookie.maxAge, Number(value));
  }
  for (const value of ['-2147483649', '2147483648']) {
    assert.deepEqual(told(cookie(`<max-age>${value}</max-age>`)), [
      `out-of-range <max-age>${value}</max-age>`,
    ]);
  }
  for (const value of ['', '1s', '0x1', '1e3', '--1']) {
    assert.equal(told(cookie(`<max-age>${value}</max-age>`))[0]?.split(' ')[0], 'wrong-form');
  }
});

test('what may be said once is told where it is said again', () => {
  assert.deepEqual(
    told('<session-timeout>5</session-timeout><session-timeout>6</session-timeout>'),
    ['duplicate <session-timeout>6</session-timeout>'],
  );
  assert.deepEqual(told(cookie('<name>a</name><name>b</name>')), ['duplicate <name>b</name>']);
  assert.deepEqual(told(cookie('') + cookie('')), ['duplicate <cookie-config>']);
});

test('thousands of attributes are read', () => {
  const many = Array.from({ length: 10_000 }, (_, at) => attribute(`a${at}`, '1')).join('');
  assert.equal(read(cookie(many)).session.cookie.attributes.size, 10_001);
});
