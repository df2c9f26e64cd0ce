import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../src/base/index.ts';
import {
  type CallTimeouts,
  EXCHANGE_FAULTS,
  Fields,
  NO_FIELDS,
  type OutgoingCall,
  type OutgoingRequest,
  type ResponseReceiver,
} from '../../src/http/message/index.ts';
import { eventually } from '../support/eventually.ts';
import { type BackCall, type BackHarness, type BackUnderTest } from './back.ts';

const TIMEOUTS: CallTimeouts = { connect: 1000, send: 1000, read: 1000 };
/** Why the tests give calls up. */
export const GIVEN_UP = new Fault(EXCHANGE_FAULTS['client-left'], 'response');

/** Records what a call told its receiver, and fails on what the contract forbids. */
export class ResponseRecorder implements ResponseReceiver {
  call: OutgoingCall | null = null;
  status = 0;
  reason = '';
  fields: Fields = NO_FIELDS;
  length = -2;
  body = '';
  trailers: Fields | null = null;
  fault: Fault | null = null;
  ends = 0;
  drains = 0;
  tunnel = false;
  /** Set by a test that gives the call up: from then on nothing may come. */
  silent = false;
  readonly informed: { readonly status: number; readonly fields: Fields }[] = [];

  /** What went wrong in words, or null. */
  get trouble(): string | null {
    return this.fault === null ? null : `${this.fault.kind.code}: ${this.fault.message}`;
  }

  get over(): boolean {
    return this.ends > 0 || this.fault !== null;
  }

  #expectOpen(what: string): void {
    assert.equal(this.silent, false, `${what} behind an abort`);
    assert.equal(this.fault, null, `${what} behind onAbort`);
    assert.equal(this.ends, 0, `${what} behind onEnd`);
  }

  onConnected(): void {
    this.#expectOpen('onConnected');
    assert.notEqual(this.call, null, 'onConnected before open returned');
    assert.equal(this.status, 0, 'onConnected behind onHead');
  }

  onInform(status: number, fields: Fields): void {
    this.#expectOpen('onInform');
    assert.equal(this.status, 0, 'onInform behind onHead');
    this.informed.push({ status, fields });
  }

  onHead(status: number, reason: string, fields: Fields, length: number): void {
    this.#expectOpen('onHead');
    assert.equal(this.status, 0, 'a second onHead');
    assert.notEqual(this.call, null, 'onHead before open returned');
    this.status = status;
    this.reason = reason;
    this.fields = fields;
    this.length = length;
    this.tunnel = status === 101;
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    this.#expectOpen('onData');
    assert.notEqual(this.status, 0, 'onData before onHead');
    assert.ok(end > start, 'an empty chunk');
    this.body += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString(
      'latin1',
      start,
      end,
    );
  }

  onEnd(trailers: Fields | null): void {
    this.#expectOpen('onEnd');
    assert.notEqual(this.status, 0, 'onEnd before onHead');
    this.trailers = trailers;
    this.ends++;
  }

  onWhole(status: number, reason: string, fields: Fields, body: string): void {
    this.onHead(status, reason, fields, body.length);
    this.body = body;
    this.onEnd(null);
  }

  onAbort(fault: Fault): void {
    assert.equal(this.silent, false, 'onAbort behind an abort');
    assert.equal(this.fault, null, 'a second onAbort');
    if (!this.tunnel) assert.equal(this.ends, 0, 'onAbort behind onEnd');
    assert.notEqual(this.call, null, 'onAbort before open returned');
    this.fault = fault;
  }

  onDrain(): void {
    assert.equal(this.silent, false, 'onDrain behind an abort');
    this.drains++;
  }
}

/** What a test of the suite has at hand. */
export interface Bench {
  readonly back: BackUnderTest;
  /** Opens a call and records what it tells. */
  open(request?: Partial<OutgoingRequest>, recorder?: ResponseRecorder): ResponseRecorder;
  /** The request number `index` once the back end has its head. */
  arrived(index: number): Promise<BackCall>;
  /** Runs a call of its own from end to end; the transport must still be good for it. */
  another(): Promise<BackCall>;
  until(what: string, holds: () => boolean): Promise<void>;
}

/** Registers one test of the suite. */
export type Check = (
  title: string,
  body: (bench: Bench) => Promise<void>,
  options?: { readonly budget?: number },
) => void;

/** Makes the `Check` of one transport: it opens a bench for each test and looks at what is left behind it. */
export function checksOf(harness: BackHarness): Check {
  return (title, body, options): void => {
    test(`${harness.name}: ${title}`, async () => {
      const back = harness.open(options);
      const recorders: ResponseRecorder[] = [];
      const until = (what: string, holds: () => boolean): Promise<void> =>
        eventually(what, () => {
          back.advance(0);
          return holds();
        });
      const open: Bench['open'] = (request = {}, recorder = new ResponseRecorder()) => {
        const whole: OutgoingRequest = {
          method: 'GET',
          target: '/',
          authority: 'back.test',
          fields: NO_FIELDS,
          length: 0,
          upgrade: null,
          client: null,
          ...request,
        };
        recorder.call = back.transport.open(whole, recorder, TIMEOUTS);
        recorders.push(recorder);
        return recorder;
      };
      const arrived: Bench['arrived'] = async (index) => {
        await until(`request ${index}`, () => back.calls.length > index);
        return back.calls[index] as BackCall;
      };
      const another: Bench['another'] = async () => {
        const target = `/another/${back.calls.length}`;
        const recorder = open({ target });
        await until('another request', () => back.calls.some((call) => call.target === target));
        const call = back.calls.find((each) => each.target === target) as BackCall;
        call.respond(200, 5);
        call.write('fresh');
        call.end();
        await until('another response', () => recorder.over);
        assert.equal(recorder.trouble, null);
        assert.equal(recorder.body, 'fresh');
        return call;
      };
      try {
        await body({ back, open, arrived, another, until });
        for (const recorder of recorders) {
          assert.ok(recorder.silent || recorder.over, 'a call without an end');
        }
        await until('the memory budget to be back at nothing', () => back.budget.held === 0);
      } finally {
        await back.dispose();
      }
    });
  };
}

/** Sends latin1 text as part of the request body, or into the tunnel. */
export function write(recorder: ResponseRecorder, text: string): boolean | undefined {
  const chunk = Buffer.from(`<${text}>`, 'latin1');
  return recorder.call?.write(chunk, 1, chunk.length - 1);
}
