import { Fault, type MemoryBudget } from '../base/index.ts';
import type { Fields } from '../http/message/index.ts';
import { PROXY_FAULTS } from './faults.ts';
import { SpoolFile } from './spool-file.ts';
import type { SpoolLimits } from './spooled-body.ts';

/** The two sides that a buffered response stands between. */
export interface BufferSides {
  /** Sends to the client; false when it is full. */
  write(chunk: Uint8Array, start: number, end: number): boolean;
  /** Everything was sent. */
  end(trailers: Fields | null): void;
  /** The server is to wait. */
  pause(): void;
  /** The server may go on. */
  resume(): void;
  /** The buffer failed; nothing more is sent. */
  fail(fault: Fault): void;
}

const READ_SIZE = 256 * 1024;

/**
 * What a slow client has not taken yet, so that it does not occupy a server (nginx `proxy_buffering`):
 * memory first, then a file, and only when both are full the server waits. It is made when the client is
 * full for the first time: one that keeps up needs none.
 */
export class BufferedResponse {
  readonly #sides: BufferSides;
  readonly #limits: SpoolLimits;
  readonly #budget: MemoryBudget;
  readonly #memory: Uint8Array[] = [];
  #memoryBytes = 0;
  #file: SpoolFile | null = null;
  #fileEnd = 0;
  #fileRead = 0;
  #writing: Uint8Array | null = null;
  #reading = false;
  #clientFull = true;
  #serverPaused = false;
  #ended = false;
  #trailers: Fields | null = null;
  #over = false;

  constructor(sides: BufferSides, limits: SpoolLimits, budget: MemoryBudget) {
    this.#sides = sides;
    this.#limits = limits;
    this.#budget = budget;
  }

  /** Bytes came from the server. */
  data(chunk: Uint8Array, start: number, end: number): void {
    if (this.#over) return;
    if (!this.#clientFull && this.#isEmpty()) {
      this.#clientFull = !this.#sides.write(chunk, start, end);
      return;
    }
    const bytes = chunk.subarray(start, end);
    this.#memory.push(bytes);
    this.#memoryBytes += bytes.length;
    this.#budget.take(bytes.length);
    this.#makeRoom();
  }

  /** The response is complete. */
  end(trailers: Fields | null): void {
    this.#ended = true;
    this.#trailers = trailers;
    this.#pump();
  }

  /** The client takes bytes again. */
  drain(): void {
    this.#clientFull = false;
    this.#pump();
  }

  /** The request is over: lets go of everything. */
  dispose(): void {
    if (this.#over) return;
    this.#over = true;
    this.#giveMemory();
    this.#file?.close();
  }

  #giveMemory(): void {
    this.#budget.give(this.#memoryBytes);
    this.#memoryBytes = 0;
    this.#memory.length = 0;
  }

  #isEmpty(): boolean {
    return this.#memoryBytes === 0 && !this.#hasFile() && !this.#reading;
  }

  #hasFile(): boolean {
    return this.#writing !== null || this.#fileRead < this.#fileEnd;
  }

  // The file holds what comes first, memory what comes behind it. Memory that is full goes to the file
  // as a whole; a file that is full, or off, leaves it there and holds the server back.
  #makeRoom(): void {
    const { memory, file } = this.#limits;
    if (this.#memoryBytes === 0) return;
    const full = this.#memoryBytes > memory || this.#budget.exhausted;
    if (!full || this.#writing !== null) {
      if (full) this.#pauseServer();
      return;
    }
    if (this.#fileEnd + this.#memoryBytes > file) {
      this.#pauseServer();
      return;
    }
    this.#writeMemory();
  }

  #writeMemory(): void {
    const bytes = Buffer.concat(this.#memory);
    this.#memory.length = 0;
    this.#writing = bytes;
    const file = (this.#file ??= new SpoolFile(this.#limits.directory));
    if (this.#reading) return;
    this.#append(file, bytes);
  }

  #append(file: SpoolFile, bytes: Uint8Array): void {
    file.append(bytes, this.#fileEnd, (error) => {
      this.#writing = null;
      if (this.#over) return;
      this.#memoryBytes -= bytes.length;
      this.#budget.give(bytes.length);
      if (error !== null) {
        this.#failed(error);
        return;
      }
      this.#fileEnd += bytes.length;
      this.#makeRoom();
      this.#pump();
    });
  }

  // What is in the file first, then what is in memory. While the file is written nothing is read from
  // it, and what is in memory comes behind it.
  #pump(): void {
    while (!this.#over && !this.#clientFull && !this.#reading && this.#writing === null) {
      if (this.#fileRead < this.#fileEnd) {
        this.#readOn();
        return;
      }
      const chunk = this.#memory.shift();
      if (chunk === undefined) break;
      this.#memoryBytes -= chunk.length;
      this.#budget.give(chunk.length);
      this.#clientFull = !this.#sides.write(chunk, 0, chunk.length);
    }
    if (this.#over) return;
    if (this.#isEmpty()) {
      this.#fileRead = 0;
      this.#fileEnd = 0;
      if (this.#ended) {
        this.dispose();
        this.#sides.end(this.#trailers);
        return;
      }
    }
    this.#resumeServer();
  }

  #readOn(): void {
    const into = Buffer.allocUnsafeSlow(Math.min(READ_SIZE, this.#fileEnd - this.#fileRead));
    this.#reading = true;
    this.#file?.read(into, this.#fileRead, (error, bytes) => {
      this.#reading = false;
      if (this.#over) return;
      if (error !== null || bytes === 0) {
        this.#failed(error ?? new Error('the file is shorter than what was written'));
        return;
      }
      this.#fileRead += bytes;
      this.#clientFull = !this.#sides.write(into, 0, bytes);
      if (this.#writing !== null && this.#file !== null) this.#append(this.#file, this.#writing);
      else this.#pump();
    });
  }

  #failed(error: Error): void {
    this.dispose();
    const detail = error.message;
    this.#sides.fail(new Fault(PROXY_FAULTS['spool-failed'], 'response', detail, error));
  }

  #pauseServer(): void {
    if (this.#serverPaused || this.#ended) return;
    this.#serverPaused = true;
    this.#sides.pause();
  }

  #resumeServer(): void {
    if (!this.#serverPaused || this.#memoryBytes > this.#limits.memory) return;
    this.#serverPaused = false;
    this.#sides.resume();
  }
}
