import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryRequest } from '../../test/support/memory-exchange.ts';
import { protocolOf, requestLine } from './request-line.ts';

test('versions are spelt as nginx spells them', () => {
  assert.deepEqual([10, 11, 20, 30].map(protocolOf), [
    'HTTP/1.0',
    'HTTP/1.1',
    'HTTP/2.0',
    'HTTP/3.0',
  ]);
});

test('the line is what the client sent, also where it was no request line', () => {
  assert.equal(requestLine(memoryRequest({ target: '/a?b', version: 10 })), 'GET /a?b HTTP/1.0');
  assert.equal(requestLine(memoryRequest({ method: '', target: 'GARBAGE' })), 'GARBAGE');
  assert.equal(requestLine(memoryRequest({ method: '', target: '' })), '');
});
