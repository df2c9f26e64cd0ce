import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filePath, type FilePathModel } from './file-path.ts';

const model: FilePathModel = {
  root: Buffer.from('/srv/www'),
  strip: '',
  dotfiles: 'deny',
  hidesApplications: true,
};

function named(
  path: string,
  changes: Partial<FilePathModel> = {},
  platform: NodeJS.Platform = 'linux',
) {
  return filePath({ ...model, ...changes }, path, platform)?.bytes.toString('latin1') ?? null;
}

test('the bytes of the path are the bytes of the name', () => {
  assert.equal(named('/a b/\xc3\xa9\xe9\n?#%;'), '/srv/www/a b/\xc3\xa9\xe9\n?#%;');
  assert.equal(named('/'), '/srv/www/');
  assert.equal(named('/dir/'), '/srv/www/dir/');
  assert.equal(named('//a'), '/srv/www//a');
  assert.equal(named('/a', { root: Buffer.from('') }), '/a');
  assert.equal(named('/a', { root: Buffer.from('/caf\u00e9') }), '/caf\xc3\xa9/a');
});

test('NUL and dot segments are refused wherever they stand, longer runs of dots are names', () => {
  for (const path of ['/..', '/../', '/a/..', '/a/../b', '/.', '/a/./b', '/a\0', '/\0', '//..']) {
    assert.equal(named(path, { dotfiles: 'allow' }), null, path);
  }
  assert.equal(named('/...', { dotfiles: 'allow' }), '/srv/www/...');
  assert.equal(named('/a..b'), '/srv/www/a..b');
  assert.equal(named('/a..'), '/srv/www/a..');
});

test('dotfiles are refused in every segment unless allowed, .well-known only at the top', () => {
  for (const path of [
    '/.git/config',
    '/a/.env',
    '/.htaccess',
    '/...',
    '/.well-known2/x',
    '/.well-know',
    '/a/.well-known/x',
    '/.well-known/.x',
  ]) {
    assert.equal(named(path), null, path);
  }
  assert.equal(named('/.well-known/acme-challenge/t'), '/srv/www/.well-known/acme-challenge/t');
  assert.equal(named('/.git/config', { dotfiles: 'allow' }), '/srv/www/.git/config');
});

test('folders of web applications are refused in any case and depth, names near them are not', () => {
  for (const path of [
    '/WEB-INF',
    '/WEB-INF/web.xml',
    '/web-inf/x',
    '/a/Meta-Inf/x',
    '//WEB-INF/',
    '/WEB-INF/',
  ]) {
    assert.equal(named(path), null, path);
  }
  for (const path of ['/WEB-INF2', '/AWEB-INF', '/WEB-IN', '/WEB\rINF', '/WEB-INF.txt']) {
    assert.notEqual(named(path), null, path);
  }
  assert.equal(named('/WEB-INF/x', { hidesApplications: false }), '/srv/www/WEB-INF/x');
});

test('an alias takes its prefix off, and a prefix that ends inside a segment cannot be left', () => {
  assert.equal(named('/img/a.png', { strip: '/img/' }), '/srv/www/a.png');
  assert.equal(named('/img/', { strip: '/img/' }), '/srv/www/');
  assert.equal(named('/img/a.png', { strip: '/img' }), '/srv/www/a.png');
  assert.equal(named('/img', { strip: '/img' }), '/srv/www/');
  assert.equal(named('/img../secret', { strip: '/img' }), null);
  assert.equal(named('/imgx', { strip: '/img' }), null);
  assert.equal(named('/img/../x', { strip: '/img/' }), null);
  assert.equal(named('/img/..', { strip: '/img/' }), null);
  assert.equal(named('/other', { strip: '/img/' }), null);
});

test('on Windows names with another meaning are refused, elsewhere they are names', () => {
  for (const path of [
    '/a\\b',
    '/c:',
    '/a.txt::$DATA',
    '/WEB-IN~1/x',
    '/a.',
    '/a ',
    '/a./b',
    '/a\x01',
    '/a|b',
    '/a*',
    '/a?',
  ]) {
    assert.equal(named(path, { dotfiles: 'allow' }, 'win32'), null, path);
    assert.notEqual(named(path, { dotfiles: 'allow' }), null, path);
  }
  assert.equal(named('/a/b.txt', {}, 'win32'), '/srv/www/a/b.txt');
  assert.equal(named('/', {}, 'win32'), '/srv/www/');
});
