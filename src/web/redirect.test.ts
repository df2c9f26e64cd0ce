import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionTo, MemoryRun } from '../../test/support/memory-context.ts';
import { MemoryExchange } from '../../test/support/memory-exchange.ts';
import { plainText } from './plain-text.ts';
import { escapeLocation, Redirect, type RedirectModel } from './redirect.ts';

async function locationOf(model: Partial<RedirectModel>, method = 'GET'): Promise<MemoryExchange> {
  const handler = new Redirect({
    status: 302,
    target: plainText('/there'),
    style: 'relative',
    phase: 'content',
    ...model,
  });
  const request = { method, target: '/here?q' };
  const exchange = new MemoryExchange(request, connectionTo(8080));
  return (await new MemoryRun({ handlers: [handler] }, request, exchange).run()).exchange;
}

test('each status is sent with its Location and a page, to every method', async () => {
  for (const status of [301, 302, 303, 307, 308] as const) {
    for (const method of ['GET', 'POST', 'BREW']) {
      const exchange = await locationOf({ status }, method);
      assert.equal(exchange.status, status);
      assert.equal(exchange.sentFields.getByName('Location'), '/there');
      assert.equal(exchange.sentFields.getByName('Content-Type'), 'text/html; charset=utf-8');
      assert.ok(exchange.text.includes(`<h1>${status} `));
      assert.ok(exchange.text.includes('<a href="/there">/there</a>'));
    }
    assert.equal((await locationOf({ status }, 'HEAD')).text, '');
  }
});

test('a path becomes an address of this site where that is asked for, an address stays', async () => {
  for (const [target, style, location] of [
    ['/a', 'absolute', 'http://localhost:8080/a'],
    ['//evil.example/', 'absolute', 'http://localhost:8080//evil.example/'],
    ['//evil.example/', 'relative', '/.//evil.example/'],
    ['https://other/a?b#c', 'absolute', 'https://other/a?b#c'],
    ['https://other/%20', 'relative', 'https://other/%20'],
  ] as const) {
    const exchange = await locationOf({ target: plainText(target), style });
    assert.equal(exchange.sentFields.getByName('Location'), location);
  }
});

test('a line break in the value of a variable stays inside the Location', async () => {
  const evaluate = (): string => '/a \r\nX: y\0\x7f\xe9"';
  const exchange = await locationOf({ target: { constant: null, evaluate } });
  assert.equal(exchange.sentFields.getByName('Location'), '/a%20%0D%0AX:%20y%00%7F%E9"');
});

test('a backslash, which browsers take for a slash, cannot lead to another host', async () => {
  for (const [value, location] of [
    ['/\\evil.example/', '/%5Cevil.example/'],
    ['\\\\evil.example/', '%5C%5Cevil.example/'],
    ['/\\/evil.example/', '/%5C/evil.example/'],
    ['//\\evil.example/', '/.//%5Cevil.example/'],
  ] as const) {
    const target = { constant: null, evaluate: (): string => value };
    const exchange = await locationOf({ target });
    assert.equal(exchange.sentFields.getByName('Location'), location);
    const link = new URL(location, 'https://site.example/old/page');
    assert.equal(link.host, 'site.example');
  }
});

test('visible ASCII other than a backslash is left alone byte for byte', () => {
  let visible = '';
  for (let code = 0x21; code < 0x7f; code++) {
    if (code !== 0x5c) visible += String.fromCharCode(code);
  }
  assert.equal(escapeLocation(visible), visible);
  assert.equal(escapeLocation(''), '');
  for (let code = 0; code < 256; code++) {
    if (code > 0x20 && code < 0x7f && code !== 0x5c) continue;
    const hex = code.toString(16).toUpperCase().padStart(2, '0');
    assert.equal(escapeLocation(`a${String.fromCharCode(code)}b`), `a%${hex}b`);
  }
});

test('a redirect answers in the phase that it is given', () => {
  const target = plainText('/');
  const model = { status: 301, target, style: 'relative' } as const;
  assert.equal(new Redirect({ ...model, phase: 'rewrite' }).phase, 'rewrite');
  assert.equal(new Redirect({ ...model, phase: 'content' }).phase, 'content');
});
