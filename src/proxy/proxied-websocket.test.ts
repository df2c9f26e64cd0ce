import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fault, type FaultKind } from '../base/index.ts';
import { CALL_FAULTS, EXCHANGE_FAULTS, Fields, UNKNOWN_LENGTH } from '../http/message/index.ts';
import { ProxySite } from '../../test/support/proxy-site.ts';

const fault = (kind: FaultKind): Fault => new Fault(kind, 'upstream-body');
const CUT = CALL_FAULTS['call-cut'];
const TIMEOUT = CALL_FAULTS['call-read-timeout'];

describe('WebSocket', () => {
  const request = {
    fields: Fields.of(
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Key', 'k'],
    ),
    upgrade: 'websocket',
  };
  const switched = Fields.of(
    ['Connection', 'upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Accept', 'a'],
  );

  test('bytes go both ways until both sides ended', () => {
    const site = new ProxySite();
    const exchange = site.ask(request);
    const call = site.server(0).last;
    assert.equal(call.request.upgrade, 'websocket');
    assert.equal(call.request.fields.getByName('sec-websocket-key'), 'k');
    call.receiver.onHead(101, '', switched, UNKNOWN_LENGTH);
    assert.equal(exchange.tunnelled, true);
    assert.equal(exchange.status, 101);
    assert.equal(exchange.sentFields.getByName('sec-websocket-accept'), 'a');
    exchange.takeData(Buffer.from('up'), 0, 2);
    assert.equal(call.body, 'up');
    call.receiver.onData(Buffer.from('down'), 0, 4);
    assert.equal(exchange.text, 'down');
    call.full = true;
    exchange.takeData(Buffer.from('x'), 0, 1);
    assert.equal(exchange.paused, true);
    call.receiver.onDrain();
    assert.equal(exchange.paused, false);
    exchange.full = true;
    call.receiver.onData(Buffer.from('y'), 0, 1);
    assert.equal(call.paused, true);
    exchange.full = false;
    exchange.takeDrain();
    assert.equal(call.paused, false);
    exchange.takeEnd(null);
    assert.equal(call.ended, true);
    assert.equal(site.active, 1);
    call.receiver.onEnd(null);
    assert.equal(exchange.ended, true);
    assert.equal(site.active, 0);
  });

  test('a tunnel that breaks behind the server’s end cuts the client off', () => {
    const site = new ProxySite();
    const exchange = site.ask(request);
    const call = site.server(0).last;
    call.receiver.onHead(101, '', switched, UNKNOWN_LENGTH);
    // The exchange in memory would take its end for the end of both directions.
    exchange.full = true;
    call.receiver.onEnd(null);
    call.receiver.onAbort(fault(CUT));
    assert.equal(exchange.resetBy?.kind, CUT);
    assert.equal(site.active, 0);
  });

  for (const ended of [false, true])
    test(`a tunnel that nobody uses ${ended ? 'behind the server’s end ' : ''}is closed in order, and told`, () => {
      const site = new ProxySite();
      const exchange = site.ask(request);
      const call = site.server(0).last;
      call.receiver.onHead(101, '', switched, UNKNOWN_LENGTH);
      exchange.full = true;
      if (ended) call.receiver.onEnd(null);
      call.receiver.onAbort(fault(TIMEOUT));
      assert.equal(exchange.resetBy, null);
      assert.equal(exchange.ended, true);
      assert.equal(exchange.bodyPending, false);
      assert.equal(exchange.fault?.kind, TIMEOUT);
      assert.equal(call.aborted, null);
      assert.equal(site.active, 0);
    });

  test('the server may end its side first', () => {
    const site = new ProxySite();
    const exchange = site.ask(request);
    const call = site.server(0).last;
    exchange.full = true;
    call.receiver.onHead(101, '', switched, UNKNOWN_LENGTH);
    call.receiver.onEnd(null);
    exchange.takeData(Buffer.from('bye'), 0, 3);
    assert.equal(call.body, 'bye');
    assert.equal(site.active, 1);
    exchange.takeEnd(null);
    assert.equal(call.ended, true);
    assert.equal(site.active, 0);
  });

  test('a client that leaves the tunnel ends it', () => {
    const site = new ProxySite();
    const exchange = site.ask(request);
    const call = site.server(0).last;
    call.receiver.onHead(101, '', switched, UNKNOWN_LENGTH);
    exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'response'));
    assert.notEqual(call.aborted, null);
    assert.equal(site.active, 0);
  });

  test('is not offered to the server where the route forbids it, nor another protocol', () => {
    const forbidden = new ProxySite({ route: { websocket: false } });
    forbidden.ask(request);
    assert.equal(forbidden.server(0).last.request.upgrade, null);
    const other = new ProxySite();
    other.ask({ fields: Fields.of(['Connection', 'Upgrade'], ['Upgrade', 'h2c']), upgrade: 'h2c' });
    assert.equal(other.server(0).last.request.upgrade, null);
    assert.equal(other.server(0).last.request.fields.getByName('upgrade'), null);
  });
});
