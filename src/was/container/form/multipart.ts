import { mediaTypeParameter, parseMediaType } from '../../../http/message/index.ts';
import {
  BodyTooLargeException,
  IllegalStateException,
  MalformedBodyException,
  type Part,
} from '../../api/index.ts';
import { type DecodeText, decodeUtf8 } from './charset-decoder.ts';
import { PartContent } from './part-content.ts';
import { parsePartHead } from './part-head.ts';
import { PartSplitter } from './part-splitter.ts';
import { StoredPart } from './stored-part.ts';

/** Bytes on their way to the disk above which `write` asks to wait. */
const HIGH_WATER = 262_144;
/** What each piece on its way weighs beside its bytes: clients may send single ones. */
const PIECE_WEIGHT = 512;

/** How much of a multipart body is taken. All of them refuse what is above; -1 is no limit. */
export interface MultipartLimits {
  /** Bytes of one file (`max-file-size`). */
  readonly maxFileSize: number;
  /** Bytes of the whole body (`max-request-size`). */
  readonly maxRequestSize: number;
  /** Bytes of all fields, which are in memory. Tomcat's `maxPostSize`, 2 MiB there. */
  readonly maxFieldSize: number;
  /** Fields and files. Tomcat's `maxPartCount`, 50 there. */
  readonly maxParts: number;
  /** Bytes of the header of a part with its line ends. Tomcat's `maxPartHeaderSize`, 512 there. */
  readonly maxPartHeaderSize: number;
  /** Fields: what is left of Tomcat's `maxParameterCount`, 1000 in its server.xml, once the query was read. */
  readonly maxParameters: number;
}

/** What a reader is made with. */
export interface MultipartSettings {
  /** The `Content-Type` of the body, with its boundary. */
  readonly contentType: string;
  /** Absolute path of the directory for temporary files, which must exist; relative paths of `Part.write` are below it. */
  readonly directory: string;
  /** Bytes of a file above which it is not kept in memory (`file-size-threshold`). */
  readonly fileSizeThreshold: number;
  readonly limits: MultipartLimits;
  /** Decoder of names, and of fields that name no charset; UTF-8 unless given. */
  readonly decode?: DecodeText;
  /** Called once after `write` said false, when more may be written. */
  readonly onDrain: () => void;
}

interface OpenPart {
  readonly content: PartContent;
  readonly isFile: boolean;
}

/**
 * Reads a `multipart/form-data` body (RFC 7578) that is written to it. Fields are kept in memory; a file as well, or
 * above a threshold in a temporary file. Those are gone after `discard`, which has to be called at the end of the
 * request, and after a failure.
 */
export class MultipartReader {
  /**
   * Settles after `end`, with the parts in order. Rejects, when temporary files are removed, with a
   * `BodyTooLargeException` above a limit, with a `MalformedBodyException` for a body that is none, with the error of
   * `abort`, with that of the file system, with an `IllegalStateException` for a `discard` before its end.
   */
  readonly parts: Promise<readonly Part[]>;
  readonly #settings: MultipartSettings;
  readonly #decode: DecodeText;
  readonly #resolve: (parts: readonly Part[]) => void;
  readonly #reject: (error: Error) => void;
  readonly #contents: PartContent[] = [];
  readonly #stored: StoredPart[] = [];
  readonly #fields: StoredPart[] = [];
  /** Null once nothing more is read. */
  #splitter: PartSplitter | null = null;
  #open: OpenPart | null = null;
  #received = 0;
  #fieldBytes = 0;
  #state: 'reading' | 'complete' | 'failed' = 'reading';
  /** What the file system has to do, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #weight = 0;
  #isAwaited = false;

  /** Throws nothing: a `Content-Type` that is no multipart rejects `parts`. */
  constructor(settings: MultipartSettings) {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Part[]>();
    this.parts = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    // a failure before somebody asks for the parts is no crash
    promise.catch(() => {});
    this.#settings = settings;
    this.#decode = settings.decode ?? decodeUtf8;
    try {
      const { maxPartHeaderSize } = settings.limits;
      this.#splitter = new PartSplitter(
        boundaryOf(settings.contentType),
        maxPartHeaderSize === -1 ? Infinity : maxPartHeaderSize,
        {
          onHead: (block) => this.#begin(block),
          onContent: (bytes) => this.#take(bytes),
          onPartEnd: () => this.#finish(),
        },
      );
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** Bytes of parts that are in memory. */
  get memory(): number {
    return this.#contents.reduce((sum, content) => sum + content.memory, 0);
  }

  /** Whether more of the body is wanted: not after its end, and not after a failure. */
  get isReading(): boolean {
    return this.#splitter !== null;
  }

  /**
   * The next bytes of the body, which may be overwritten after the call; passed over after a failure. False asks to
   * wait for `onDrain`.
   */
  write(chunk: Uint8Array): boolean {
    if (this.#splitter === null) return true;
    this.#received += chunk.length;
    try {
      refuseAbove(this.#settings.limits.maxRequestSize, this.#received, 'bytes in the body');
      this.#splitter.write(chunk);
    } catch (error) {
      this.#fail(error as Error);
    }
    if (this.#weight < HIGH_WATER) return true;
    this.#isAwaited = true;
    return false;
  }

  /** The body is complete. */
  end(): void {
    if (this.#splitter === null) return;
    try {
      this.#splitter.end();
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    this.#splitter = null;
    this.#work = this.#complete(this.#work);
  }

  /** The rest of the body will not come. Does nothing once the parts are there. */
  abort(error: Error): void {
    this.#fail(error);
  }

  /** The fields, parts without a file name, in order: name and text. They are complete when `parts` are there. */
  *fields(): Generator<readonly [name: string, value: string], void, undefined> {
    for (const part of this.#fields) yield [part.getName(), part.text(this.#decode)];
  }

  /**
   * Ends reading, closes what is open and removes temporary files. Parts cannot be used afterwards. Rejects if a file
   * cannot be removed, after the others were.
   */
  async discard(): Promise<void> {
    this.#fail(new IllegalStateException('The request has ended'));
    await this.#work;
    await this.#removeAll();
  }

  #begin(block: string): void {
    const { limits, directory, fileSizeThreshold } = this.#settings;
    refuseAbove(limits.maxParts, this.#stored.length + 1, 'parts');
    const head = parsePartHead(block, this.#decode);
    const isFile = head.submittedFileName !== null;
    const content = new PartContent(directory, isFile ? fileSizeThreshold : Infinity);
    const part = new StoredPart(head, content, directory);
    if (!isFile) {
      refuseAbove(limits.maxParameters, this.#fields.length + 1, 'parameters');
      this.#fields.push(part);
    }
    this.#contents.push(content);
    this.#stored.push(part);
    this.#open = { content, isFile };
  }

  #take(bytes: Uint8Array): void {
    if (this.#open === null) return;
    const { content, isFile } = this.#open;
    const { maxFileSize, maxFieldSize } = this.#settings.limits;
    if (isFile) refuseAbove(maxFileSize, content.size + bytes.length, 'bytes in a file');
    else refuseAbove(maxFieldSize, (this.#fieldBytes += bytes.length), 'bytes in fields');
    const toStore = content.append(bytes);
    if (toStore !== null) this.#enqueue(toStore.length, () => content.store(toStore));
  }

  #finish(): void {
    const content = this.#open?.content;
    this.#open = null;
    if (content !== undefined) this.#enqueue(0, () => content.close());
  }

  async #complete(before: Promise<void>): Promise<void> {
    await before;
    if (this.#state !== 'reading') return;
    this.#state = 'complete';
    this.#resolve(this.#stored);
  }

  #enqueue(bytes: number, task: () => Promise<void>): void {
    const weight = bytes + PIECE_WEIGHT;
    this.#weight += weight;
    this.#work = this.#do(this.#work, weight, task);
  }

  async #do(before: Promise<void>, weight: number, task: () => Promise<void>): Promise<void> {
    await before;
    try {
      if (this.#state === 'reading') await task();
    } catch (error) {
      this.#fail(error as Error);
    }
    this.#weight -= weight;
    if (this.#weight > 0 || !this.#isAwaited) return;
    this.#isAwaited = false;
    this.#settings.onDrain();
  }

  #fail(error: Error): void {
    if (this.#state !== 'reading') return;
    this.#state = 'failed';
    this.#splitter = null;
    this.#work = this.#giveUp(this.#work, error);
  }

  async #giveUp(before: Promise<void>, error: Error): Promise<void> {
    await before;
    try {
      await this.#removeAll();
    } catch {
      // what went wrong first is what the caller can do something about
    }
    this.#reject(error);
  }

  async #removeAll(): Promise<void> {
    const results = await Promise.allSettled(this.#contents.map((content) => content.remove()));
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason;
    }
  }
}

/** @throws MalformedBodyException where there is not exactly one boundary: of two, each reader might take another. */
function boundaryOf(contentType: string): string {
  const type = parseMediaType(contentType);
  if (type === null || type.essence !== 'multipart/form-data') {
    throw new MalformedBodyException('The body is not multipart/form-data');
  }
  const count = type.parameters.filter(({ name }) => name === 'boundary').length;
  const boundary = mediaTypeParameter(type, 'boundary');
  if (boundary === null || count > 1) {
    throw new MalformedBodyException('The Content-Type of the body does not name one boundary');
  }
  return boundary;
}

function refuseAbove(limit: number, count: number, what: string): void {
  if (limit === -1 || count <= limit) return;
  throw new BodyTooLargeException(`The request has more than ${limit} ${what}`);
}
