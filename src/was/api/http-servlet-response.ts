import type { Cookie } from './cookie.ts';
import type { PrintWriter, ServletOutputStream } from './streams.ts';

/**
 * A response (Jakarta Servlet section 5). Status and header can be changed until it is committed: when its
 * buffer is full, flushed, or the request is over. In an included servlet such changes are ignored.
 */
export interface HttpServletResponse {
  getStatus(): number;
  /** 200 to 999; `sendError` is for those that mean a failure. */
  setStatus(status: number): void;
  /**
   * Answers with a status and the error page for it; what is in the buffer is dropped.
   * @throws IllegalStateException where the response is committed.
   */
  sendError(status: number, message?: string): void;
  /**
   * Sends the client elsewhere, with 302 unless said; a path is relative to that of the request. What is in the buffer is dropped.
   * @throws IllegalStateException where the response is committed.
   */
  sendRedirect(location: string, status?: number): void;

  /** Replaces the field. @throws TypeError where name or value cannot stand in a header. */
  setHeader(name: string, value: string): void;
  addHeader(name: string, value: string): void;
  setIntHeader(name: string, value: number): void;
  addIntHeader(name: string, value: number): void;
  /** Milliseconds since 1970. */
  setDateHeader(name: string, value: number): void;
  addDateHeader(name: string, value: number): void;
  containsHeader(name: string): boolean;
  /** Null for none. */
  getHeader(name: string): string | null;
  getHeaders(name: string): readonly string[];
  getHeaderNames(): readonly string[];
  addCookie(cookie: Cookie): void;

  /** With the charset, where text was asked for; null for none. */
  getContentType(): string | null;
  /** A charset in it counts until `getWriter` is called. */
  setContentType(type: string | null): void;
  /** Bytes of the body; the response is over when they are written. */
  setContentLength(length: number): void;
  getCharacterEncoding(): string;
  /** Ignored behind `getWriter`. @throws RangeError where text cannot be written in it. */
  setCharacterEncoding(encoding: string): void;

  /** @throws IllegalStateException behind `getWriter`. */
  getOutputStream(): ServletOutputStream;
  /** @throws IllegalStateException behind `getOutputStream`. */
  getWriter(): PrintWriter;

  /** Bytes that are kept before the response is committed: 8192 unless said. */
  getBufferSize(): number;
  /** @throws IllegalStateException when something was written. */
  setBufferSize(size: number): void;
  flushBuffer(): void;
  /** Drops what is in the buffer. @throws IllegalStateException where the response is committed. */
  resetBuffer(): void;
  /** The same, and status and header as well. */
  reset(): void;
  isCommitted(): boolean;

  /** Adds the session's id to an address of this server, where sessions are kept in addresses and the client sent no cookie. */
  encodeURL(url: string): string;
  encodeRedirectURL(url: string): string;
}
