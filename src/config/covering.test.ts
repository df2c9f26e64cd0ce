import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, endpointText, parseListen } from '../schema/index.ts';
import { coverOf, isWide, plainHost } from './covering.ts';

function at(text: string): Endpoint {
  const read = parseListen(text);
  assert.ok('value' in read, text);
  return read.value;
}

function asked(texts: readonly string[]): readonly { readonly target: Endpoint }[] {
  return texts.map((text) => ({ target: at(text) }));
}

const COVERED: readonly (readonly [narrow: string, others: string[], cover: string | null])[] = [
  ['127.0.0.1:80', ['127.0.0.1:80', '127.0.0.2:80', '[::1]:80'], null],
  ['127.0.0.1:80', ['*:80'], '*:80'],
  ['127.0.0.1:80', ['[::]:80'], '[::]:80'],
  ['127.0.0.1:80', ['0.0.0.0:80'], '0.0.0.0:80'],
  ['[::1]:80', ['*:80'], '*:80'],
  ['[::1]:80', ['[::]:80'], '[::]:80'],
  ['[::1]:80', ['0.0.0.0:80'], null],
  // The widest has the socket, wherever it stands.
  ['127.0.0.1:80', ['0.0.0.0:80', '*:80', '[::]:80'], '*:80'],
  ['127.0.0.1:80', ['0.0.0.0:80', '[::]:80'], '[::]:80'],
  ['0.0.0.0:80', ['0.0.0.0:80', '[::]:80'], '[::]:80'],
  ['[::]:80', ['[::]:80', '*:80', '0.0.0.0:80'], '*:80'],
  ['*:80', ['*:80', '[::]:80', '0.0.0.0:80'], null],
  ['[0:0::0]:80', ['*:80', '[::]:80'], '*:80'],
  ['127.0.0.1:80', ['[0:0::0]:80'], '[::]:80'],
  // Other ports are other connections, and any free port is one of its own.
  ['127.0.0.1:80', ['*:81', '*:8', '*:0'], null],
  ['127.0.0.1:0', ['*:0'], null],
  // What a name resolves to shows when it is opened.
  ['localhost:80', ['*:80'], null],
  ['127.0.0.1:80', ['localhost:80'], null],
  ['unix:/run/x', ['*:80'], null],
  ['127.0.0.1:80', ['unix:/run/x'], null],
];
for (const [narrow, others, cover] of COVERED)
  test(`${narrow} beside ${others.join(' and ')} ${cover === null ? 'has a socket of its own' : `is part of ${cover}`}`, () => {
    const found = coverOf(at(narrow), asked(others));
    assert.equal(found === null ? null : endpointText(found.target), cover);
  });

const HOSTS: readonly (readonly [Endpoint, string | null, boolean])[] = [
  [at('80'), '*', true],
  [at('0.0.0.0:80'), '0.0.0.0', true],
  [at('[0:0::0]:80'), '::', true],
  [at('127.0.0.1:80'), '127.0.0.1', false],
  [at('[2001:DB8:0::0001]:80'), '2001:db8::1', false],
  [at('LocalHost:80'), 'localhost', false],
  [at('unix:/run/x'), null, false],
];
for (const [target, host, wide] of HOSTS)
  test(`the host of ${JSON.stringify(target)} is ${host}`, () => {
    assert.deepEqual([plainHost(target), isWide(target)], [host, wide]);
  });
