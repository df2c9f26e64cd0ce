import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryRun } from '../../test/support/memory-context.ts';
import {
  memoryConnection,
  MemoryExchange,
  memoryRequest,
} from '../../test/support/memory-exchange.ts';
import type { ConnectionFacts } from '../http/message/index.ts';
import { directoryAddress, siteAddress } from './site-address.ts';

function run(
  target: string,
  facts: Partial<ConnectionFacts> = {},
  host: string | null = 'a.example',
): MemoryRun {
  const request = memoryRequest({ target, ...(host === null ? {} : { host }) });
  const head = host === null ? { ...request, host: null, authority: '' } : request;
  const exchange = new MemoryExchange(head, memoryConnection(facts));
  return new MemoryRun({ handlers: [] }, {}, exchange);
}

test('an absolute address has scheme, host and a port that is not the usual one', () => {
  for (const [localPort, secure, address] of [
    [80, false, 'http://a.example/x'],
    [443, true, 'https://a.example/x'],
    [443, false, 'http://a.example:443/x'],
    [80, true, 'https://a.example:80/x'],
    [8080, false, 'http://a.example:8080/x'],
    // A unix socket has no port that a client could use.
    [0, false, '/x'],
  ] as const) {
    const { context } = run('/', { localPort, secure });
    assert.equal(siteAddress(context, '/x', 'absolute'), address);
    assert.equal(siteAddress(context, '/x', 'relative'), '/x');
  }
});

test('without a host the address that was reached stands for it', () => {
  const four = run('/', { localPort: 80, localAddress: '192.0.2.1' }, null);
  assert.equal(siteAddress(four.context, '/x', 'absolute'), 'http://192.0.2.1/x');
  const six = run('/', { localPort: 81, localAddress: '2001:db8::1' }, null);
  assert.equal(siteAddress(six.context, '/x', 'absolute'), 'http://[2001:db8::1]:81/x');
});

test('a relative address never names another host', () => {
  const { context } = run('/');
  assert.equal(siteAddress(context, '//evil.example/', 'relative'), '/.//evil.example/');
  assert.equal(siteAddress(context, '///evil', 'relative'), '/.///evil');
});

test('a directory keeps its query, and bytes that no address holds are escaped', () => {
  for (const [target, address] of [
    ['/d', '/d/'],
    ['/d?', '/d/?'],
    ['/d?a=%20&b', '/d/?a=%20&b'],
    ['/a%20b%3F%23%25%0D%0Ac', '/a%20b%3F%23%25%0D%0Ac/'],
    ['/caf%C3%A9/%E9', '/caf%C3%A9/%E9/'],
  ] as const) {
    assert.equal(directoryAddress(run(target).context, 'relative'), address);
  }
});
