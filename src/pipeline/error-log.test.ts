import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Blame, Fault, ManualClock } from '../base/index.ts';
import { EXCHANGE_FAULTS } from '../http/message/index.ts';
import { memoryConnection, MemoryExchange } from '../../test/support/memory-exchange.ts';
import { MemorySite, says } from '../../test/support/memory-site.ts';
import type { Context } from './handler.ts';
import { ErrorLog } from './error-log.ts';
import { LOG_LEVELS, type LogLevel } from './log-level.ts';
import { LogTime } from './log-time.ts';

function log(level: LogLevel = 'debug', notFound = true): { log: ErrorLog; lines: string[] } {
  const lines: string[] = [];
  const time = new LogTime(new ManualClock(Date.UTC(2026, 10, 20, 12)), () => 0);
  const sink = { write: (line: string) => void lines.push(line) };
  return { log: new ErrorLog(sink, level, time, { pid: 123, thread: 2 }, notFound), lines };
}

function contextOf(exchange = new MemoryExchange({ host: 'x' })): Context {
  const made: Context[] = [];
  new MemorySite({
    'site.test': {
      '/': {
        handle: (given) => {
          made.push(given);
          return says('').handle(given);
        },
      },
    },
  }).ask(exchange);
  const [context] = made;
  assert.ok(context !== undefined);
  return context;
}

const ID = `request_id: "${'0'.repeat(32)}"`;
const ABOUT = `client: 127.0.0.1, server: site.test, request: "GET / HTTP/1.1", host: "x", ${ID}`;

test('an entry has the form of nginx, with what is known of the request', () => {
  const { log: errors, lines } = log();
  errors.log('error', 'message', contextOf());
  errors.log('notice', 'no request');
  assert.deepEqual(lines, [
    `2026/11/20 12:00:00 [error] 123#2: *1 message, ${ABOUT}\n`,
    '2026/11/20 12:00:00 [notice] 123#2: no request\n',
  ]);
});

test('entries below the level are not written, those at it are', () => {
  for (const [at, level] of LOG_LEVELS.entries()) {
    const { log: errors, lines } = log(level);
    for (const each of LOG_LEVELS) errors.log(each, each);
    assert.deepEqual(
      lines.map((line) => /\[(\w+)\]/.exec(line)?.[1]),
      LOG_LEVELS.slice(at),
    );
    assert.equal(errors.writes('warn'), at <= LOG_LEVELS.indexOf('warn'));
  }
});

test('a fault is told with code, stage, detail and cause, as gravely as whoever is to blame', () => {
  const levels: [blame: Blame, level: string][] = [
    ['client', 'info'],
    ['upstream', 'error'],
    ['operator', 'error'],
    ['us', 'crit'],
  ];
  for (const [blame, level] of levels) {
    const { log: errors, lines } = log();
    const kind = { code: 'the-code', blame, status: 500, means: 'It means', cure: '' };
    errors.fault(contextOf(), new Fault(kind, 'connect', 'the detail', new Error('ECONNREFUSED')));
    assert.deepEqual(lines, [
      `2026/11/20 12:00:00 [${level}] 123#2: *1 the-code (connect): It means (the detail): ECONNREFUSED, ${ABOUT}\n`,
    ]);
  }
  const { log: errors, lines } = log('notice');
  errors.fault(contextOf(), new Fault(EXCHANGE_FAULTS['client-left'], 'handler'));
  assert.deepEqual(lines, []);
});

test('a fault of a client that an operator wants to hear of is as grave as one of their own', () => {
  const { log: errors, lines } = log('error');
  const kind = { code: 'gone', blame: 'client', status: 410, means: 'It means', cure: '' } as const;
  errors.fault(contextOf(), new Fault(kind, 'handler'));
  errors.fault(contextOf(), new Fault({ ...kind, level: 'error' }, 'handler'));
  assert.deepEqual(lines, [
    `2026/11/20 12:00:00 [error] 123#2: *1 gone (handler): It means, ${ABOUT}\n`,
  ]);
});

test('a log that is not to have what is not found has none of it at any level, but all else', () => {
  for (const notFound of [true, false]) {
    const { log: errors, lines } = log('debug', notFound);
    const kind = { code: 'c', blame: 'client', status: 404, means: 'It means', cure: '' } as const;
    for (const each of [
      kind,
      { ...kind, level: 'error' as const },
      { ...kind, code: 'other', status: 403 },
      { ...kind, code: 'ours', blame: 'operator' as const },
    ])
      errors.fault(contextOf(), new Fault(each, 'handler'));
    assert.deepEqual(
      lines.map((line) => / (\w+) \(handler\)/.exec(line)?.[1]),
      [...(notFound ? ['c', 'c'] : []), 'other', 'ours'],
    );
  }
});

test('a cause that the facts of a fault tell already is not told again', () => {
  const { log: errors, lines } = log();
  const kind = { code: 'c', blame: 'us', status: 500, means: 'It means', cure: '' } as const;
  const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:80'), {
    code: 'ECONNREFUSED',
  });
  for (const [detail, cause] of [
    ['ECONNREFUSED; server one', refused],
    ['read: connect ECONNREFUSED 10.0.0.1:80', refused],
    ['server one', refused],
    ['', new Error('')],
  ] as const)
    errors.fault(contextOf(), new Fault(kind, 'connect', detail, cause));
  assert.deepEqual(
    lines.map((line) => /It means.*(?=, client)/.exec(line)?.[0]),
    [
      'It means (ECONNREFUSED; server one)',
      'It means (read: connect ECONNREFUSED 10.0.0.1:80)',
      'It means (server one): connect ECONNREFUSED 10.0.0.1:80',
      'It means',
    ],
  );
});

test('a defect is written whatever the level, on one line, with its stack and the causes of it', () => {
  const { log: errors, lines } = log('emerg');
  errors.defect(contextOf(), new Error('outer\r\nline', { cause: new TypeError('inner') }));
  errors.defect(null, 'thrown text');
  assert.equal(lines.length, 2);
  assert.match(
    lines[0] ?? '',
    /^2026\/11\/20 12:00:00 \[crit\] 123#2: \*1 defect: Error: outer \| line \| at [^\n]* \| caused by TypeError: inner \| at [^\n]*\n$/,
  );
  assert.equal(lines[1], '2026/11/20 12:00:00 [crit] 123#2: defect: thrown text\n');
});

test('what a client sends cannot make a second line or reach a terminal', () => {
  const { log: errors, lines } = log();
  const exchange = new MemoryExchange(
    { target: '/a"\x80', host: 'h' },
    memoryConnection({ remoteAddress: '::1' }),
  );
  errors.log('error', 'path "/\n\r\x1b\x9b\u4e2d"', contextOf(exchange));
  assert.equal(
    lines[0],
    `2026/11/20 12:00:00 [error] 123#2: *1 path "/\\x0A\\x0D\\x1B\\x9B\\u4E2D", client: ::1, server: site.test, request: "GET /a\\x22\\x80 HTTP/1.1", host: "h", ${ID}\n`,
  );
});

test('a thrown error is not told a second time as the fault of its request', () => {
  const { log: errors, lines } = log();
  errors.fault(
    contextOf(),
    new Fault(EXCHANGE_FAULTS['handler-failed'], 'handler', '', new Error('told by defect')),
  );
  assert.deepEqual(lines, []);
  const first = new Fault(EXCHANGE_FAULTS['client-left'], 'handler');
  errors.fault(contextOf(), new Fault(EXCHANGE_FAULTS['handler-failed'], 'handler', '', first));
  assert.equal(lines.length, 1);
});
