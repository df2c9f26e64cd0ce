import type { Cookie } from './cookie.ts';
import type { PrintWriter, ServletOutputStream } from './streams.ts';
import type { HttpServletResponse } from './http-servlet-response.ts';

/** A response that passes everything on to another; filters override what is to differ (Jakarta Servlet section 6.2.2). */
export class HttpServletResponseWrapper implements HttpServletResponse {
  readonly #wrapped: HttpServletResponse;

  constructor(wrapped: HttpServletResponse) {
    this.#wrapped = wrapped;
  }

  /** What is wrapped. */
  getResponse(): HttpServletResponse {
    return this.#wrapped;
  }

  getStatus(): number {
    return this.#wrapped.getStatus();
  }

  setStatus(status: number): void {
    this.#wrapped.setStatus(status);
  }

  sendError(status: number, message?: string): void {
    this.#wrapped.sendError(status, message);
  }

  sendRedirect(location: string, status?: number): void {
    this.#wrapped.sendRedirect(location, status);
  }

  setHeader(name: string, value: string): void {
    this.#wrapped.setHeader(name, value);
  }

  addHeader(name: string, value: string): void {
    this.#wrapped.addHeader(name, value);
  }

  setIntHeader(name: string, value: number): void {
    this.#wrapped.setIntHeader(name, value);
  }

  addIntHeader(name: string, value: number): void {
    this.#wrapped.addIntHeader(name, value);
  }

  setDateHeader(name: string, value: number): void {
    this.#wrapped.setDateHeader(name, value);
  }

  addDateHeader(name: string, value: number): void {
    this.#wrapped.addDateHeader(name, value);
  }

  containsHeader(name: string): boolean {
    return this.#wrapped.containsHeader(name);
  }

  getHeader(name: string): string | null {
    return this.#wrapped.getHeader(name);
  }

  getHeaders(name: string): readonly string[] {
    return this.#wrapped.getHeaders(name);
  }

  getHeaderNames(): readonly string[] {
    return this.#wrapped.getHeaderNames();
  }

  addCookie(cookie: Cookie): void {
    this.#wrapped.addCookie(cookie);
  }

  getContentType(): string | null {
    return this.#wrapped.getContentType();
  }

  setContentType(type: string | null): void {
    this.#wrapped.setContentType(type);
  }

  setContentLength(length: number): void {
    this.#wrapped.setContentLength(length);
  }

  getCharacterEncoding(): string {
    return this.#wrapped.getCharacterEncoding();
  }

  setCharacterEncoding(encoding: string): void {
    this.#wrapped.setCharacterEncoding(encoding);
  }

  getOutputStream(): ServletOutputStream {
    return this.#wrapped.getOutputStream();
  }

  getWriter(): PrintWriter {
    return this.#wrapped.getWriter();
  }

  getBufferSize(): number {
    return this.#wrapped.getBufferSize();
  }

  setBufferSize(size: number): void {
    this.#wrapped.setBufferSize(size);
  }

  flushBuffer(): void {
    this.#wrapped.flushBuffer();
  }

  resetBuffer(): void {
    this.#wrapped.resetBuffer();
  }

  reset(): void {
    this.#wrapped.reset();
  }

  isCommitted(): boolean {
    return this.#wrapped.isCommitted();
  }

  encodeURL(url: string): string {
    return this.#wrapped.encodeURL(url);
  }

  encodeRedirectURL(url: string): string {
    return this.#wrapped.encodeRedirectURL(url);
  }
}
