import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openness, portUrl } from './url.ts';

const CASES: readonly (readonly [key: string, port: number, url: string, open: boolean])[] = [
  ['127.0.0.1:8080', 8080, 'http://127.0.0.1:8080/', false],
  ['127.0.0.1:0', 4711, 'http://127.0.0.1:4711/', false],
  ['[::1]:80', 80, 'http://[::1]/', false],
  ['localhost:80', 80, 'http://localhost/', false],
  ['unix:/run/*:0', 0, 'unix:/run/*:0', false],
  ['*:8000', 8000, 'http://localhost:8000/', true],
  ['0.0.0.0:8000', 8000, 'http://localhost:8000/', true],
  ['[::]:80', 80, 'http://localhost/', true],
];
for (const [key, port, url, open] of CASES)
  test(`${key} is reached under ${url}${open ? ', and said to be open to everybody' : ''}`, () => {
    assert.equal(portUrl({ key, port, protocol: 'http' }), url);
    assert.equal(openness({ key }), open ? ' (open on every network interface)' : '');
  });

test('an address with TLS is reached by https, without its port where that is 443', () => {
  assert.equal(portUrl({ key: '*:443', port: 443, protocol: 'https' }), 'https://localhost/');
  assert.equal(portUrl({ key: '[::1]:80', port: 80, protocol: 'https' }), 'https://[::1]:80/');
  assert.equal(portUrl({ key: '[::1]:443', port: 443, protocol: 'http' }), 'http://[::1]:443/');
});

test('an address for web servers is told as they write it', () => {
  const told = (key: string): string => portUrl({ key, port: 8009, protocol: 'ajp' });
  assert.equal(told('127.0.0.1:8009'), 'ajp://127.0.0.1:8009');
  assert.equal(told('*:8009'), 'ajp://localhost:8009');
  assert.equal(told('unix:/run/x.sock'), 'ajp+unix:/run/x.sock');
});
