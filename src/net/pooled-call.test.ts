import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, ManualClock, MemoryBudget } from '../base/index.ts';
import { H1ClientConnection } from '../http/h1/index.ts';
import {
  CALL_FAULTS,
  type Fields,
  NO_FIELDS,
  type ResponseReceiver,
  UNKNOWN_LENGTH,
} from '../http/message/index.ts';
import { h1ClientTestSettings } from '../../test/conformance/h1-wire.ts';
import { MemoryWire } from '../../test/conformance/memory-wire.ts';
import { DIAL_FAULTS } from './faults.ts';
import { type CallOwner, isIdempotent, PooledCall } from './pooled-call.ts';

class Line {
  readonly wire = new MemoryWire();
  readonly connection: H1ClientConnection;
  constructor() {
    const settings = h1ClientTestSettings({
      clock: new ManualClock(),
      budget: new MemoryBudget(1 << 20),
      defects: [],
    });
    this.connection = new H1ClientConnection(this.wire, settings, {
      onIdle: () => {},
      onUnusable: () => {},
    });
    this.wire.protocol = this.connection;
  }
  get sent(): string {
    this.wire.turn();
    return this.wire.taken.toString('latin1');
  }
  comes(text: string): void {
    this.connection.onBytes(Buffer.from(text, 'latin1'), 0, text.length);
  }
}

class Owner implements CallOwner {
  readonly log: string[] = [];
  redial(): void {
    this.log.push('redial');
  }
  undial(): void {
    this.log.push('undial');
  }
  onCallOver(): void {
    this.log.push('over');
  }
}

class Answer implements ResponseReceiver {
  readonly log: string[] = [];
  onInform(status: number): void {
    this.log.push(`inform ${status}`);
  }
  onHead(status: number): void {
    this.log.push(`head ${status}`);
  }
  onData(chunk: Uint8Array, start: number, end: number): void {
    this.log.push(Buffer.from(chunk).toString('latin1', start, end));
  }
  onEnd(_trailers: Fields | null): void {
    this.log.push('end');
  }
  onWhole(status: number, _reason: string, _fields: Fields, body: string): void {
    this.onHead(status);
    this.log.push(body);
    this.onEnd(null);
  }
  onAbort(fault: Fault): void {
    this.log.push(fault.kind.code);
  }
  onDrain(): void {
    this.log.push('drain');
  }
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

function pooled(method: string, length: number, upgrade: string | null = null) {
  const owner = new Owner();
  const answer = new Answer();
  const request = {
    method,
    target: '/',
    authority: 'b',
    fields: NO_FIELDS,
    length,
    upgrade,
    client: null,
  };
  const timeouts = { connect: 1000, send: 1000, read: 1000 };
  return { owner, answer, call: new PooledCall(owner, request, answer, timeouts) };
}

const bytes = (text: string): [Uint8Array, number, number] => [Buffer.from(text), 0, text.length];

test('what is written before there is a connection goes out behind the head, in order', () => {
  const { call, answer } = pooled('POST', UNKNOWN_LENGTH);
  assert.equal(call.write(...bytes('abc')), false);
  assert.equal(call.write(...bytes('de')), false);
  assert.equal(call.sent, 'nothing');
  const line = new Line();
  call.begin(line.connection, false);
  assert.deepEqual(answer.log, ['drain']);
  assert.equal(call.write(...bytes('f')), true);
  call.end(null);
  assert.match(line.sent, /\r\n\r\n3\r\nabc\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n$/);
  assert.equal(call.sent, 'body');
});

test('a body that was complete before there is a connection is ended, and nobody is asked for more', () => {
  const { call, answer } = pooled('POST', 3);
  call.write(...bytes('abc'));
  call.end(null);
  const line = new Line();
  call.begin(line.connection, false);
  assert.deepEqual(answer.log, []);
  assert.match(line.sent, /Content-Length: 3\r\n\r\nabc$/);
});

test('a connection is told of where it was made for the call, and what comes over it is counted', () => {
  for (const [reused, told] of [
    [false, ['connected']],
    [true, []],
  ] as const) {
    const { call, answer } = pooled('GET', 0);
    assert.equal(call.received, 0);
    const line = new Line();
    const before = answer.log.length;
    Object.assign(answer, { onConnected: () => answer.log.push('connected') });
    call.begin(line.connection, reused);
    assert.deepEqual(answer.log.slice(before), told);
    line.wire.turn();
    line.comes(OK.slice(0, 9));
    assert.equal(call.received, 9);
    line.comes(OK.slice(9));
    assert.deepEqual(answer.log, [...told, 'head 200', 'hi', 'end']);
    assert.equal(call.received, OK.length, 'also behind the end');
  }
});

test('what came over a connection that is given up for a fresh one does not count', () => {
  const { call, answer } = pooled('GET', 0);
  Object.assign(answer, { onConnected: () => answer.log.push('connected') });
  const stale = new Line();
  call.begin(stale.connection, true);
  stale.connection.onPeerEnd();
  const fresh = new Line();
  call.begin(fresh.connection, false);
  fresh.wire.turn();
  fresh.comes(OK);
  assert.equal(call.received, OK.length);
  assert.deepEqual(answer.log, ['connected', 'head 200', 'hi', 'end']);
});

test('a pause that was asked for before there is a connection holds the response back', () => {
  const { call, answer, owner } = pooled('GET', 0);
  call.pause();
  const line = new Line();
  call.begin(line.connection, false);
  line.wire.turn();
  line.comes(OK);
  assert.deepEqual(answer.log, ['head 200']);
  call.resume();
  assert.deepEqual(answer.log, ['head 200', 'hi', 'end']);
  assert.deepEqual(owner.log, ['over']);
});

test('a call without a connection is given up at the owner, or refused by it, once', () => {
  const left = pooled('GET', 0);
  left.call.abort(new Fault(DIAL_FAULTS['dial-full'], 'connect'));
  left.call.refuse(new Fault(DIAL_FAULTS['dial-full'], 'connect'));
  assert.deepEqual(left.owner.log, ['undial', 'over']);
  assert.deepEqual(left.answer.log, []);
  const refused = pooled('GET', 0);
  refused.call.refuse(new Fault(DIAL_FAULTS['dial-refused'], 'connect'));
  refused.call.abort(new Fault(DIAL_FAULTS['dial-full'], 'connect'));
  assert.deepEqual(refused.owner.log, ['over']);
  assert.deepEqual(refused.answer.log, ['dial-refused']);
});

for (const { what, method, body, leaves, reused, come, again } of [
  {
    what: 'a GET on an idle connection',
    method: 'GET',
    body: '',
    leaves: true,
    reused: true,
    come: '',
    again: true,
  },
  {
    what: 'a GET on a fresh connection',
    method: 'GET',
    body: '',
    leaves: true,
    reused: false,
    come: '',
    again: false,
  },
  {
    what: 'a POST on an idle connection',
    method: 'POST',
    body: '',
    leaves: true,
    reused: true,
    come: '',
    again: false,
  },
  {
    what: 'a POST that did not leave',
    method: 'POST',
    body: 'abc',
    leaves: false,
    reused: true,
    come: '',
    again: true,
  },
  {
    what: 'a PUT with its body',
    method: 'PUT',
    body: 'abc',
    leaves: true,
    reused: true,
    come: '',
    again: true,
  },
  {
    what: 'a body of 64 KiB',
    method: 'PUT',
    body: 'x'.repeat(65_536),
    leaves: true,
    reused: true,
    come: '',
    again: true,
  },
  {
    what: 'a body of one byte more',
    method: 'PUT',
    body: 'x'.repeat(65_537),
    leaves: true,
    reused: true,
    come: '',
    again: false,
  },
  {
    what: 'a POST of 70,000 bytes that did not leave',
    method: 'POST',
    body: 'x'.repeat(70_000),
    leaves: false,
    reused: true,
    come: '',
    again: true,
  },
  {
    what: 'a GET with one byte of its answer',
    method: 'GET',
    body: '',
    leaves: true,
    reused: true,
    come: 'H',
    again: false,
  },
] as const) {
  test(`${what} that loses it is ${again ? '' : 'not '}repeated`, () => {
    const { call, owner, answer } = pooled(method, body.length);
    const line = new Line();
    call.begin(line.connection, reused);
    if (body !== '') {
      call.write(...bytes(body));
      call.end(null);
    }
    if (leaves) line.wire.turn();
    if (come !== '') line.comes(come);
    line.connection.onPeerEnd();
    line.connection.onClose(null);
    if (!again) {
      assert.deepEqual(owner.log, ['over']);
      assert.match(answer.log.at(-1) ?? '', /^call-/);
      return;
    }
    assert.deepEqual(owner.log, ['redial']);
    assert.deepEqual(
      answer.log.filter((entry) => entry !== 'drain'),
      [],
    );
    assert.equal(call.sent, 'nothing');
    const fresh = new Line();
    call.begin(fresh.connection, false);
    assert.ok(fresh.sent.endsWith(`\r\n\r\n${body}`));
    fresh.comes(OK);
    assert.deepEqual(
      answer.log.filter((entry) => entry !== 'drain'),
      ['head 200', 'hi', 'end'],
    );
    assert.deepEqual(owner.log, ['redial', 'over']);
  });
}

test('a time-out on an idle connection is the server’s answer, and not repeated', () => {
  const { call, owner, answer } = pooled('GET', 0);
  const line = new Line();
  call.begin(line.connection, true);
  line.wire.turn();
  line.connection.onDeadline(1e9);
  assert.deepEqual(answer.log, [CALL_FAULTS['call-read-timeout'].code]);
  assert.deepEqual(owner.log, ['over']);
});

test('a tunnel is over when both sides are, or when it breaks', () => {
  for (const first of ['server', 'caller'] as const) {
    const { call, owner, answer } = pooled('GET', 0, 'chat');
    const line = new Line();
    call.begin(line.connection, true);
    line.wire.turn();
    line.comes('HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\n\r\n');
    if (first === 'server') line.connection.onPeerEnd();
    else call.end(null);
    assert.deepEqual(owner.log, []);
    if (first === 'server') {
      call.write(...bytes('bye'));
      assert.match(line.sent, /bye$/);
      call.end(null);
    } else line.connection.onPeerEnd();
    assert.deepEqual(owner.log, ['over']);
    assert.deepEqual(answer.log, ['head 101', 'end']);
  }
  const broken = pooled('GET', 0, 'chat');
  const line = new Line();
  broken.call.begin(line.connection, true);
  line.wire.turn();
  line.comes('HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\n\r\n');
  line.connection.onPeerEnd();
  line.connection.onClose(new Error('ECONNRESET'));
  assert.deepEqual(broken.owner.log, ['over']);
  assert.deepEqual(broken.answer.log, ['head 101', 'end', 'call-cut']);
});

test('the methods of RFC 9110 section 9.2.2 are idempotent, in their spelling alone', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])
    assert.ok(isIdempotent(method));
  for (const method of ['POST', 'PATCH', 'CONNECT', 'LOCK', 'get', ''])
    assert.ok(!isIdempotent(method));
});

for (const [pieces, again] of [
  [256, true],
  [257, false],
] as const) {
  test(`a body in ${pieces} small pieces is ${again ? '' : 'not '}kept to be sent again`, () => {
    const { call, owner } = pooled('PUT', pieces);
    const line = new Line();
    call.begin(line.connection, true);
    for (let i = 0; i < pieces; i++) call.write(...bytes('x'));
    line.wire.turn();
    line.connection.onPeerEnd();
    line.connection.onClose(null);
    assert.deepEqual(owner.log, [again ? 'redial' : 'over']);
  });
}
