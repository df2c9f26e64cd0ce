/**
 * The handler that serves files (nginx: the static, index and gzip_static modules with the range and
 * not-modified filters).
 *
 * The hot request stays in `handle`: one look-up, one clock, one pass over the request fields, one send.
 * Everything else is asynchronous and ends in the same `#answer`.
 */
import type { Clock } from '../base/index.ts';
import {
  chooseCoding,
  evaluatePreconditions,
  FIELD,
  type Fields,
  type ModifiedSinceRule,
  parseRange,
  rangeApplies,
  unsatisfiedContentRange,
} from '../http/message/index.ts';
import {
  answerRedirect,
  type Context,
  DONE,
  type Handler,
  type Outcome,
  PENDING,
} from '../pipeline/index.ts';
import { WEB_FAULTS } from './faults.ts';
import { FileCache } from './file-cache.ts';
import type { Found } from './file-loader.ts';
import { FileSend, type ReadAhead } from './file-send.ts';
import type { FileSystem } from './file-system.ts';
import { KeptSend, PIECE_SIZE } from './kept-send.ts';
import { cutOut, partialContent, type Piece } from './range-body.ts';
import { refuseMethod, refuseMissing, refuseRange } from './refusal.ts';
import { directoryAddress, type RedirectStyle } from './site-address.ts';
import type { StoredFile } from './stored-file.ts';

/** How a route answers with the files it finds. */
export interface StaticFilesModel {
  /** Ranges in one request; 0 ignores Range (nginx `max_ranges`). */
  readonly maxRanges: number;
  /** nginx `if_modified_since`. */
  readonly ifModifiedSince: ModifiedSinceRule | 'off';
  /** Whether a directory without its slash is redirected to the path with it; else 404. */
  readonly directoryRedirect: boolean;
  readonly redirectStyle: RedirectStyle;
}

/** What the handler needs from outside. */
export interface StaticFilesPorts {
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly readAhead: ReadAhead;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /**
   * Whether another path of the same host is answered by the location that answers this request. It
   * keeps a precompressed twin (`/a.html.gz`) from being a way around the rules for `/a.html`.
   */
  readonly isSameLocation: (context: Context, path: string) => boolean;
}

// The request fields that make an answer something other than the plain 200.
const CONDITION = 1;
const RANGE = 2;
const marks = new Uint8Array(256);
for (const id of [
  FIELD.ifMatch,
  FIELD.ifNoneMatch,
  FIELD.ifModifiedSince,
  FIELD.ifUnmodifiedSince,
]) {
  marks[id] = CONDITION;
}
marks[FIELD.range] = RANGE;

function marksOf(fields: Fields): number {
  let found = 0;
  const { size } = fields;
  for (let i = 0; i < size; i++) found |= marks[fields.idAt(i)] ?? 0;
  return found;
}

/** See the head of this file. */
export class StaticFiles implements Handler {
  readonly name = 'files';
  readonly phase = 'content';
  readonly #model: StaticFilesModel;
  readonly #cache: FileCache;
  readonly #ports: StaticFilesPorts;
  // Most clients accept the same codings, and most files with twins have all of them.
  #lastAccept: string | null = null;
  #lastOffer: readonly string[] = [];
  #lastChoice = -1;

  constructor(model: StaticFilesModel, cache: FileCache, ports: StaticFilesPorts) {
    this.#model = model;
    this.#cache = cache;
    this.#ports = ports;
  }

  handle(context: Context): Outcome {
    const { method } = context;
    // POST is let through to see what is there: a directory redirects and a missing file is 404 in
    // nginx, whatever the method; the others learn nothing.
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
      refuseMethod(context);
      return DONE;
    }
    const { path } = context;
    const original = this.#cache.originalOf(path);
    if (original !== null && !this.#ports.isSameLocation(context, original)) {
      this.#answerTwin(context, original);
      return PENDING;
    }
    const found = this.#cache.peek(path);
    if (found !== null) {
      this.#answer(context, found);
      return DONE;
    }
    this.#find(context);
    return PENDING;
  }

  #find(context: Context): void {
    this.#ask(context, context.path, (found) => this.#answer(context, found));
  }

  /** Other rules hold for the original, so its twin is served only if there is none: an archive. */
  #answerTwin(context: Context, original: string): void {
    this.#ask(context, original, (found) => {
      if (found.kind === 'missing' && found.fault.status === 404) this.#find(context);
      else context.fail(WEB_FAULTS['name-refused'], context.path);
    });
  }

  #ask(context: Context, path: string, use: (found: Found) => void): void {
    this.#cache.find(path, (found) => guarded(context, () => use(found)));
  }

  #answer(context: Context, found: Found): void {
    if (found.kind === 'file') this.#serve(context, found);
    else if (found.kind === 'missing') refuseMissing(context, found);
    else if (!context.path.endsWith('/')) this.#redirect(context);
    else if (found.index !== null) context.redirect(context.path + found.index, context.query);
    else context.fail(WEB_FAULTS['no-index'], context.path);
  }

  #redirect(context: Context): void {
    if (!this.#model.directoryRedirect) {
      context.fail(WEB_FAULTS['file-not-found'], context.path);
      return;
    }
    answerRedirect(context, 301, directoryAddress(context, this.#model.redirectStyle));
  }

  #serve(context: Context, found: StoredFile): void {
    const { fields } = context.request;
    const file = found.twins.length === 0 ? found : this.#chooseTwin(found, fields);
    if (context.method === 'POST') {
      refuseMethod(context);
      return;
    }
    // A page that stands for an error is sent whole, whatever the client has of it.
    const marked = context.errorStatus === 0 ? marksOf(fields) : 0;
    if (marked !== 0) {
      if ((marked & CONDITION) !== 0 && this.#isDecidedByCondition(context, file)) return;
      if ((marked & RANGE) !== 0 && this.#isAnsweredByRange(context, file)) return;
    }
    this.#send(context, file);
  }

  #chooseTwin(file: StoredFile, fields: Fields): StoredFile {
    const accept = fields.joined(FIELD.acceptEncoding);
    if (accept !== this.#lastAccept || file.codings !== this.#lastOffer) {
      const coding = chooseCoding(accept, file.codings);
      this.#lastAccept = accept;
      this.#lastOffer = file.codings;
      this.#lastChoice = coding === null ? -1 : file.codings.indexOf(coding);
    }
    return file.twins[this.#lastChoice] ?? file;
  }

  #isDecidedByCondition(context: Context, file: StoredFile): boolean {
    const { fields } = context.request;
    const { ifModifiedSince } = this.#model;
    const asked = {
      ifMatch: fields.joined(FIELD.ifMatch),
      ifUnmodifiedSince: fields.get(FIELD.ifUnmodifiedSince),
      ifNoneMatch: fields.joined(FIELD.ifNoneMatch),
      ifModifiedSince: ifModifiedSince === 'off' ? null : fields.get(FIELD.ifModifiedSince),
    };
    const rule = ifModifiedSince === 'off' ? 'exact' : ifModifiedSince;
    switch (evaluatePreconditions(context.method, asked, file, this.#now(), rule)) {
      case 'not-modified':
        context.send(304, file.unmodifiedFields, null);
        return true;
      case 'precondition-failed':
        context.fail(WEB_FAULTS['precondition-failed'], context.path);
        return true;
      case 'proceed':
        return false;
    }
  }

  // For HEAD too: RFC 9110 section 14.2 defines ranges for GET alone, but section 9.3.2 wants the head
  // that GET would have, and nginx 1.22 as well as httpd 2.4 answer HEAD with 206 and 416.
  #isAnsweredByRange(context: Context, file: StoredFile): boolean {
    const { fields } = context.request;
    const asked = fields.get(FIELD.range);
    if (asked === null || !file.ranges) return false;
    if (!rangeApplies(fields.get(FIELD.ifRange), file, this.#now())) return false;
    const selected = parseRange(asked, file.size, this.#model.maxRanges);
    if (selected === 'none') return false;
    if (selected === 'unsatisfiable') {
      const length = unsatisfiedContentRange(file.size);
      refuseRange(context, asked, length);
      return true;
    }
    const part = partialContent(file, selected, this.#ports.random);
    if (file.content !== null) context.send(206, part.fields, cutOut(file.content, part.pieces));
    else this.#stream(context, 206, part.fields, file, part.pieces, part.length);
    return true;
  }

  #now(): number {
    return Math.floor(this.#ports.clock.wall() / 1000);
  }

  #send(context: Context, file: StoredFile): void {
    const { content } = file;
    if (content !== null) {
      const large = typeof content !== 'string' && content.length > PIECE_SIZE;
      if (large && context.method !== 'HEAD')
        new KeptSend(context, content).start(200, file.fields);
      else context.send(200, file.fields, content);
      return;
    }
    const whole = [{ text: '', start: 0, end: file.size }];
    this.#stream(context, 200, file.fields, file, whole, file.size);
  }

  #stream(
    context: Context,
    status: number,
    fields: Fields,
    file: StoredFile,
    pieces: readonly Piece[],
    length: number,
  ): void {
    if (context.method === 'HEAD') {
      context.respond(status, fields, length);
      context.end(null);
      return;
    }
    const { path } = context;
    const { files, readAhead } = this.#ports;
    this.#cache.open(file, (opened) =>
      guarded(context, () => {
        if (opened === null) {
          // Another version by now: what was decided from the validators has to be decided again.
          this.#cache.forget(path);
          this.#find(context);
        } else if ('kind' in opened) {
          this.#cache.forget(path);
          refuseMissing(context, opened);
        } else {
          const body = { file: opened, path: file.path.bytes, pieces, status, fields, length };
          new FileSend(context, body, files, readAhead).start();
        }
      }),
    );
  }
}

/** Runs what follows an asynchronous call, if the request still is there, and ends it if that throws. */
function guarded(context: Context, use: () => void): void {
  if (context.exchange.aborted || context.exchange.finished) return;
  try {
    use();
  } catch (error) {
    context.failed(error);
  }
}
