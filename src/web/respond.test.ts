import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, MemoryRun } from '../../test/support/memory-context.ts';
import { plainText } from './plain-text.ts';
import { Respond, type RespondModel } from './respond.ts';

function respond(model: Partial<RespondModel>): Respond {
  return new Respond({
    status: 200,
    body: plainText('text'),
    contentType: 'text/plain',
    phase: 'content',
    ...model,
  });
}

async function answer(model: Partial<RespondModel>, method = 'GET'): Promise<string> {
  const { exchange } = await ask({ handlers: [respond(model)] }, { method });
  const type = exchange.sentFields.getByName('Content-Type') ?? 'none';
  return `${exchange.status} ${type} ${exchange.text}`;
}

test('text is sent as it is, whatever the status and method', async () => {
  assert.equal(await answer({}), '200 text/plain text');
  assert.equal(await answer({ status: 404 }), '404 text/plain text');
  assert.equal(await answer({ status: 599 }, 'BREW'), '599 text/plain text');
  assert.equal(await answer({}, 'HEAD'), '200 text/plain ');
  assert.equal(await answer({ body: plainText('\u00e9') }), '200 text/plain \xc3\xa9');
  const evaluate = (context: { path: string }): string => `at ${context.path}`;
  assert.equal(await answer({ body: { constant: null, evaluate } }), '200 text/plain at /');
});

test('without text the page for the status answers, below 300 nothing', async () => {
  assert.equal(await answer({ status: 404, body: null }), '404 text/html (page)');
  assert.equal(await answer({ status: 301, body: null }), '301 text/html (page)');
  assert.equal(await answer({ status: 200, body: null }), '200 none ');
  assert.equal(await answer({ status: 299, body: null }), '299 none ');
  assert.equal(await answer({ body: plainText('') }), '200 none ');
});

test('204 and 304 have neither body nor type', async () => {
  for (const status of [204, 304]) {
    assert.equal(await answer({ status }), `${status} none `);
    assert.equal(await answer({ status, body: null }), `${status} none `);
  }
});

test('444 closes the connection without an answer', async () => {
  for (const body of [null, plainText('text')]) {
    const run = await new MemoryRun({ handlers: [respond({ status: 444, body })] }, {}).run();
    assert.equal(run.exchange.resetBy?.kind.code, 'connection-dropped');
    assert.equal(run.exchange.ended, false);
  }
});

test('a fixed answer is given in the phase that it is meant for', () => {
  assert.equal(respond({ phase: 'rewrite' }).phase, 'rewrite');
});
