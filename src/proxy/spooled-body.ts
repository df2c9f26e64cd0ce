import { Fault } from '../base/index.ts';
import type { BodyReceiver, Fields, OutgoingCall } from '../http/message/index.ts';
import type { Context } from '../pipeline/index.ts';
import type { BodySource, OnBodyFault } from './body-source.ts';
import { PROXY_FAULTS } from './faults.ts';
import { passedTrailers } from './response-fields.ts';
import { SpoolFile } from './spool-file.ts';

/** So many pieces become one if all of them together are small. */
const LOOSE_PIECES = 256;
const LOOSE_BYTES = 256 * 1024;

/** How much of a body is kept where, in bytes. */
export interface SpoolLimits {
  readonly memory: number;
  readonly file: number;
  readonly directory: string;
}

const READ_SIZE = 256 * 1024;

/**
 * A request body that is read to its end before a server is asked, so that a slow client does not
 * occupy a server, and so that another server can be tried. Memory first, then a file; the file also
 * where the thread's memory budget is used up.
 */
export class SpooledBody implements BodySource, BodyReceiver {
  readonly #context: Context;
  readonly #limits: SpoolLimits;
  readonly #onFault: OnBodyFault;
  readonly #memory: Uint8Array[] = [];
  // Pieces at the end that were not put together yet.
  #loose = 0;
  #looseBytes = 0;
  #memoryBytes = 0;
  #file: SpoolFile | null = null;
  #fileBytes = 0;
  // Chunks that wait for the write before them.
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writing = false;
  #complete = false;
  #trailers: Fields | null = null;
  #ready: (() => void) | null = null;
  #over = false;

  #call: OutgoingCall | null = null;
  #sentMemory = 0;
  #sentFile = 0;
  #reading = false;
  #held = true;

  constructor(context: Context, limits: SpoolLimits, onFault: OnBodyFault) {
    this.#context = context;
    this.#limits = limits;
    this.#onFault = onFault;
  }

  get length(): number {
    return this.#memoryBytes + this.#fileBytes;
  }

  readonly repeatable = true;

  prepare(ready: () => void): void {
    this.#ready = ready;
    this.#context.receive(this);
  }

  // From the client.

  onData(chunk: Uint8Array, start: number, end: number): void {
    if (this.#over) return;
    const bytes = chunk.subarray(start, end);
    const { memory, file } = this.#limits;
    const { budget } = this.#context.exchange;
    const fits = this.#memoryBytes + bytes.length <= memory && !budget.exhausted;
    if (this.#file === null && fits) {
      this.#keep(bytes);
      this.#memoryBytes += bytes.length;
      budget.take(bytes.length);
      return;
    }
    if (this.#fileBytes + bytes.length > file) {
      const detail = `more than ${memory + file} bytes`;
      this.#fail(new Fault(PROXY_FAULTS['spool-full'], 'request-body', detail));
      return;
    }
    this.#fileBytes += bytes.length;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    budget.take(bytes.length);
    this.#writeOn();
  }

  // Each piece costs a hundred bytes more than its own, and a client chooses how small its chunks are.
  #keep(bytes: Uint8Array): void {
    this.#memory.push(bytes);
    this.#looseBytes += bytes.length;
    if (++this.#loose < LOOSE_PIECES) return;
    if (this.#looseBytes < LOOSE_BYTES) {
      this.#memory.push(Buffer.concat(this.#memory.splice(-LOOSE_PIECES)));
    }
    this.#loose = 0;
    this.#looseBytes = 0;
  }

  #writeOn(): void {
    if (this.#writing || this.#over) return;
    const file = (this.#file ??= new SpoolFile(this.#limits.directory));
    const bytes = this.#waiting.length === 1 ? this.#waiting[0] : Buffer.concat(this.#waiting);
    if (bytes === undefined) return;
    this.#waiting.length = 0;
    this.#writing = true;
    this.#context.exchange.pause();
    file.append(bytes, this.#fileBytes - this.#waitingBytes, (error) => {
      this.#writing = false;
      this.#waitingBytes -= bytes.length;
      this.#context.exchange.budget.give(bytes.length);
      if (this.#over) this.#giveWaiting();
      else if (error !== null) this.#failed(error);
      else if (this.#waiting.length > 0) this.#writeOn();
      else if (this.#complete) this.#tellReady();
      else this.#context.exchange.resume();
    });
  }

  #giveWaiting(): void {
    let bytes = 0;
    for (const waiting of this.#waiting.splice(0)) bytes += waiting.length;
    this.#waitingBytes -= bytes;
    this.#context.exchange.budget.give(bytes);
  }

  onEnd(trailers: Fields | null): void {
    this.#complete = true;
    this.#trailers = passedTrailers(trailers);
    if (!this.#writing) this.#tellReady();
  }

  #tellReady(): void {
    const ready = this.#ready;
    this.#ready = null;
    try {
      ready?.();
    } catch (error) {
      this.#context.failed(error);
    }
  }

  onAbort(fault: Fault): void {
    this.#fail(fault);
  }

  #failed(error: Error): void {
    this.#fail(new Fault(PROXY_FAULTS['spool-failed'], 'request-body', error.message, error));
  }

  #fail(fault: Fault): void {
    if (this.#over) return;
    this.dispose();
    this.#onFault(fault);
  }

  // To the server.

  sendTo(call: OutgoingCall): void {
    this.#call = call;
    this.#sentMemory = 0;
    this.#sentFile = 0;
    this.#held = false;
    this.#sendOn();
  }

  drain(): void {
    this.#held = false;
    this.#sendOn();
  }

  #sendOn(): void {
    const call = this.#call;
    // oxlint-disable-next-line no-unmodified-loop-condition -- a write may end the call, and begin another
    while (call !== null && call === this.#call && !this.#held && !this.#reading) {
      const chunk = this.#memory[this.#sentMemory];
      if (chunk === undefined) {
        if (this.#sentFile < this.#fileBytes) this.#readOn();
        else {
          this.#call = null;
          call.end(this.#trailers);
        }
        return;
      }
      this.#sentMemory++;
      if (!call.write(chunk, 0, chunk.length)) this.#held = true;
    }
  }

  #readOn(): void {
    const left = this.#fileBytes - this.#sentFile;
    const into = Buffer.allocUnsafeSlow(Math.min(READ_SIZE, left));
    const call = this.#call;
    this.#reading = true;
    this.#file?.read(into, this.#sentFile, (error, bytes) => {
      this.#reading = false;
      if (this.#over) return;
      if (call !== this.#call) {
        // Another call was begun meanwhile.
        this.#sendOn();
      } else if (error !== null || bytes === 0) {
        this.#failed(error ?? new Error('the file is shorter than what was written'));
      } else {
        this.#sentFile += bytes;
        if (call !== null && !call.write(into, 0, bytes)) this.#held = true;
        this.#sendOn();
      }
    });
  }

  detach(): void {
    this.#call = null;
  }

  dispose(): void {
    if (this.#over) return;
    this.#over = true;
    this.#call = null;
    this.#ready = null;
    this.#context.exchange.budget.give(this.#memoryBytes);
    this.#memory.length = 0;
    if (!this.#writing) this.#giveWaiting();
    this.#file?.close();
  }
}
