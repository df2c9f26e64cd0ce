import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Part } from '../../api/index.ts';
import { charsetDecoder } from './charset-decoder.ts';
import { MultipartReader } from './multipart.ts';

/** What `multipart-config` has no words for. */
const LIMITS = {
  /** Tomcat's `maxPostSize`. */
  maxFieldSize: 2 * 1024 * 1024,
  /** Tomcat's `maxPartCount`. */
  maxParts: 50,
  /** Tomcat's `maxPartHeaderSize` is 512, too little for a long name of a file in Korean or Japanese. */
  maxPartHeaderSize: 2048,
} as const;

/** What a multipart body is received by: the servlet's `multipart-config`, and what its application and request add. */
export interface ReceiveSettings {
  /** See `MultipartModel`. */
  readonly location: string;
  /** See `MultipartModel`. */
  readonly maxFileSize: number;
  /** See `MultipartModel`. */
  readonly maxRequestSize: number;
  /** See `MultipartModel`. */
  readonly fileSizeThreshold: number;
  /** Directory that `location` is relative to. */
  readonly temporary: string;
  /** Charset of the body, for names and for fields that name none. */
  readonly charset: string;
  /** How many fields there may be: what the query has left of the request's parameters. */
  readonly maxParameters: number;
}

/** Where a multipart body comes from. */
export interface PartsSource {
  /** The next bytes, null behind the last. */
  read(): Promise<Uint8Array | null>;
  /** Counts bytes of parts that stay in memory until the request is over; less than 0 for those that left it. */
  retain(bytes: number): void;
}

/** A multipart body that was received. */
export interface ReceivedParts {
  /** In order, fields included. */
  readonly parts: readonly Part[];
  /** Names and texts of the fields, in order. */
  readonly fields: Iterable<readonly [name: string, value: string]>;
  /** To be called at the end of the request: see `MultipartReader.discard`. */
  discard(): Promise<void>;
}

/**
 * Reads a multipart body to its end, and no further than the first thing that is wrong. Rejects as
 * `MultipartReader.parts` does, with the error of `read` or `retain` where those fail, and with a `RangeError` for a charset
 * that is not known; nothing is left in the file system then.
 */
export async function receiveParts(
  body: PartsSource,
  contentType: string | null,
  settings: ReceiveSettings,
): Promise<ReceivedParts> {
  const { location, temporary, charset, maxFileSize, maxRequestSize } = settings;
  const decode = charsetDecoder(charset);
  if (decode === null) throw new RangeError(`Unknown charset ${JSON.stringify(charset)}`);
  const directory = resolve(temporary, location);
  // Those who clean up behind others may have taken it away.
  await mkdir(directory, { recursive: true, mode: 0o700 });
  let drained = Promise.withResolvers<void>();
  const reader = new MultipartReader({
    contentType: contentType ?? '',
    directory,
    fileSizeThreshold: settings.fileSizeThreshold,
    limits: { ...LIMITS, maxFileSize, maxRequestSize, maxParameters: settings.maxParameters },
    decode,
    onDrain: () => drained.resolve(),
  });
  let memory = 0;
  const count = (): void => {
    const before = memory;
    memory = reader.memory;
    if (memory !== before) body.retain(memory - before);
  };
  try {
    while (reader.isReading) {
      count();
      // oxlint-disable-next-line no-await-in-loop -- one piece after the other
      const chunk = await body.read();
      if (chunk === null) reader.end();
      else if (!reader.write(chunk)) {
        // oxlint-disable-next-line no-await-in-loop -- the disk is slower than the client
        await drained.promise;
        drained = Promise.withResolvers<void>();
      }
    }
    count();
  } catch (error) {
    reader.abort(error as Error);
  }
  return {
    parts: await reader.parts,
    fields: { [Symbol.iterator]: () => reader.fields() },
    discard: () => reader.discard(),
  };
}
