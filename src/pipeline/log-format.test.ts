import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldId, Fields } from '../http/message/index.ts';
import { MemoryExchange, type MemoryRequest } from '../../test/support/memory-exchange.ts';
import { MemorySite, says } from '../../test/support/memory-site.ts';
import type { Context } from './handler.ts';
import { lineText } from './line-batch.ts';
import { compileLogFormat } from './log-format.ts';

function line(format: string, request: MemoryRequest): string {
  const site = new MemorySite(
    { 'loc.test': { '/': { handlers: [says('8 bytes\n')] } } },
    { format },
  );
  site.ask(request);
  return site.accessLines[0] ?? '';
}

/** Fields with whatever bytes, as a lenient parser might let them through. */
function wire(...pairs: (readonly [name: string, value: string])[]): Fields {
  const fields = new Fields();
  let text = '';
  for (const [name, value] of pairs) {
    const from = text.length;
    const middle = from + name.length;
    text += name + value;
    fields.appendSpan(fieldId(name), from, middle, middle, text.length);
  }
  fields.setText(text);
  return fields;
}

const HOSTILE: MemoryRequest = {
  target: '/ua\x80"?',
  fields: wire(
    ['User-Agent', 'a"b\\c\x1b\x7f\x80\xff\td'],
    ['Referer', ''],
    ['Authorization', `Basic ${Buffer.from('us"er:pw').toString('base64')}`],
  ),
};

const HEAD = '127.0.0.1 - ';
const TIME = '[20/Nov/2026:12:00:00 +0000]';

test('the combined line is byte for byte what nginx 1.22 was seen to write', () => {
  assert.equal(line('combined', {}), `${HEAD}- ${TIME} "GET / HTTP/1.1" 200 8 "-" "-"\n`);
  assert.equal(
    line('combined', { version: 10 }),
    `${HEAD}- ${TIME} "GET / HTTP/1.0" 200 8 "-" "-"\n`,
  );
  assert.equal(
    line('combined', { version: 20 }),
    `${HEAD}- ${TIME} "GET / HTTP/2.0" 200 8 "-" "-"\n`,
  );
  assert.equal(
    line('combined', HOSTILE),
    `${HEAD}us\\x22er ${TIME} "GET /ua\\x80\\x22? HTTP/1.1" 200 8 "" "a\\x22b\\x5Cc\\x1B\\x7F\\x80\\xFF\\x09d"\n`,
  );
  assert.equal(
    line('combined', { method: 'HEAD', fields: Fields.of(['Authorization', 'Basic OnB3']) }),
    `${HEAD}- ${TIME} "HEAD / HTTP/1.1" 200 0 "-" "-"\n`,
  );
});

test('the quick combined format and the same text as a template write the same lines', () => {
  const text =
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
  for (const request of [{}, HOSTILE, { method: 'POST', target: '/x?y', contentLength: 3 }]) {
    assert.equal(line('combined', request), line(text, request));
  }
});

test('the JSON line is valid ASCII JSON whatever the client sent', () => {
  const hostile = line('json', { ...HOSTILE, host: 'h' });
  assert.match(hostile, /^[\x20-\x7e]+\n$/);
  assert.deepEqual(JSON.parse(hostile), {
    time: '2026-11-20T12:00:00+00:00',
    requestId: '0'.repeat(32),
    remoteAddress: '127.0.0.1',
    remoteUser: 'us"er',
    method: 'GET',
    host: 'h',
    target: '/ua\x80"?',
    protocol: 'HTTP/1.1',
    secure: false,
    status: 200,
    bytesReceived: 0,
    bodyBytesSent: 8,
    bytesSent: 0,
    seconds: 0,
    site: 'loc.test',
    route: '/',
    referer: '',
    userAgent: 'a"b\\c\x1b\x7f\x80\xff\td',
    fault: null,
    stage: null,
    connection: 1,
  });
});

test('the JSON line of a request without anything, that failed, says so', () => {
  const site = new MemorySite({ x: {} }, { format: 'json' });
  site.ask(new MemoryExchange({ ...new MemoryExchange({}).request, host: null }));
  const said = JSON.parse(site.accessLines[0] ?? '') as Record<string, unknown>;
  assert.equal(said['host'], null);
  assert.equal(said['remoteUser'], null);
  assert.equal(said['fault'], 'no-content');
  assert.equal(said['stage'], 'handler');
  assert.equal(said['status'], 404);
});

test('own formats escape as they are told; what is not there is a dash, or nothing', () => {
  const site = new MemorySite({ x: { '/': { handlers: [says('x')] } } });
  const text = '$http_user_agent|$remote_user|$http_none|$http_referer|';
  const lines: string[] = [];
  for (const escape of ['default', 'json', 'none'] as const) {
    const format = compileLogFormat(text, site.variables, escape);
    assert.ok('value' in format);
    const accessLogs = [
      {
        log: (context: Context) => lines.push(lineText(format.value, context)),
      },
    ];
    site.pipeline.swap(site.model({ x: { '/': { handlers: [says('x')], accessLogs } } }));
    site.ask(HOSTILE);
  }
  assert.deepEqual(lines, [
    'a\\x22b\\x5Cc\\x1B\\x7F\\x80\\xFF\\x09d|us\\x22er|-||\n',
    'a\\"b\\\\c\\u001B\x7f\x80\xff\\td|us\\"er|||\n',
    'a"b\\c\x1b\x7f\x80\xff\td|us"er|||\n',
  ]);
});

test('a format with an unknown variable is refused', () => {
  const { variables } = new MemorySite({ x: {} });
  const format = compileLogFormat('$statu', variables);
  assert.ok('cure' in format);
  assert.equal(
    format.cure,
    'Did you mean $status? All variables are in docs/reference/variables.md',
  );
});
