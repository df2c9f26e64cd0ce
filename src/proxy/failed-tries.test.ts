/** What the error log says of servers that failed a request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, type FaultKind } from '../base/index.ts';
import { CALL_FAULTS, EXCHANGE_FAULTS, NO_FIELDS } from '../http/message/index.ts';
import { DIAL_FAULTS } from '../net/index.ts';
import { ProxySite } from '../../test/support/proxy-site.ts';
import type { NextUpstreamCondition } from './options.ts';

const REFUSED = DIAL_FAULTS['dial-refused'];
const SLOW = CALL_FAULTS['call-read-timeout'];

/** Level, code, stage and the server of each line, and whether it says that another one is asked. */
function told({ site }: ProxySite): string[] {
  return site.errorLines.map((line) => {
    const [, level, code, stage] = /\[(\w+)\] 7#2: \*\d+ ([\w-]+) \(([\w-]+)\): /.exec(line) ?? [];
    const server = /[ (]server (\w+) of upstream shop/.exec(line)?.[1] ?? '';
    const on = line.includes(', and another one is asked') ? ', another' : '';
    return `${level} ${code} ${stage} ${server}${on}`;
  });
}

function fail(site: ProxySite, server: number, kind: FaultKind, detail = ''): void {
  const stage = kind === REFUSED ? 'connect' : 'upstream-head';
  site.server(server).last.receiver.onAbort(new Fault(kind, stage, detail));
}

test('each server that fails has a line with its name, also where another one answers', () => {
  const site = new ProxySite({ peers: [{}, {}, {}] });
  const exchange = site.ask();
  fail(site, 0, REFUSED, 'ECONNREFUSED');
  fail(site, 1, SLOW);
  site.server(2).last.answerWhole(200, 'hi');
  assert.equal(exchange.status, 200);
  assert.equal(exchange.fault, null);
  assert.deepEqual(told(site), [
    'error dial-refused connect one, another',
    'error call-read-timeout upstream-head two, another',
  ]);
  const [first = '', second = ''] = site.site.errorLines;
  assert.match(
    first,
    /\(ECONNREFUSED; server one of upstream shop, and another one is asked\), client: 127\.0\.0\.1, server: site\.test, request: "GET \/ HTTP\/1\.1"/,
  );
  assert.match(second, /\(server two of upstream shop, and another one is asked\)/);
});

test('the last of them is told once, as what the request failed with', () => {
  const site = new ProxySite({ peers: [{}, {}] });
  const exchange = site.ask();
  fail(site, 0, REFUSED);
  fail(site, 1, SLOW);
  assert.equal(exchange.status, 504);
  assert.equal(exchange.fault?.kind, SLOW);
  assert.deepEqual(told(site), [
    'error dial-refused connect one, another',
    'error call-read-timeout upstream-head two',
  ]);
});

test('a server behind which nobody is left is told once, and a request without any as that', () => {
  const site = new ProxySite({ peers: [{}, { down: true }] });
  site.ask();
  fail(site, 0, REFUSED);
  site.ask();
  assert.deepEqual(told(site), ['error dial-refused connect one', 'error upstream-none connect ']);
});

test('an answer that breaks off is told with the server that broke it off', () => {
  const site = new ProxySite({ peers: [{}, {}] });
  site.ask();
  site.server(0).last.receiver.onHead(200, '', NO_FIELDS, 10);
  fail(site, 0, CALL_FAULTS['call-cut']);
  assert.deepEqual(told(site), ['error call-cut upstream-head one']);
});

for (const [status, condition, level] of [
  [503, 'http-503', 'warn'],
  [404, 'http-404', 'info'],
] as const satisfies readonly (readonly [number, NextUpstreamCondition, string])[]) {
  test(`a ${status} that is passed over is told as ${level}, the last one is an answer`, () => {
    const nextUpstream = { conditions: [condition], tries: 0, timeout: 0 };
    const site = new ProxySite({ peers: [{}, {}], route: { nextUpstream } });
    site.ask();
    site.server(0).last.answerWhole(status, 'no');
    site.server(1).last.answerWhole(status, 'no');
    assert.deepEqual(told(site), [`${level} upstream-status upstream-head one, another`]);
    assert.match(site.site.errorLines[0] ?? '', new RegExp(`\\(${status}; server one`));
  });
}

test('what is not the doing of a server names none', () => {
  const site = new ProxySite({ peers: [{}, {}] });
  site.ask();
  fail(site, 0, CALL_FAULTS['call-length']);
  site.ask().abort(new Fault(EXCHANGE_FAULTS['client-left'], 'response'));
  assert.deepEqual(told(site), ['crit call-length upstream-head ', 'info client-left response ']);
});
