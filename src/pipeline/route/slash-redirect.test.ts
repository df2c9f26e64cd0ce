import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIELD } from '../../http/message/index.ts';
import { MemorySite, says } from '../../../test/support/memory-site.ts';
import { slashRedirect } from './slash-redirect.ts';

test('the path without its slash is sent to the one with it, escaped, with its query and the logs of its route', () => {
  const site = new MemorySite({ x: {} });
  const location = site.location('/a b/*', { handlers: [says('never')], bodyLimit: 1 });
  site.pipeline.swap(site.model({ x: { '/a b': slashRedirect(location) } }));
  const exchange = site.ask({ target: '/a%20b?q=1' });
  assert.equal(exchange.status, 301);
  assert.equal(exchange.sentFields.get(FIELD.location), '/a%20b/?q=1');
  assert.equal(exchange.sentFields.get(FIELD.contentType), 'text/html; charset=utf-8');
  assert.ok(exchange.text.includes('<a href="/a%20b/?q=1">'));
  assert.equal(site.accessLines.length, 1);
  assert.equal(site.ask({ target: '/a%20b', method: 'POST', contentLength: 2 }).status, 413);
});
