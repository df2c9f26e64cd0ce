/** One part of a `multipart/form-data` body: a file, or a field (RFC 7578). Jakarta: `Part`. */
export interface Part {
  /** Name of the form's field. */
  getName(): string;
  /** Name of the file as the client gave it, without directories; null for a field. Never use it as a path. */
  getSubmittedFileName(): string | null;
  getContentType(): string | null;
  /** Bytes of its content. */
  getSize(): number;
  getHeader(name: string): string | null;
  getHeaders(name: string): readonly string[];
  getHeaderNames(): readonly string[];
  /** The content in pieces, from memory or from the file that it was kept in. */
  getInputStream(): AsyncIterable<Uint8Array>;
  /** The whole content; use it for what is small. */
  getBytes(): Promise<Uint8Array>;
  /**
   * Keeps the content as a file: moved there where that is possible, else copied. A relative path is below the
   * `location` of `multipart-config`.
   */
  write(path: string): Promise<void>;
  /** Lets the content go before the end of the request, which does the same. */
  delete(): Promise<void>;
}
