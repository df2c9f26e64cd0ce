import type { Cookie } from './cookie.ts';
import type { DispatcherType, HttpServletMapping } from './dispatch.ts';
import type {
  HttpServletRequest,
  HttpSession,
  RequestDispatcher,
  ServletContext,
} from './http-servlet-request.ts';
import type { Part } from './part.ts';
import type { ServletInputStream, ServletReader } from './streams.ts';

/** A request that passes everything on to another; filters override what is to differ (Jakarta Servlet section 6.2.2). */
export class HttpServletRequestWrapper implements HttpServletRequest {
  readonly #wrapped: HttpServletRequest;

  constructor(wrapped: HttpServletRequest) {
    this.#wrapped = wrapped;
  }

  /** What is wrapped. */
  getRequest(): HttpServletRequest {
    return this.#wrapped;
  }

  getMethod(): string {
    return this.#wrapped.getMethod();
  }

  getRequestURI(): string {
    return this.#wrapped.getRequestURI();
  }

  getRequestURL(): string {
    return this.#wrapped.getRequestURL();
  }

  getQueryString(): string | null {
    return this.#wrapped.getQueryString();
  }

  getProtocol(): string {
    return this.#wrapped.getProtocol();
  }

  getContextPath(): string {
    return this.#wrapped.getContextPath();
  }

  getServletPath(): string {
    return this.#wrapped.getServletPath();
  }

  getPathInfo(): string | null {
    return this.#wrapped.getPathInfo();
  }

  getPathTranslated(): string | null {
    return this.#wrapped.getPathTranslated();
  }

  getHttpServletMapping(): HttpServletMapping {
    return this.#wrapped.getHttpServletMapping();
  }

  getDispatcherType(): DispatcherType {
    return this.#wrapped.getDispatcherType();
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

  getIntHeader(name: string): number {
    return this.#wrapped.getIntHeader(name);
  }

  getDateHeader(name: string): number {
    return this.#wrapped.getDateHeader(name);
  }

  getCookies(): readonly Cookie[] {
    return this.#wrapped.getCookies();
  }

  getContentType(): string | null {
    return this.#wrapped.getContentType();
  }

  getContentLength(): number {
    return this.#wrapped.getContentLength();
  }

  getLocales(): readonly string[] {
    return this.#wrapped.getLocales();
  }

  getParameter(name: string): string | null {
    return this.#wrapped.getParameter(name);
  }

  getParameterValues(name: string): readonly string[] | null {
    return this.#wrapped.getParameterValues(name);
  }

  getParameterNames(): readonly string[] {
    return this.#wrapped.getParameterNames();
  }

  getParameterMap(): ReadonlyMap<string, readonly string[]> {
    return this.#wrapped.getParameterMap();
  }

  getParts(): Promise<readonly Part[]> {
    return this.#wrapped.getParts();
  }

  getPart(name: string): Promise<Part | null> {
    return this.#wrapped.getPart(name);
  }

  getCharacterEncoding(): string | null {
    return this.#wrapped.getCharacterEncoding();
  }

  setCharacterEncoding(encoding: string): void {
    this.#wrapped.setCharacterEncoding(encoding);
  }

  getInputStream(): ServletInputStream {
    return this.#wrapped.getInputStream();
  }

  getReader(): ServletReader {
    return this.#wrapped.getReader();
  }

  getAttribute(name: string): unknown {
    return this.#wrapped.getAttribute(name);
  }

  getAttributeNames(): readonly string[] {
    return this.#wrapped.getAttributeNames();
  }

  setAttribute(name: string, value: unknown): void {
    this.#wrapped.setAttribute(name, value);
  }

  removeAttribute(name: string): void {
    this.#wrapped.removeAttribute(name);
  }

  getSession(create?: true): HttpSession;
  getSession(create: boolean): HttpSession | null;
  getSession(create = true): HttpSession | null {
    return this.#wrapped.getSession(create);
  }

  changeSessionId(): string {
    return this.#wrapped.changeSessionId();
  }

  getRequestedSessionId(): string | null {
    return this.#wrapped.getRequestedSessionId();
  }

  isRequestedSessionIdValid(): boolean {
    return this.#wrapped.isRequestedSessionIdValid();
  }

  isRequestedSessionIdFromCookie(): boolean {
    return this.#wrapped.isRequestedSessionIdFromCookie();
  }

  isRequestedSessionIdFromURL(): boolean {
    return this.#wrapped.isRequestedSessionIdFromURL();
  }

  getRemoteAddr(): string {
    return this.#wrapped.getRemoteAddr();
  }

  getRemotePort(): number {
    return this.#wrapped.getRemotePort();
  }

  getLocalAddr(): string {
    return this.#wrapped.getLocalAddr();
  }

  getLocalPort(): number {
    return this.#wrapped.getLocalPort();
  }

  getScheme(): string {
    return this.#wrapped.getScheme();
  }

  isSecure(): boolean {
    return this.#wrapped.isSecure();
  }

  getServerName(): string {
    return this.#wrapped.getServerName();
  }

  getServerPort(): number {
    return this.#wrapped.getServerPort();
  }

  getRequestId(): string {
    return this.#wrapped.getRequestId();
  }

  getAbortSignal(): AbortSignal {
    return this.#wrapped.getAbortSignal();
  }

  getServletContext(): ServletContext {
    return this.#wrapped.getServletContext();
  }

  getRequestDispatcher(path: string): RequestDispatcher | null {
    return this.#wrapped.getRequestDispatcher(path);
  }
}
