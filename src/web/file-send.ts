/**
 * Sends a file that is not in memory, chunk by chunk.
 *
 * A chunk is read at once, in this thread, as long as reads are quick: the bytes are nearly always in the
 * page cache, and a thread of the pool costs more than copying them. The first read that took so long that
 * a disk must have been asked sends all later ones of that file through the pool.
 *
 * A chunk that was written belongs to the sink until `onDrain`; one filled again before that would send
 * the client other bytes than its own. What bounds the memory is that a chunk is read only while the
 * client takes bytes, and that reading ahead of the client is allowed to few files at a time.
 */
import type { Fault } from '../base/index.ts';
import type { Context, RequestFollower } from '../pipeline/index.ts';
import { WEB_FAULTS } from './faults.ts';
import { ChunkPool } from './chunk-pool.ts';
import type { FileSystem } from './file-system.ts';
import { missingBecause, type OpenFile } from './open-file.ts';
import type { Piece } from './range-body.ts';
import type { Fields } from '../http/message/index.ts';

/** Bytes of a chunk while memory is plenty: what is read is written again out of the processor's cache. */
export const CHUNK_SIZE = 64 * 1024;

/** Bytes of a chunk while more than half of the thread's budget is held. */
export const SCARCE_CHUNK_SIZE = 16 * 1024;

/** How many files of a thread may have a chunk read that the client has not asked for yet. */
export class ReadAhead {
  readonly limit: number;
  /** Chunks of the thread that files are read into. */
  readonly chunks = new ChunkPool(CHUNK_SIZE);
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
  // The chunk that was written last; the sink holds it until `onDrain`.
  #lent: Buffer | null = null;

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
      if (this.#position === this.#end || this.#readNow()) this.#send();
      else if (!this.#closed) this.#read();
    } catch (failure) {
      this.#close();
      throw failure;
    }
  }

  onDrain(): void {
    if (this.#closed) return;
    this.#full = false;
    if (this.#lent !== null) this.#ahead.chunks.give(this.#lent);
    this.#lent = null;
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

  get #readsNow(): boolean {
    return !this.#body.file.isSlow && this.#files.readNow !== undefined;
  }

  #target(): Buffer {
    const { budget } = this.#context.exchange;
    const left = this.#end - this.#position;
    if (budget.held * 2 > budget.limit) {
      return Buffer.allocUnsafeSlow(Math.min(SCARCE_CHUNK_SIZE, left));
    }
    // What waits for a disk may wait long: no more memory than the file needs.
    return this.#readsNow || left >= CHUNK_SIZE
      ? this.#ahead.chunks.take()
      : Buffer.allocUnsafeSlow(left);
  }

  /** Reads a chunk in this thread, where that is quick; false where it is not, or where the file ended. */
  #readNow(): boolean {
    const { file } = this.#body;
    const { exchange } = this.#context;
    if (!this.#readsNow || this.#files.readNow === undefined) return false;
    const target = this.#target();
    const wanted = Math.min(target.length, this.#end - this.#position);
    const before = performance.now();
    let error: NodeJS.ErrnoException | null = null;
    let count = 0;
    try {
      count = this.#files.readNow(file.descriptor, target, wanted, this.#position);
    } catch (failure) {
      error = failure as NodeJS.ErrnoException; // node:fs throws nothing else
    }
    file.readTook(performance.now() - before);
    exchange.budget.take(target.length);
    return this.#hasRead(target, error, count);
  }

  #read(): void {
    const { budget } = this.#context.exchange;
    const target = this.#target();
    const wanted = Math.min(target.length, this.#end - this.#position);
    budget.take(target.length);
    this.#reading = true;
    const { descriptor } = this.#body.file;
    this.#files.read(descriptor, target, 0, wanted, this.#position, (error, count) => {
      this.#reading = false;
      if (this.#closed) {
        // The end came while the read was under way: only now the descriptor may be closed.
        budget.give(target.length);
        this.#ahead.chunks.give(target);
        this.#body.file.release();
        return;
      }
      try {
        if (this.#hasRead(target, error, count) && !this.#full) this.#send();
      } catch (failure) {
        this.#context.failed(failure);
        this.#close();
      }
    });
  }

  /** Whether the chunk that was read can be sent; else the response has ended. */
  #hasRead(target: Buffer, error: NodeJS.ErrnoException | null, count: number): boolean {
    this.#chunk = target;
    this.#filled = count;
    if (error !== null) {
      const { fault, detail } = missingBecause(error, this.#body.path);
      this.#context.fail(fault, detail, error);
    } else if (count === 0) {
      const detail = `${this.#body.path.toString()}: at byte ${this.#position}`;
      this.#context.fail(WEB_FAULTS['file-truncated'], detail);
    } else {
      return true;
    }
    this.#close();
    return false;
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
    do {
      this.#writeChunk();
      if (this.#closed || this.#hasEnded()) return;
    } while (!this.#full && !this.#reading && this.#readNow());
    this.#readLater();
  }

  /** Has the next chunk read by the pool, if the client wants it or may be read ahead for. */
  #readLater(): void {
    if (this.#closed) return;
    if (!this.#full) {
      this.#read();
    } else if (!this.#readsNow && !this.#isAhead && this.#ahead.take()) {
      this.#isAhead = true;
      this.#read();
    }
  }

  #writeChunk(): void {
    const chunk = this.#chunk;
    if (chunk === null) return;
    this.#release(chunk);
    this.#lent = chunk;
    this.#position += this.#filled;
    if (!this.#context.write(chunk, 0, this.#filled)) this.#full = true;
  }

  /** Moves on over pieces that are complete; true where that ended the response. */
  #hasEnded(): boolean {
    while (this.#position === this.#end) {
      if (this.#piece >= this.#body.pieces.length - 1) {
        this.#finish();
        return true;
      }
      this.#advance();
      this.#writeText();
      if (this.#closed) return true;
    }
    return false;
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
