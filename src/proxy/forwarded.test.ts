import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fields } from '../http/message/index.ts';
import { memoryConnection, memoryRequest } from '../../test/support/memory-exchange.ts';
import { type ForwardedMode, setForwarded, TrustedHops } from './forwarded.ts';

const LOCAL = new TrustedHops([{ address: '10.0.0.0', bits: 8, family: 4 }]);

function forwarded(
  mode: ForwardedMode,
  from: string,
  fields = new Fields(),
  secure = false,
): Record<string, string> {
  const connection = memoryConnection({ remoteAddress: from, localPort: 8443, secure });
  setForwarded(fields, memoryRequest({ host: 'site.test:81' }), connection, mode, LOCAL);
  return Object.fromEntries(fields.entries());
}

const forged = (): Fields =>
  Fields.of(
    ['X-Forwarded-For', '1.1.1.1'],
    ['x-forwarded-for', '2.2.2.2'],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Host', 'other.test'],
    ['X-Forwarded-Port', '1'],
    ['Forwarded', 'for=1.1.1.1'],
    ['X-Real-IP', '1.1.1.1'],
  );

test('the server learns the client’s address and the site’s protocol, host and port', () => {
  assert.deepEqual(forwarded('x-forwarded', '192.0.2.1'), {
    'X-Forwarded-For': '192.0.2.1',
    'X-Forwarded-Proto': 'http',
    'X-Forwarded-Host': 'site.test:81',
    'X-Forwarded-Port': '8443',
  });
  assert.deepEqual(forwarded('forwarded', '192.0.2.1', new Fields(), true), {
    Forwarded: 'for=192.0.2.1;host="site.test:81";proto=https',
  });
  assert.equal(Object.keys(forwarded('both', '192.0.2.1')).length, 5);
  assert.deepEqual(forwarded('off', '192.0.2.1'), {});
});

for (const mode of ['x-forwarded', 'forwarded', 'both', 'off'] as const) {
  test(`a client that is not trusted forges nothing (${mode})`, () => {
    assert.deepEqual(forwarded(mode, '192.0.2.1', forged()), forwarded(mode, '192.0.2.1'));
  });
}

test('a trusted hop is believed and its own address added', () => {
  assert.deepEqual(forwarded('both', '10.1.2.3', forged()), {
    'X-Forwarded-For': '1.1.1.1, 2.2.2.2, 10.1.2.3',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'other.test',
    'X-Forwarded-Port': '1',
    Forwarded: 'for=1.1.1.1, for=10.1.2.3;host="site.test:81";proto=http',
    'X-Real-IP': '1.1.1.1',
  });
  assert.equal(forwarded('off', '10.1.2.3', forged())['Forwarded'], 'for=1.1.1.1');
});

test('IPv6 addresses are quoted in Forwarded, and the peer of a unix socket is unknown', () => {
  assert.match(forwarded('forwarded', '2001:db8::1')['Forwarded'] ?? '', /^for="\[2001:db8::1\]";/);
  assert.match(forwarded('both', 'unix:')['Forwarded'] ?? '', /^for=unknown;/);
  assert.equal(forwarded('both', 'unix:')['X-Forwarded-For'], 'unknown');
});
