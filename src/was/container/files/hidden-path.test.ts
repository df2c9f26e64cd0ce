import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isHidden, isPageSource } from './hidden-path.ts';

describe('hidden paths', () => {
  test('folders of the application, in any case and with anything behind', () => {
    for (const name of ['WEB-INF', 'META-INF', 'web-inf', 'Meta-Inf', 'wEB-iNF']) {
      for (const rest of ['', '/', '/web.xml', '/a/b'])
        assert.ok(isHidden(`/${name}${rest}`), name);
    }
  });

  test('names that only look like them, or are deeper, are not', () => {
    const paths = ['/WEB-INFO', '/XWEB-INF', '/WEB_INF', '/dir/WEB-INF/x', '/WEB-INF.txt', '/', ''];
    for (const path of paths) assert.ok(!isHidden(path), path);
  });

  test('names that begin with a dot, but for the well-known one at the top', () => {
    for (const path of [
      '/.env',
      '/.git/config',
      '/a/.b',
      '/a/.b/c',
      '/.well-known/.x',
      '/.WELL-KNOWN',
    ]) {
      assert.ok(isHidden(path), path);
    }
    for (const path of ['/.well-knownx', '/a/.well-known/x', '/...'])
      assert.ok(isHidden(path), path);
    for (const path of [
      '/.well-known',
      '/.well-known/',
      '/.well-known/x',
      '/a.b',
      '/a./b',
      '/a..b',
    ]) {
      assert.ok(!isHidden(path), path);
    }
  });

  test('packages, at any depth', () => {
    for (const path of [
      '/node_modules',
      '/node_modules/',
      '/node_modules/x.js',
      '/a/Node_Modules/x',
    ]) {
      assert.ok(isHidden(path), path);
    }
    for (const path of ['/node_modules.js', '/my_node_modules/x', '/node_modulesx/']) {
      assert.ok(!isHidden(path), path);
    }
  });

  test('sources of pages, in any case, which stay hidden from servlets too', () => {
    for (const ending of ['jsp', 'jspx', 'jspf', 'tag', 'tagx', 'JSP', 'Jspf', 'tAGx']) {
      for (const path of [
        `/a.${ending}`,
        `/WEB-INF/a.${ending}`,
        `/a.b.${ending}`,
        `/a.${ending}/`,
      ]) {
        assert.ok(isHidden(path) && isPageSource(path), path);
      }
    }
    for (const path of [
      '/jsp',
      '/a.jsp.txt',
      '/a.jspa',
      '/a.tags',
      '/a.jsp/b.txt',
      '/ajsp',
      '/tag/x',
    ]) {
      assert.ok(!isHidden(path) && !isPageSource(path), path);
    }
    assert.ok(!isPageSource('/WEB-INF/a.txt'));
  });
});
