import assert from 'node:assert/strict';
import type { Fault } from '../../src/base/index.ts';
import type {
  BodyReceiver,
  Exchange,
  ExchangeObserver,
  Fields,
} from '../../src/http/message/index.ts';

/** Keeps what an exchange and its request body told, in order, and fails on what the contract forbids. */
export class Recorder implements ExchangeObserver, BodyReceiver {
  readonly exchange: Exchange;
  readonly log: string[] = [];
  body = '';
  trailers: Fields | null = null;
  bodyFault: Fault | null = null;
  bodyEnded = 0;
  aborts: Fault[] = [];
  finishes = 0;
  drains = 0;
  halfCloses = 0;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
    exchange.observer = this;
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    assert.equal(this.bodyEnded, 0, 'body bytes behind the end of the body');
    assert.equal(this.finishes, 0, 'body bytes behind onFinish');
    assert.ok(end > start, 'an empty chunk');
    this.body += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString(
      'latin1',
      start,
      end,
    );
    this.log.push('data');
  }

  onEnd(trailers: Fields | null): void {
    this.trailers = trailers;
    this.bodyEnded++;
    this.log.push('end');
  }

  onAbort(fault: Fault): void {
    // One object plays both receivers here; which of the two it was, the state of the exchange tells.
    if (this.exchange.aborted && this.log.includes('claimed') && this.bodyEnded === 0) {
      if (this.bodyFault === null) {
        this.bodyFault = fault;
        this.log.push('body-abort');
        return;
      }
    } else if (!this.exchange.aborted) {
      this.bodyFault = fault;
      this.log.push('body-abort');
      return;
    }
    this.aborts.push(fault);
    this.log.push('abort');
  }

  onDrain(): void {
    assert.equal(this.finishes, 0, 'a drain behind onFinish');
    this.drains++;
  }

  onHalfClose(): void {
    this.halfCloses++;
  }

  onFinish(): void {
    this.finishes++;
    this.log.push('finish');
  }

  claim(): void {
    this.log.push('claimed');
    this.exchange.receive(this);
  }
}
