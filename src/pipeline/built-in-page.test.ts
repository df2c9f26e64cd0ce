import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorBody, redirectPage } from './built-in-page.ts';

const ID = 'a1'.repeat(16);

/** The elements of a page that a text stands in, in their order. */
function texts(page: string, element: string): readonly string[] {
  const all = page.matchAll(new RegExp(`<${element}(?: [^>]*)?>([^<]*)</${element}>`, 'g'));
  return Array.from(all, ([, text = '']) => text);
}

test('a page is whole by itself, in a language, for light and dark and for small screens', () => {
  for (const page of [errorBody('html', 404, ID), redirectPage(301, '/there')]) {
    assert.ok(
      page.startsWith('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'),
    );
    assert.ok(page.endsWith('</html>\n'));
    assert.ok(
      page.includes('<meta name="viewport" content="width=device-width, initial-scale=1">'),
    );
    assert.ok(page.includes('<meta name="color-scheme" content="light dark">'));
    assert.ok(page.includes('<main>'));
    // Nothing is fetched, nothing runs, and no attribute needs a style of its own.
    assert.doesNotMatch(page, /src=|url\(|<script|<link| style=| on[a-z]+=|@import/);
    // The page is bytes already: one character is one of them.
    for (const character of page) assert.ok(character.charCodeAt(0) < 0x80);
  }
});

test('the page of a failure tells what failed and what to quote to whom', () => {
  const page = errorBody('html', 404, ID);
  assert.deepEqual(texts(page, 'title'), ['404 Not Found']);
  assert.deepEqual(texts(page, 'h1'), ['404 Not Found']);
  assert.deepEqual(texts(page, 'code'), [ID]);
  assert.match(page, /<p>.*operator of this site.*request id: <code>/);
  const text = errorBody('text', 404, ID);
  assert.match(
    text,
    new RegExp(`^404 Not Found\\n\\n.*operator of this site.*request id: ${ID}\\n$`),
  );
  assert.deepEqual(JSON.parse(errorBody('json', 404, ID)), {
    status: 404,
    title: 'Not Found',
    requestId: ID,
  });
});

test('a status without a reason phrase is an error by number', () => {
  assert.deepEqual(texts(errorBody('html', 599, ID), 'h1'), ['599 Error']);
  assert.ok(errorBody('text', 599, ID).startsWith('599 Error\n'));
});

test('what stands in a page cannot leave its place', () => {
  const wild = '<b>&"\'';
  assert.deepEqual(texts(errorBody('html', 500, wild), 'code'), ['&lt;b&gt;&amp;&quot;&#39;']);
  const page = redirectPage(302, `/${wild}`);
  assert.ok(page.includes('<a href="/&lt;b&gt;&amp;&quot;&#39;">/&lt;b&gt;&amp;&quot;&#39;</a>'));
});

test('the page of a redirect links to where it leads, if that is a place of the web', () => {
  for (const location of ['/', '/a?b=c', '/.//x', 'http://x/', 'https://x/', 'HTTPS://x/']) {
    const page = redirectPage(301, location);
    assert.deepEqual(texts(page, 'h1'), ['301 Moved Permanently']);
    assert.deepEqual(texts(page, 'a'), [location]);
  }
  for (const location of [
    'javascript:alert(1)',
    ' https://x/',
    'data:text/html,x',
    'httpsx://x',
    'ftp://x/',
    'x',
    '',
  ]) {
    assert.doesNotMatch(redirectPage(301, location), /<a|javascript|data:/, location);
  }
});
