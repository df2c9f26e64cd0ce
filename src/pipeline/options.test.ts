import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  parseRoutePattern,
  parseServerName,
  routePatternFault,
  serverNameFault,
} from './options.ts';

const PATTERNS: readonly (readonly [string, unknown])[] = [
  ['/', { kind: 'prefix', path: '/' }],
  ['/*', { kind: 'prefix', path: '/' }],
  ['/a', { kind: 'exact', path: '/a' }],
  ['/a/', { kind: 'exact', path: '/a/' }],
  ['/a/*', { kind: 'prefix', path: '/a/' }],
  ['/a b/*', { kind: 'prefix', path: '/a b/' }],
  ['/대문', { kind: 'exact', path: '/대문' }],
  ['*.php', { kind: 'extension', ending: '.php' }],
  ['*.tar.gz', { kind: 'extension', ending: '.tar.gz' }],
  ['~ ^/a', { kind: 'regex', source: '^/a' }],
  ['~^/a', { kind: 'regex', source: '^/a' }],
];
for (const [written, pattern] of PATTERNS)
  test(`the route ${written} is understood`, () => {
    assert.deepEqual(parseRoutePattern(written), { value: pattern });
    assert.equal(routePatternFault(written), undefined);
  });
for (const written of [
  '',
  'a',
  '*',
  '*php',
  '*.',
  '*.a/b',
  '*.*',
  '/a*',
  '/*/a',
  '/a/**',
  '/a?b',
  '/a#b',
  '/a\0',
  '~',
  '~ ',
  '~ (',
])
  test(`the route ${JSON.stringify(written)} is refused`, () => {
    assert.equal(routePatternFault(written)?.code, 'wrong-form');
  });

const OF_NGINX: readonly (readonly [string, RegExp])[] = [
  ['= /e', /^Write "\/e": /],
  ['=/e/', /^Write "\/e\/": /],
  ['= /', /^Write "~ \^\/\$"$/],
  ['^~ /e', /^Write "\/e\/\*": /],
  ['^~ /e/', /^Write "\/e\/\*": /],
  ['^~ /', /^Write "\/\*": /],
  ['~* \\.php$', /^Write "~ \\\\.php\$", with both cases of the letters/],
  ['~*x', /^Write "~ x", /],
];
for (const [written, cure] of OF_NGINX)
  test(`the route ${written} of nginx is refused with the way to write it here`, () => {
    const fault = routePatternFault(written);
    assert.equal(fault?.message, `${JSON.stringify(written)} is a location of nginx`);
    assert.match(fault.cure, cure);
    const [, here] = /^Write ("(?:[^"\\]|\\.)*")/.exec(fault.cure) ?? [];
    assert.equal(routePatternFault(JSON.parse(here ?? '""') as string), undefined);
  });

const NAMES: readonly (readonly [string, unknown])[] = [
  ['*', { kind: 'any' }],
  ['localhost', { kind: 'exact', name: 'localhost' }],
  ['WWW.Example.COM', { kind: 'exact', name: 'www.example.com' }],
  ['127.0.0.1', { kind: 'exact', name: '127.0.0.1' }],
  ['[::1]', { kind: 'exact', name: '[::1]' }],
  ['*.Example.com', { kind: 'suffix', suffix: '.example.com' }],
  ['example.*', { kind: 'prefix', prefix: 'example.' }],
  ['~^www[0-9]', { kind: 'regex', source: '^www[0-9]' }],
];
for (const [written, name] of NAMES)
  test(`the name ${written} is understood`, () => {
    assert.deepEqual(parseServerName(written), { value: name });
    assert.equal(serverNameFault(written), undefined);
  });
for (const written of [
  '',
  'a b',
  '*a.com',
  'a.*.com',
  '*.',
  '.*',
  '**',
  'a:80',
  '[x]',
  '~',
  '~(',
  'http://a',
  'é.com',
  '*.*',
])
  test(`the name ${JSON.stringify(written)} is refused`, () => {
    assert.equal(serverNameFault(written)?.code, 'wrong-form');
  });
