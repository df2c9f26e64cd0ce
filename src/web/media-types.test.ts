import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  builtInType,
  contentTypeOf,
  DEFAULT_CHARSET_TYPES,
  fileEnding,
  type MediaTypeModel,
} from './media-types.ts';

const model: MediaTypeModel = {
  types: new Map(),
  defaultType: 'application/octet-stream',
  charset: null,
  charsetTypes: DEFAULT_CHARSET_TYPES,
};

test('the ending is what follows the last dot of the last segment, in lower case', () => {
  for (const [path, ending] of [
    ['/a.txt', 'txt'],
    ['/a.tar.GZ', 'gz'],
    ['/a', ''],
    ['/a.', ''],
    ['/.htaccess', 'htaccess'],
    ['/a.b/c', ''],
    ['/a.b/', ''],
    ['/a.\xc0', '\xc0'],
    ['', ''],
  ] as const) {
    assert.equal(fileEnding(path), ending, path);
  }
});

test('endings that nginx lists have its types, where the registry has another too', () => {
  for (const [ending, type] of [
    ['js', 'application/javascript'],
    ['xml', 'text/xml'],
    ['ts', 'video/mp2t'],
    ['ico', 'image/x-icon'],
    ['rtf', 'application/rtf'],
    ['bmp', 'image/x-ms-bmp'],
    ['pem', 'application/x-x509-ca-cert'],
    ['prc', 'application/x-pilot'],
    ['rar', 'application/x-rar-compressed'],
    ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['kar', 'audio/midi'],
    ['7z', 'application/x-7z-compressed'],
    ['woff2', 'font/woff2'],
    ['jpg', 'image/jpeg'],
    ['shtml', 'text/html'],
    ['exe', 'application/octet-stream'],
    ['avi', 'video/x-msvideo'],
  ] as const) {
    assert.equal(builtInType(ending), type, ending);
  }
});

test('endings that nginx does not list come from the registry, and nonsense has none', () => {
  assert.equal(builtInType('mjs'), 'text/javascript');
  assert.equal(builtInType('webmanifest'), 'application/manifest+json');
  for (const ending of ['', 'constructor', '__proto__', 'nope', '\xc0', 'a b', 'x.js']) {
    assert.equal(builtInType(ending) === null || ending === 'x.js', true, ending);
  }
});

test('own types stand before the built-in ones, and the default type for the rest', () => {
  const own = {
    ...model,
    types: new Map([
      ['js', 'text/x'],
      ['', 'text/bare'],
    ]),
  };
  assert.equal(contentTypeOf(own, '/a.js'), 'text/x');
  assert.equal(contentTypeOf(own, '/a'), 'text/bare');
  assert.equal(contentTypeOf(own, '/a.nope'), 'application/octet-stream');
  assert.equal(contentTypeOf({ ...model, defaultType: 'text/plain' }, '/a'), 'text/plain');
});

test('a charset is named for the listed types only, the default type among them', () => {
  const named = { ...model, charset: 'utf-8' };
  assert.equal(contentTypeOf(named, '/a.HTML'), 'text/html; charset=utf-8');
  assert.equal(contentTypeOf(named, '/a.js'), 'application/javascript; charset=utf-8');
  assert.equal(contentTypeOf(named, '/a.css'), 'text/css');
  assert.equal(contentTypeOf(named, '/a.png'), 'image/png');
  assert.equal(
    contentTypeOf({ ...named, defaultType: 'text/plain' }, '/a'),
    'text/plain; charset=utf-8',
  );
  assert.equal(
    contentTypeOf({ ...named, charsetTypes: ['text/css'] }, '/a.css'),
    'text/css; charset=utf-8',
  );
});
