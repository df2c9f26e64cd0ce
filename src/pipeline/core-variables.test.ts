import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConnectionFacts, Fields, UNKNOWN_LENGTH } from '../http/message/index.ts';
import {
  memoryConnection,
  MemoryExchange,
  type MemoryRequest,
} from '../../test/support/memory-exchange.ts';
import { MemorySite } from '../../test/support/memory-site.ts';
import { CORE_FAMILIES, coreVariables, seconds, statusText } from './core-variables.ts';
import { DONE } from './handler.ts';
import { compileTemplate } from './template.ts';
import { Variables } from './variables.ts';

const variables = new Variables(coreVariables({ hostname: 'machine', pid: 7 }), CORE_FAMILIES);

/** The value of a variable when the request is over, or null. */
function after(
  name: string,
  request: MemoryRequest = {},
  connection: Partial<ConnectionFacts> = {},
): string | null {
  const variable = variables.find(name);
  assert.ok('value' in variable, name);
  let value: string | null = '(not asked)';
  const site = new MemorySite({
    'site.test': {
      '/': {
        handle: (context) => {
          context.send(
            201,
            Fields.of(['X-Sent', 'a'], ['X-Sent', 'b'], ['Location', '/l']),
            'four',
          );
          return DONE;
        },
        accessLogs: [
          {
            log: (context) => {
              value = variable.value.read(context);
            },
          },
        ],
      },
    },
  });
  site.clock.advance(1234);
  site.ask(new MemoryExchange(request, memoryConnection(connection)));
  return value;
}

const FIELDS = Fields.of(
  ['Host', 'WWW.Site.test:81'],
  ['User-Agent', 'curl'],
  ['X-Two', '1'],
  ['X-Two', '2'],
  ['X-Forwarded-For', '1.1.1.1'],
  ['X-Forwarded-For', '2.2.2.2'],
  ['Cookie', 'a=1; B=2'],
  ['Cookie', 'c=3'],
  ['Content-Type', 'text/x'],
  ['Content-Length', '12'],
  ['Authorization', 'Basic Ym9iOng='],
);

const REQUEST: MemoryRequest = {
  method: 'GET',
  target: '/a%20b/../c?x=%41&Y=2&z',
  fields: FIELDS,
  host: 'www.site.test',
};

const CASES: readonly (readonly [name: string, value: string | null])[] = [
  ['args', 'x=%41&Y=2&z'],
  ['query_string', 'x=%41&Y=2&z'],
  ['arg_x', '%41'],
  ['arg_y', '2'],
  ['arg_z', null],
  ['is_args', '?'],
  ['uri', '/c'],
  ['document_uri', '/c'],
  ['request_uri', '/a%20b/../c?x=%41&Y=2&z'],
  ['request', 'GET /a%20b/../c?x=%41&Y=2&z HTTP/1.1'],
  ['request_method', 'GET'],
  ['server_protocol', 'HTTP/1.1'],
  ['status', '201'],
  ['body_bytes_sent', '4'],
  ['bytes_sent', '0'],
  ['connection', '1'],
  ['connection_requests', '1'],
  ['content_length', '12'],
  ['content_type', 'text/x'],
  ['cookie_a', '1'],
  ['cookie_b', '2'],
  ['cookie_c', '3'],
  ['cookie_d', null],
  ['host', 'www.site.test'],
  ['hostname', 'machine'],
  ['http_user_agent', 'curl'],
  ['http_x_two', '1, 2'],
  ['http_x_forwarded_for', '1.1.1.1, 2.2.2.2'],
  ['http_cookie', 'a=1; B=2; c=3'],
  ['http_none', null],
  ['http_host', 'WWW.Site.test:81'],
  ['https', ''],
  ['scheme', 'http'],
  ['msec', `${Date.UTC(2026, 10, 20, 12) / 1000 + 1}.234`],
  ['request_time', '1.234'],
  ['time_iso8601', '2026-11-20T12:00:01+00:00'],
  ['time_local', '20/Nov/2026:12:00:01 +0000'],
  ['pid', '7'],
  ['remote_addr', '127.0.0.1'],
  ['remote_port', '50000'],
  ['remote_user', 'bob'],
  ['request_id', '0'.repeat(32)],
  ['sent_http_x_sent', 'a, b'],
  ['sent_http_location', '/l'],
  ['sent_http_content_length', '4'],
  ['sent_http_none', null],
  ['server_addr', '127.0.0.1'],
  ['server_name', 'site.test'],
  ['server_port', '8080'],
  ['fault_code', null],
  ['fault_stage', null],
  ['1', null],
];

test('every variable has the value that nginx gives it', () => {
  for (const [name, value] of CASES) assert.equal(after(name, REQUEST), value, name);
});

test('a request that says little has little to show', () => {
  const request: MemoryRequest = { target: '/', fields: Fields.of() };
  for (const name of ['args', 'content_length', 'remote_user', 'http_host', 'cookie_a', 'arg_x']) {
    assert.equal(after(name, request), null, name);
  }
  assert.equal(after('is_args', { target: '/?' }), '');
  assert.equal(after('args', { target: '/?' }), '');
  assert.equal(after('content_length', { contentLength: UNKNOWN_LENGTH }), null);
});

test('a connection that is protected, and one without ports', () => {
  const unix = { remoteAddress: 'unix:', remotePort: 0, localAddress: '/run/s', localPort: 0 };
  assert.equal(after('https', {}, { secure: true }), 'on');
  assert.equal(after('scheme', {}, { secure: true }), 'https');
  assert.equal(after('remote_addr', {}, unix), 'unix:');
  assert.equal(after('remote_port', {}, unix), '');
  assert.equal(after('server_port', {}, unix), '');
});

test('the name of the site stands for a host that the request does not name', () => {
  const site = new MemorySite({ 'site.test': { '/': {} } }, { format: '$host' });
  const exchange = new MemoryExchange({});
  site.ask(new MemoryExchange({ ...exchange.request, host: null }));
  assert.equal(site.accessLines[0], 'site.test\n');
});

test('the path of an absolute target is what stands behind the host', () => {
  assert.equal(after('request_uri', { target: 'http://h/x?y' }), '/x?y');
  assert.equal(after('request', { target: 'http://h/x?y' }), 'GET http://h/x?y HTTP/1.1');
});

test('the length of a request counts its head as HTTP/1.1 writes it, and the body received', () => {
  const fields = Fields.of(['Host', 'h'], ['X', '12']);
  const head = 'GET /ua HTTP/1.1\r\nHost: h\r\nX: 12\r\n\r\n';
  assert.equal(after('request_length', { target: '/ua', fields }), String(head.length));
});

test('a request that failed says why and where', () => {
  const site = new MemorySite({ x: {} }, { format: '$fault_code $fault_stage $status' });
  site.ask();
  assert.equal(site.accessLines[0], 'no-content handler 404\n');
});

test('seconds have three decimals and never go below zero; a status has three digits', () => {
  assert.deepEqual([0, 1, 999.9, 1000, 61_001, -5].map(seconds), [
    '0.000',
    '0.001',
    '0.999',
    '1.000',
    '61.001',
    '0.000',
  ]);
  assert.deepEqual([0, 9, 200].map(statusText), ['000', '009', '200']);
});

test('the id of a request is the same wherever it is asked for', () => {
  const template = compileTemplate('$request_id', variables);
  assert.ok('value' in template);
  const site = new MemorySite(
    {
      x: {
        '/': {
          handle: (context) => {
            context.send(200, Fields.of(['X-Request-ID', context.requestId]), null);
            return DONE;
          },
        },
      },
    },
    { format: '$request_id $sent_http_x_request_id' },
  );
  site.ask();
  const [line = ''] = site.accessLines;
  const [logged, sent] = line.trimEnd().split(' ');
  assert.equal(logged, sent);
  assert.equal(logged?.length, 32);
});
