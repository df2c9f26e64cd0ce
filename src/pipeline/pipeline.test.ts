import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, MemoryBudget } from '../base/index.ts';
import { EXCHANGE_FAULTS, FIELD, Fields, UNKNOWN_LENGTH } from '../http/message/index.ts';
import { MemoryExchange, memoryConnection } from '../../test/support/memory-exchange.ts';
import { handler, MemorySite, says } from '../../test/support/memory-site.ts';
import type { Context } from './handler.ts';
import { DONE, NEXT, PENDING } from './handler.ts';

const UNREADABLE = {
  code: 'unreadable',
  blame: 'client',
  status: 400,
  means: 'Not HTTP',
  cure: '',
} as const;

/** A site whose every failure would have a page of its own, were it looked for. */
function withPages(status: number): MemorySite {
  const hosts = { x: { '/page': { handlers: [says('page')] } } };
  const site = new MemorySite(hosts);
  const errorPages = new Map([[status, { path: '/page', status: 0 }]]);
  site.pipeline.swap(site.model(hosts, { fallback: site.location('f', { errorPages }) }));
  return site;
}

test('a request goes to its virtual host and there to its location', () => {
  const site = new MemorySite({
    'default.test': { '/': { handlers: [says('default /')] } },
    '*.example.com': {
      '/': { handlers: [says('wild /')] },
      '/a/*': { handlers: [says('wild /a/')] },
    },
  });
  assert.equal(site.ask({ host: 'www.example.com', target: '/a/%62?q' }).text, 'wild /a/');
  assert.equal(site.ask({ host: 'www.example.com', target: '/b' }).text, 'wild /');
  assert.equal(site.ask({ host: 'example.com', target: '/a/b' }).text, 'default /');
});

test('the path is decoded and normalised before a location is looked for', () => {
  const seen: string[] = [];
  const site = new MemorySite({
    x: {
      '/a/*': {
        handle: (context) => {
          seen.push(context.path);
          return says('').handle(context);
        },
      },
    },
  });
  for (const target of ['/%61/x', '//a//x', '/b/../a/./x', '/a/%2e%2e/a/x']) site.ask({ target });
  assert.deepEqual(seen, ['/a/x', '/a/x', '/a/x', '/a/x']);
});

test('a path that cannot be resolved is 400 and ends the connection', () => {
  const site = new MemorySite({ x: { '/': { handlers: [says('x')] } } });
  for (const target of ['/../x', '/%zz', '/%00', '/a/../../b']) {
    const exchange = site.ask({ target });
    assert.equal(exchange.status, 400, target);
    assert.equal(exchange.closes, true);
    assert.equal(exchange.fault?.kind.code, 'path-refused');
  }
  assert.equal(site.accessLines.length, 4);
});

test('a path that no location has is 404', () => {
  const site = new MemorySite({ x: { '/a/*': { handlers: [says('x')] } } });
  const exchange = site.ask({ target: '/b' });
  assert.equal(exchange.status, 404);
  assert.equal(exchange.fault?.kind.code, 'no-content');
  assert.equal(exchange.closes, false);
});

test('handlers run in order until one answers, and one that waits is gone on behind', () => {
  const calls: string[] = [];
  let waiting: Context | null = null;
  const site = new MemorySite({
    x: {
      '/': {
        handlers: [
          handler('first', () => {
            calls.push('first');
            return NEXT;
          }),
          handler('waits', (context) => {
            calls.push('waits');
            waiting = context;
            return PENDING;
          }),
          handler('resumes at once', (context) => {
            calls.push('at once');
            context.resume();
            return PENDING;
          }),
          says('done'),
          handler('never', () => {
            calls.push('never');
            return DONE;
          }),
        ],
      },
    },
  });
  const exchange = site.ask();
  assert.equal(exchange.ended, false);
  (waiting as Context | null)?.resume();
  assert.deepEqual(calls, ['first', 'waits', 'at once']);
  assert.equal(exchange.text, 'done');
  (waiting as Context | null)?.resume();
  assert.equal(site.accessLines.length, 1);
});

test('a request that the protocol refused is answered by the default host, with its status, and logged', () => {
  const site = withPages(400);
  const refusal = new Fault(UNREADABLE, 'head');
  const exchange = new MemoryExchange(
    { method: '', target: 'GARBAGE' },
    memoryConnection(),
    new MemoryBudget(1),
    refusal,
  );
  site.ask(exchange);
  assert.equal(exchange.status, 400);
  assert.equal(exchange.closes, true);
  assert.match(exchange.text, /400 Bad Request/);
  assert.match(site.accessLines[0] ?? '', /"GARBAGE" 400 /);
  assert.match(site.errorLines[0] ?? '', /\[info\] 7#2: \*1 unreadable \(head\): /);
});

test('without memory for more a request gets 503 and is told when to come back', () => {
  const site = withPages(503);
  const budget = new MemoryBudget(10);
  budget.take(10);
  const exchange = site.ask(new MemoryExchange({}, memoryConnection(), budget));
  assert.equal(exchange.status, 503);
  assert.equal(exchange.fault?.kind, EXCHANGE_FAULTS['memory-exhausted']);
  assert.equal(exchange.sentFields.get(FIELD.retryAfter), '1');
  assert.match(exchange.text, /503 Service Unavailable/);
  budget.give(1);
  const served = site.ask(new MemoryExchange({ target: '/page' }, memoryConnection(), budget));
  assert.equal(served.status, 200);
});

test('an announced body above the limit is 413 before a handler runs; one at the limit passes', () => {
  const site = new MemorySite({
    x: { '/': { handlers: [says('x')], bodyLimit: 10 }, '/free/*': { handlers: [says('x')] } },
  });
  const refused = site.ask({ method: 'POST', contentLength: 11 });
  assert.equal(refused.status, 413);
  assert.equal(refused.closes, true);
  assert.equal(site.ask({ method: 'POST', contentLength: 10 }).status, 200);
  assert.equal(site.ask({ method: 'POST', target: '/free/', contentLength: 2 ** 40 }).status, 200);
});

test('a rule that leads to a location with a smaller limit is 413 there', () => {
  const site = new MemorySite({
    x: {
      '/': { handle: (context) => context.redirect('/small/x', null) },
      '/small/*': { handlers: [says('x')], bodyLimit: 5 },
    },
  });
  assert.equal(site.ask({ method: 'POST', contentLength: 6 }).status, 413);
  assert.equal(site.ask({ method: 'POST', contentLength: 5 }).status, 200);
});

test('internal locations are reached by redirects alone', () => {
  const site = new MemorySite({
    x: {
      '/': { handle: (context) => context.redirect('/in/x', 'q=1') },
      '/in/*': {
        internal: true,
        handle: (context) => says(`${context.path}?${context.query}`).handle(context),
      },
    },
  });
  const direct = site.ask({ target: '/in/x' });
  assert.equal(direct.status, 404);
  assert.equal(direct.fault?.kind.code, 'internal-only');
  assert.equal(site.ask({ target: '/y' }).text, '/in/x?q=1');
});

test('rules that lead in a circle end with 500 after ten redirects', () => {
  let runs = 0;
  const site = new MemorySite({
    x: {
      '/': {
        handle: (context) => {
          runs++;
          return context.redirect('/', null);
        },
      },
      '/n': { handle: (context) => context.redirectNamed('@n') },
      '@n': { handle: (context) => context.redirectNamed('@n') },
      '/gone': { handle: (context) => context.redirectNamed('@gone') },
    },
  });
  const exchange = site.ask();
  assert.equal(exchange.status, 500);
  assert.equal(exchange.fault?.kind.code, 'redirect-cycle');
  assert.equal(runs, 11);
  assert.equal(site.ask({ target: '/n' }).fault?.kind.code, 'redirect-cycle');
  assert.equal(site.ask({ target: '/gone' }).fault?.kind.code, 'named-missing');
});

test('a named location answers with path and query as they were', () => {
  const site = new MemorySite({
    x: {
      '/': { handle: (context) => context.redirectNamed('@n') },
      '@n': { handle: (context) => says(`${context.path}?${context.query}`).handle(context) },
    },
  });
  assert.equal(site.ask({ target: '/a?b' }).text, '/a?b');
});

test('TRACE is 405 whatever the location, and so is CONNECT without a location for tunnels', () => {
  const site = new MemorySite({ x: { '/': { handlers: [says('x')] } } });
  const trace = site.ask({ method: 'TRACE' });
  assert.equal(trace.status, 405);
  assert.equal(trace.sentFields.getByName('Allow'), 'GET, HEAD', 'what every route answers');
  const connect = { method: 'CONNECT', target: 'a.test:443', upgrade: 'connect' };
  const refused = site.ask(connect);
  assert.equal(refused.status, 405);
  assert.equal(refused.sentFields.getByName('Allow'), '', 'nothing may be asked of it');
  const open = new MemorySite(
    { x: {} },
    { host: { tunnel: site.location('t', { handlers: [says('t')] }) } },
  );
  assert.equal(open.ask(connect).text, 't');
});

test('OPTIONS for the server as a whole is answered without a location', () => {
  const site = new MemorySite({ x: { '/': { handlers: [says('x')] } } });
  const exchange = site.ask({ method: 'OPTIONS', target: '*' });
  assert.equal(exchange.status, 200);
  assert.equal(exchange.text, '');
  assert.notEqual(exchange.sentFields.get(FIELD.allow), null);
  assert.equal(site.ask({ method: 'OPTIONS', target: '/' }).text, 'x');
});

test('after a swap new requests use the new model, and those under way keep theirs', () => {
  let waiting: Context | null = null;
  const site = new MemorySite({
    x: {
      '/': {
        handle: (context) => {
          waiting = context;
          return PENDING;
        },
      },
      '/to': { handlers: [says('old')] },
    },
  });
  const under = site.ask();
  site.pipeline.swap(site.model({ x: { '/': { handlers: [says('new')] } } }));
  assert.equal(site.ask().text, 'new');
  (waiting as Context | null)?.redirect('/to', null);
  assert.equal(under.text, 'old');
});

test('a handler that throws ends its request with 500 and one line that has the stack', () => {
  const site = new MemorySite({
    x: {
      '/': {
        handle: () => {
          throw new TypeError('broken\nby "x"');
        },
      },
    },
  });
  const exchange = site.ask({ target: '/a' });
  assert.equal(exchange.status, 500);
  assert.doesNotMatch(exchange.text, /broken/);
  assert.equal(site.errorLines.length, 1);
  assert.match(
    site.errorLines[0] ?? '',
    /^2026\/11\/20 12:00:00 \[crit\] 7#2: \*1 defect: TypeError: broken \| by "x" \| at .*request: "GET \/a HTTP\/1\.1", host: "localhost", request_id: "0{32}"\n$/,
  );
});

test('what throws while a location is looked for ends its request with 500 and a line in the log', () => {
  const site = new MemorySite({ x: { '/': { handlers: [says('x')] } } });
  const { hosts } = site.model({ x: {} });
  hosts.find = () => {
    throw new RangeError('Maximum call stack size exceeded');
  };
  site.pipeline.swap({ hosts });
  assert.equal(site.ask().status, 500);
  assert.match(site.errorLines[0] ?? '', /defect: RangeError/);
  assert.equal(site.accessLines.length, 1);
});

test('a header filter that throws, on the error page too, leaves a bare answer and no exception', () => {
  const site = new MemorySite({
    x: {
      '/': {
        handlers: [says('x')],
        headerFilters: [
          {
            name: 'broken',
            filter: () => {
              throw new Error('filter');
            },
          },
        ],
      },
    },
  });
  const exchange = site.ask();
  assert.equal(exchange.status, 500);
  assert.equal(exchange.text, '');
  assert.equal(exchange.finished, true);
  assert.equal(site.errorLines.length, 2);
  assert.equal(site.accessLines.length, 1);
});

test('a throw behind the head cuts the response off; one behind its end is told and changes nothing', () => {
  const site = new MemorySite({
    x: {
      '/head': {
        handle: (context) => {
          context.respond(200, new Fields(), 10);
          throw new Error('in the middle');
        },
      },
      '/end': {
        handle: (context) => {
          context.send(200, new Fields(), 'all');
          throw new Error('behind');
        },
      },
      '/twice': {
        handle: (context) => {
          context.send(200, new Fields(), 'all');
          context.send(200, new Fields(), 'again');
          return DONE;
        },
      },
    },
  });
  const cut = site.ask({ target: '/head' });
  assert.equal(cut.resetBy?.kind.code, 'handler-failed');
  const behind = site.ask({ target: '/end' });
  assert.equal(behind.resetBy, null);
  assert.equal(behind.text, 'all');
  assert.equal(site.ask({ target: '/twice' }).resetBy, null);
  assert.equal(site.errorLines.length, 3);
  assert.match(site.errorLines[2] ?? '', /handler-failed .*a second response/);
});

test('a client that leaves is 499 in the log, told to the handler once, and logged once', () => {
  const faults: string[] = [];
  const site = new MemorySite({
    x: {
      '/': {
        handle: (context) => {
          context.follow({ onDrain: () => {}, onAbort: (fault) => faults.push(fault.kind.code) });
          return PENDING;
        },
      },
    },
  });
  const exchange = site.ask();
  exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'handler'));
  exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'handler'));
  assert.deepEqual(faults, ['client-left']);
  assert.equal(site.accessLines.length, 1);
  assert.match(site.accessLines[0] ?? '', / 499 0 /);
});

test('an access log that throws keeps neither the others nor the request from its end', () => {
  const site = new MemorySite({ x: { '/': { handlers: [says('x')] } } });
  const broken = site.location('b', {});
  const model = site.model({
    x: {
      '/': {
        handlers: [says('x')],
        accessLogs: [
          {
            log: () => {
              throw new Error('log');
            },
          },
          ...broken.accessLogs,
        ],
      },
    },
  });
  site.pipeline.swap(model);
  assert.equal(site.ask().text, 'x');
  assert.match(site.errorLines[0] ?? '', /defect: Error: log/);
  assert.equal(site.accessLines.length, 1);
});

test('a chunked body is counted: at the limit it passes, one byte more is 413 and told to its receiver', () => {
  const heard: string[] = [];
  const site = new MemorySite({
    x: {
      '/': {
        bodyLimit: 4,
        handle: (context) => {
          context.receive({
            onData: (chunk, start, end) => heard.push(`data ${end - start} of ${chunk.length}`),
            onEnd: () => {
              heard.push('end');
              context.send(200, new Fields(), 'ok');
            },
            onAbort: (fault) => {
              heard.push(fault.kind.code);
              context.failWith(fault);
            },
          });
          return PENDING;
        },
      },
    },
  });
  const fits = site.ask({ method: 'POST', contentLength: UNKNOWN_LENGTH });
  fits.takeData(Buffer.alloc(9), 2, 6);
  fits.takeEnd(null);
  assert.equal(fits.status, 200);
  const large = new MemoryExchange({ method: 'POST', contentLength: UNKNOWN_LENGTH });
  large.full = true;
  site.ask(large);
  large.takeData(Buffer.alloc(4), 0, 4);
  large.takeData(Buffer.alloc(1), 0, 1);
  large.takeData(Buffer.alloc(1), 0, 1);
  large.takeEnd(null);
  assert.equal(large.status, 413);
  assert.equal(large.closes, true);
  assert.equal(large.resetBy, null);
  assert.equal(large.fault?.kind.code, 'body-too-large');
  assert.deepEqual(heard, ['data 4 of 9', 'end', 'data 4 of 4', 'body-too-large']);
});

test('what still arrives of a body above the limit is thrown away while its error page is on the way', () => {
  const heard: string[] = [];
  let page: Context | null = null;
  const site = new MemorySite({
    x: {
      '/': {
        bodyLimit: 4,
        errorPages: new Map([[413, { path: '/page', status: 0 }]]),
        handle: (context) => {
          context.receive({
            onData: () => heard.push('data'),
            onEnd: () => heard.push('end'),
            onAbort: (fault) => heard.push(fault.kind.code),
          });
          return PENDING;
        },
      },
      '/page': {
        handle: (context) => {
          page = context;
          return PENDING;
        },
      },
    },
  });
  const exchange = site.ask({ method: 'POST', contentLength: UNKNOWN_LENGTH });
  exchange.takeData(Buffer.alloc(5), 0, 5);
  exchange.takeData(Buffer.alloc(1), 0, 1);
  exchange.takeEnd(null);
  (page as Context | null)?.send(200, new Fields(), 'too large');
  assert.deepEqual(heard, ['body-too-large']);
  assert.equal(exchange.status, 413);
  assert.equal(exchange.text, 'too large');
});

test('a body that breaks off reaches the receiver through the count', () => {
  const heard: string[] = [];
  const site = new MemorySite({
    x: {
      '/': {
        bodyLimit: 4,
        handle: (context) => {
          context.receive({
            onData: () => {},
            onEnd: () => heard.push('end'),
            onAbort: (fault) => heard.push(fault.kind.code),
          });
          return PENDING;
        },
      },
    },
  });
  const exchange = site.ask({ method: 'POST', contentLength: UNKNOWN_LENGTH });
  exchange.takeBodyFault(new Fault(UNREADABLE, 'request-body'));
  assert.deepEqual(heard, ['unreadable']);
});

test('a host has its own error log where it says so', () => {
  const lines: string[] = [];
  const log = { fault: () => lines.push('fault'), defect: () => lines.push('defect') };
  const site = new MemorySite({ x: {} }, { host: { errorLog: log as never } });
  site.ask();
  assert.deepEqual(lines, ['fault']);
  assert.deepEqual(site.errorLines, []);
});

test('a request holds the logs of its host until its line is written, however it ends', () => {
  const events: string[] = [];
  const logs = { hold: () => events.push('hold'), release: () => events.push('release') };
  const later: Context[] = [];
  const site = new MemorySite(
    {
      x: {
        '/': { handlers: [says('x')], accessLogs: [{ log: () => events.push('line') }] },
        '/later': {
          handle: (context) => {
            later.push(context);
            return PENDING;
          },
        },
        '/throws': {
          handle: () => {
            throw new Error('broken');
          },
        },
      },
    },
    { host: { logs } },
  );
  site.ask();
  assert.deepEqual(events.splice(0), ['hold', 'line', 'release']);
  for (const request of [
    { target: '/throws' },
    { target: '/%' },
    { method: 'TRACE' },
    { method: 'OPTIONS', target: '*' },
    { method: 'CONNECT', target: 'x:1' },
  ]) {
    site.ask(request);
    assert.deepEqual(events.splice(0), ['hold', 'release'], JSON.stringify(request));
  }
  const refused = new Fault(UNREADABLE, 'head');
  site.ask(new MemoryExchange({}, memoryConnection(), undefined, refused));
  assert.deepEqual(events.splice(0), ['hold', 'release']);
  site.ask({ target: '/later' });
  assert.deepEqual(events.splice(0), ['hold']);
  // The configuration changes meanwhile: the request stays with the logs that it began with.
  site.pipeline.swap(site.model({ x: {} }));
  later[0]?.send(200, new Fields(), 'done');
  assert.deepEqual(events, ['release']);
});
