import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIELD } from '../http/message/index.ts';
import { MemorySite } from '../../test/support/memory-site.ts';
import { DONE } from './handler.ts';
import { answerRedirect } from './redirect-answer.ts';

test('a redirect has a Location, and a page of the same length for HEAD as for GET', () => {
  const site = new MemorySite({
    x: {
      '/': {
        handle: (context) => {
          answerRedirect(context, 308, 'https://x/"');
          return DONE;
        },
      },
    },
  });
  const exchange = site.ask();
  assert.equal(exchange.status, 308);
  assert.equal(exchange.sentFields.get(FIELD.location), 'https://x/"');
  assert.equal(exchange.sentFields.get(FIELD.contentType), 'text/html; charset=utf-8');
  assert.match(exchange.text, /<h1>308 Permanent Redirect<\/h1>[^]*<a href="https:\/\/x\/&quot;">/);
  const head = site.ask({ method: 'HEAD' });
  assert.equal(head.text, '');
  assert.equal(head.sentLength, exchange.text.length);
});
