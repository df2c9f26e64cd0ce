import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, type FaultKind } from '../base/index.ts';
import { FIELD, Fields } from '../http/message/index.ts';
import { memoryConnection, MemoryExchange } from '../../test/support/memory-exchange.ts';
import { handler, type MemoryLocation, MemorySite, says } from '../../test/support/memory-site.ts';
import { DONE } from './handler.ts';

function kind(status: number): FaultKind {
  return { code: 'test', blame: 'client', status, means: 'A <test>', cure: 'None' };
}

function fails(status: number, more: MemoryLocation = {}): MemoryLocation {
  return {
    handle: (context) => {
      context.fail(kind(status), 'secret detail');
      return DONE;
    },
    ...more,
  };
}

const ID = '0'.repeat(32);

test('the built-in page tells status, reason and request id in HTML and no details', () => {
  const site = new MemorySite({ x: { '/': fails(404) } });
  const exchange = site.ask();
  assert.equal(exchange.status, 404);
  assert.equal(exchange.sentFields.get(FIELD.contentType), 'text/html; charset=utf-8');
  assert.match(exchange.text, /<title>404 Not Found<\/title>/);
  assert.match(exchange.text, new RegExp(`please quote the request id: <code>${ID}</code>`));
  assert.doesNotMatch(exchange.text, /secret|test/);
});

test('clients that prefer JSON or plain text get it', () => {
  const site = new MemorySite({ x: { '/': fails(503) } });
  const json = site.ask({ fields: Fields.of(['Accept', 'application/json']) });
  assert.equal(json.sentFields.get(FIELD.contentType), 'application/json');
  assert.deepEqual(JSON.parse(json.text), {
    status: 503,
    title: 'Service Unavailable',
    requestId: ID,
  });
  const text = site.ask({ fields: Fields.of(['Accept', 'text/plain']) });
  assert.match(text.text, /^503 Service Unavailable\n\nIf .* request id: [0-9a-f]{32}\n$/);
  assert.equal(text.sentFields.get(FIELD.vary), 'Accept');
});

test('HEAD gets the head of the page alone', () => {
  const exchange = new MemorySite({ x: { '/': fails(404) } }).ask({ method: 'HEAD' });
  assert.equal(exchange.status, 404);
  assert.equal(exchange.text, '');
  assert.ok(exchange.sentLength > 0);
});

test('connections end behind the statuses behind which nginx ends them', () => {
  const ends = new Set([400, 408, 414, 431, 500, 501, 505]);
  for (const status of [
    400, 401, 403, 404, 405, 408, 409, 413, 414, 416, 429, 431, 500, 501, 502, 503, 504, 505,
  ]) {
    const exchange = new MemorySite({ x: { '/': fails(status) } }).ask();
    assert.equal(exchange.closes, ends.has(status), String(status));
  }
  const unread = new MemorySite({ x: { '/': fails(413) } }).ask({
    method: 'POST',
    contentLength: 5,
  });
  assert.equal(unread.closes, true);
  const stream = new MemorySite({ x: { '/': fails(400) } }).ask({ version: 20 });
  assert.equal(stream.closes, false);
});

test('a configured page answers with the status that failed, or with its own', () => {
  for (const [status, sent] of [
    [0, 404],
    [410, 410],
    [200, 200],
    [-1, 200],
  ] as const) {
    const site = new MemorySite({
      x: {
        '/': fails(404, { errorPages: new Map([[404, { path: '/sorry', status }]]) }),
        '/sorry': { handlers: [says('sorry')] },
      },
    });
    const exchange = site.ask();
    assert.equal(exchange.status, sent);
    assert.equal(exchange.text, 'sorry');
    assert.equal(exchange.fault?.kind.code, 'test');
  }
});

test('a page that answers by streaming has the status as well, and one that redirects keeps its own', () => {
  const errorPages = new Map([
    [404, { path: '/stream', status: 0 }],
    [403, { path: '/login', status: 0 }],
  ]);
  const site = new MemorySite({
    x: {
      '/': fails(404, { errorPages }),
      '/forbidden': fails(403, { errorPages }),
      '/stream': {
        handle: (context) => {
          context.respond(200, new Fields(), 2, 'Fine');
          context.write(Buffer.from('hi'), 0, 2);
          context.end(null);
          return DONE;
        },
      },
      '/login': {
        handle: (context) => {
          context.send(302, Fields.of(['Location', '/in']), null);
          return DONE;
        },
      },
    },
  });
  const streamed = site.ask();
  assert.equal(streamed.status, 404);
  assert.equal(streamed.sentReason, '');
  assert.equal(streamed.text, 'hi');
  assert.equal(site.ask({ target: '/forbidden' }).status, 302);
});

test('a page is fetched by GET and without the body, whatever the request was; HEAD stays HEAD', () => {
  const seen: string[] = [];
  const site = new MemorySite({
    x: {
      '/': fails(413, { errorPages: new Map([[413, { path: '/page', status: 0 }]]) }),
      '/page': {
        bodyLimit: 1,
        handle: (context) => {
          seen.push(context.method);
          context.receive({
            onData: () => {},
            onEnd: () => seen.push('no body'),
            onAbort: () => {},
          });
          return says('page').handle(context);
        },
      },
    },
  });
  assert.equal(site.ask({ method: 'POST', contentLength: 100 }).status, 413);
  site.ask({ method: 'HEAD' });
  assert.deepEqual(seen, ['GET', 'no body', 'HEAD', 'no body']);
});

test('a page that fails itself is replaced by the built-in one, with the status that failed first', () => {
  const errorPages = new Map([
    [500, { path: '/gone', status: 200 }],
    [404, { path: '/', status: 0 }],
  ]);
  const site = new MemorySite({
    x: { '/': fails(500, { errorPages }), '/gone': fails(404, { errorPages }) },
  });
  const exchange = site.ask();
  assert.equal(exchange.status, 500);
  assert.match(exchange.text, /500 Internal Server Error/);
  assert.equal(exchange.finished, true);
});

test('a page may be a named location, which keeps the path', () => {
  const errorPages = new Map([[404, { path: '@app', status: -1 }]]);
  const site = new MemorySite({
    x: {
      '/': fails(404, { errorPages }),
      '@app': { handle: (context) => says(context.path).handle(context) },
    },
  });
  const exchange = site.ask({ target: '/x/y' });
  assert.equal(exchange.status, 200);
  assert.equal(exchange.text, '/x/y');
});

test('fields that the status asks for are sent by whichever page answers, once', () => {
  const refuse = handler('refuse', (context) => {
    context.failWith(new Fault(kind(405), 'handler'), Fields.of(['Allow', 'GET']));
    return DONE;
  });
  const errorPages = new Map([[405, { path: '/page', status: 0 }]]);
  const site = new MemorySite({
    x: {
      '/plain': { handlers: [refuse] },
      '/own': { handlers: [refuse], errorPages },
      '/page': { handlers: [says('page')] },
    },
  });
  assert.equal(site.ask({ target: '/plain' }).sentFields.get(FIELD.allow), 'GET');
  const own = site.ask({ target: '/own' });
  assert.equal(own.text, 'page');
  assert.equal(own.sentFields.get(FIELD.allow), 'GET');
  assert.equal(own.sentFields.get(FIELD.contentType), 'text/plain');
});

test('header filters of the location see the answer to a failure', () => {
  const headerFilters = [
    {
      name: 'hsts',
      filter: (_context: unknown, status: number, fields: Fields) => {
        const changed = fields.copy();
        changed.append('X-Seen', String(status));
        return changed;
      },
    },
  ];
  const exchange = new MemorySite({ x: { '/': fails(404, { headerFilters }) } }).ask();
  assert.equal(exchange.sentFields.getByName('x-seen'), '404');
});

test('a fault without a status that can be sent cuts the request off', () => {
  for (const status of [0, 499]) {
    const exchange = new MemorySite({ x: { '/': fails(status) } }).ask();
    assert.equal(exchange.resetBy?.kind.status, status);
    assert.equal(exchange.finished, true);
  }
});

test('a status without a registered reason has a page all the same', () => {
  const exchange = new MemorySite({ x: { '/': fails(599) } }).ask(
    new MemoryExchange({}, memoryConnection()),
  );
  assert.match(exchange.text, /599 Error/);
});
