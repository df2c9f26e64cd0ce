/** The body of a request as bytes (Jakarta Servlet section 3.11). Iterate over it, or call `read`. */
export interface ServletInputStream extends AsyncIterable<Uint8Array> {
  /** The next bytes, null behind the last. The client is held back while nobody reads. Rejects with a `ClientAbortException` where it broke off. */
  read(): Promise<Uint8Array | null>;
  /** What is left of the body. Rejects with a `BodyTooLargeException` above `limit` bytes. */
  readAll(limit?: number): Promise<Uint8Array>;
}

/** The body of a request as text, decoded by `getCharacterEncoding`. */
export interface ServletReader {
  /** The next piece of text, null behind the last. */
  read(): Promise<string | null>;
  /** What is left of the text. Rejects with a `BodyTooLargeException` above `limit` bytes. */
  readAll(limit?: number): Promise<string>;
}

/** What is behind `getOutputStream` and `getWriter` alike. */
export interface ResponseStream {
  /** Whether more can be written at once; false while the client is slower than the servlet. */
  isReady(): boolean;
  /**
   * Settles when more can be written: `await` it in a loop that writes much, so that the answer is not kept
   * in memory. Rejects with a `ClientAbortException` where the client left.
   */
  ready(): Promise<void>;
  /** Sends what is in the buffer, and with it status and header. */
  flush(): void;
  /** Ends the response; what is written behind it is an `IllegalStateException`. */
  close(): void;
}

/** The body of a response as bytes. */
export interface ServletOutputStream extends ResponseStream {
  /** Writes bytes, which must not change afterwards; a string is written in the encoding of the response. */
  write(data: Uint8Array | string): void;
  print(text: string): void;
  println(text?: string): void;
}

/** The body of a response as text, in the encoding of the response. */
export interface PrintWriter extends ResponseStream {
  write(text: string): void;
  /** Writes a value as text, as `String` does. */
  print(value: unknown): void;
  /** The same with a line end behind it. */
  println(value?: unknown): void;
}
