import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryRun } from '../../test/support/memory-context.ts';
import { missingBecause } from './open-file.ts';
import { refuseMethod, refuseMissing, refuseRange } from './refusal.ts';

test('a refused method is told which there are', () => {
  const { context, exchange } = new MemoryRun({ handlers: [] }, { method: 'BREW' });
  refuseMethod(context);
  assert.equal(exchange.status, 405);
  assert.equal(exchange.sentFields.getByName('Allow'), 'GET, HEAD');
  assert.equal(exchange.fault?.detail, 'BREW');
});

test('a refused range is told the length there is', () => {
  const { context, exchange } = new MemoryRun({ handlers: [] }, {});
  refuseRange(context, 'bytes=9-', 'bytes */9');
  assert.equal(exchange.status, 416);
  assert.equal(exchange.sentFields.getByName('Content-Range'), 'bytes */9');
});

test('only a machine at its limits says when to come back', () => {
  for (const [code, status, retry] of [
    ['EMFILE', 503, '1'],
    ['ENOENT', 404, null],
    ['EIO', 500, null],
  ] as const) {
    const { context, exchange } = new MemoryRun({ handlers: [] }, {});
    refuseMissing(context, missingBecause(Object.assign(new Error(), { code }), Buffer.from('/a')));
    assert.equal(exchange.status, status);
    assert.equal(exchange.sentFields.getByName('Retry-After'), retry);
    assert.equal(exchange.fault?.detail, `/a: ${code}`);
  }
});
