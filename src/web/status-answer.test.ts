import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryRun } from '../../test/support/memory-context.ts';
import { answerStatus } from './status-answer.ts';

test('from 300 on the page for the status answers, below there is no body', () => {
  for (const [status, text] of [
    [200, ''],
    [299, ''],
    [300, '(page)'],
    [303, '(page)'],
    [304, ''],
    [305, '(page)'],
    [404, '(page)'],
    [443, '(page)'],
    [445, '(page)'],
    [599, '(page)'],
  ] as const) {
    const { context, exchange } = new MemoryRun({ handlers: [] }, {});
    answerStatus(context, status, 'a rule');
    assert.equal(exchange.status, status);
    assert.equal(exchange.text, text);
    assert.equal(exchange.fault?.detail, text === '' ? undefined : 'a rule');
  }
});

test('444 closes the connection', () => {
  const { context, exchange } = new MemoryRun({ handlers: [] }, {});
  answerStatus(context, 444, 'a rule');
  assert.equal(exchange.resetBy?.kind.code, 'connection-dropped');
});
