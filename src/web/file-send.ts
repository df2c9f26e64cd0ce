/**
 * Sends a file that is not in memory, chunk by chunk.
 *
 * The sink owns a chunk that was written to it and says nowhere when it is done with it, so each chunk
 * is a buffer of its own: one from a pool, filled again too early, would send one client the bytes of
 * another. What bounds the memory is that a chunk is read only while the client takes bytes, and that
 * reading ahead of the client is allowed to few files at a time.
 */
import type { Fault } from '../base/index.ts';
import type { Context, RequestFollower } from '../pipeline/index.ts';
import { WEB_FAULTS } from './faults.ts';
import type { FileSystem } from './file-system.ts';
import { missingBecause, type OpenFile } from './open-file.ts';
import type { Piece } from './range-body.ts';
import type { Fields } from '../http/message/index.ts';

/** Bytes of a chunk while memory is plenty, DESIGN.md section 5. */
export const CHUNK_SIZE = 256 * 1024;

/** Bytes of a chunk while more than half of the thread's budget is held. */
export const SCARCE_CHUNK_SIZE = 16 * 1024;

/** How many files of a thread may have a chunk read that the client has not asked for yet. */
export class ReadAhead {
  readonly limit: number;
  #taken = 0;

  constructor(limit = 64) {
    this.limit = limit;
  }

  /** How many have one now. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether one more may; it then has to `give` back. */
  take(): boolean {
    if (this.#taken >= this.limit) return false;
    this.#taken++;
    return true;
  }

  /** Gives a place back that `take` granted; the chunk was written or dropped. */
  give(): void {
    this.#taken--;
  }
}

/** One response that is read from the disk: head, pieces in their order, and the descriptor to read. */
export interface FileBody {
  readonly file: OpenFile;
  readonly path: Buffer;
  readonly pieces: readonly Piece[];
  readonly status: number;
  readonly fields: Fields;
  /** Bytes of all pieces. */
  readonly length: number;
}

/**
 * One file on its way to one client. It holds the file from its construction to the end of the request,
 * whichever end that is.
 */
export class FileSend implements RequestFollower {
  readonly #context: Context;
  readonly #body: FileBody;
  readonly #files: FileSystem;
  readonly #ahead: ReadAhead;
  #piece = -1;
  #position = 0;
  #end = 0;
  #begun = false;
  #reading = false;
  #full = false;
  #closed = false;
  #isAhead = false;
  #chunk: Buffer | null = null;
  #filled = 0;

  constructor(context: Context, body: FileBody, files: FileSystem, ahead: ReadAhead) {
    this.#context = context;
    this.#body = body;
    this.#files = files;
    this.#ahead = ahead;
    body.file.retain();
  }

  /** Begins to send: the head goes out with the first chunk. */
  start(): void {
    this.#context.follow(this);
    this.#advance();
    try {
      if (this.#position < this.#end) this.#read();
      else this.#send();
    } catch (failure) {
      this.#close();
      throw failure;
    }
  }

  onDrain(): void {
    if (this.#closed) return;
    this.#full = false;
    if (this.#chunk !== null) this.#send();
    else if (!this.#reading && this.#begun) this.#send();
  }

  onAbort(_fault: Fault): void {
    this.#close();
  }

  /** Moves to the next piece that has bytes of the file; texts on the way are written by `#send`. */
  #advance(): void {
    this.#piece++;
    const piece = this.#body.pieces[this.#piece];
    this.#position = piece?.start ?? 0;
    this.#end = piece?.end ?? 0;
  }

  #read(): void {
    const { budget } = this.#context.exchange;
    const size = budget.held * 2 > budget.limit ? SCARCE_CHUNK_SIZE : CHUNK_SIZE;
    const target = Buffer.allocUnsafeSlow(Math.min(size, this.#end - this.#position));
    budget.take(target.length);
    this.#reading = true;
    const { descriptor } = this.#body.file;
    this.#files.read(descriptor, target, 0, target.length, this.#position, (error, count) => {
      this.#reading = false;
      if (this.#closed) {
        // The end came while the read was under way: only now the descriptor may be closed.
        budget.give(target.length);
        this.#body.file.release();
        return;
      }
      try {
        this.#onRead(target, error, count);
      } catch (failure) {
        this.#context.failed(failure);
        this.#close();
      }
    });
  }

  #onRead(target: Buffer, error: NodeJS.ErrnoException | null, count: number): void {
    this.#chunk = target;
    this.#filled = count;
    if (error !== null) {
      const { fault, detail } = missingBecause(error, this.#body.path);
      this.#context.fail(fault, detail, error);
      this.#close();
    } else if (count === 0) {
      const detail = `${this.#body.path.toString()}: at byte ${this.#position}`;
      this.#context.fail(WEB_FAULTS['file-truncated'], detail);
      this.#close();
    } else if (!this.#full) {
      this.#send();
    }
  }

  /** Writes what is there and goes on as far as the client lets it. */
  #send(): void {
    if (!this.#begun) {
      this.#begun = true;
      const { status, fields, length } = this.#body;
      this.#context.respond(status, fields, length);
      if (this.#closed) return;
      this.#writeText();
    }
    const chunk = this.#chunk;
    if (chunk !== null) {
      this.#release(chunk);
      this.#position += this.#filled;
      const isTaken = this.#context.write(chunk, 0, this.#filled);
      if (this.#closed) return;
      if (!isTaken) this.#full = true;
    }
    while (this.#position === this.#end) {
      if (this.#piece >= this.#body.pieces.length - 1) {
        this.#finish();
        return;
      }
      this.#advance();
      this.#writeText();
      if (this.#closed) return;
    }
    if (this.#reading) return;
    if (!this.#full) {
      this.#read();
    } else if (!this.#isAhead && this.#ahead.take()) {
      this.#isAhead = true;
      this.#read();
    }
  }

  /** The chunk is the sink's from now on. */
  #release(chunk: Buffer): void {
    this.#chunk = null;
    this.#context.exchange.budget.give(chunk.length);
    if (!this.#isAhead) return;
    this.#isAhead = false;
    this.#ahead.give();
  }

  #writeText(): void {
    const text = this.#body.pieces[this.#piece]?.text ?? '';
    if (text === '') return;
    const bytes = Buffer.from(text, 'latin1');
    if (!this.#context.write(bytes, 0, bytes.length)) this.#full = true;
  }

  #finish(): void {
    this.#close();
    this.#context.end(null);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#chunk !== null) this.#release(this.#chunk);
    if (this.#isAhead) {
      this.#isAhead = false;
      this.#ahead.give();
    }
    if (!this.#reading) this.#body.file.release();
  }
}
