/**
 * The request as servlets see it, on top of that of the pipeline. Its path elements are those of the
 * dispatch that is under way; everything else stays the same from the client to the last include.
 */
import type { Clock } from '../../../base/index.ts';
import {
  FIELD,
  type Fields,
  hasEssence,
  mediaTypeParameter,
  parseDecimal,
  parseHttpDate,
  parseMediaType,
} from '../../../http/message/index.ts';
import { type Context, protocolOf } from '../../../pipeline/index.ts';
import {
  Cookie,
  type DispatcherType,
  type HttpServletMapping,
  type HttpServletRequest,
  type HttpSession,
  IllegalStateException,
  type Part,
  type RequestDispatcher,
  type ServletContext,
  type HttpServletResponse,
  type ServletInputStream,
  type ServletReader,
  type Work,
} from '../../api/index.ts';
import type { MemorySessions } from '../../session/index.ts';
import { acceptedLanguages } from './accepted-languages.ts';
import { type Dispatch, Mapping } from '../dispatch.ts';
import { namesOf, valuesOf } from '../header-values.ts';
import { decoderOf } from '../form/charset-decoder.ts';
import type { ParameterTable } from '../form/form-parameters.ts';
import { BodyInput, BodyReader, RequestBody } from './request-body.ts';
import { readCookies } from './request-cookies.ts';
import { RequestForm } from './request-form.ts';
import { type CookiePlace, RequestSession } from './request-session.ts';
import type { SessionTracking } from './session-tracking.ts';

/** What a request asks of its application. */
export interface RequestHome {
  readonly context: ServletContext;
  readonly sessions: MemorySessions;
  readonly tracking: SessionTracking;
  /** Charset of bodies that name none; null for UTF-8, of which `getCharacterEncoding` says nothing. */
  readonly requestEncoding: string | null;
  /** Directory for uploads that are under way. */
  readonly temporary: string;
  readonly clock: Clock;
}

/** How a dispatcher goes on with a request: the run that it belongs to. */
export interface Invoker {
  /** Makes the request wait until `release` is called as often. */
  hold(): void;
  /** See `hold`. */
  release(): void;
  /** Lets the servlet of a dispatch answer, behind its filters. */
  invoke(dispatch: Dispatch, request: HttpServletRequest, response: HttpServletResponse): Work;
}

/** See the head of this file. */
export class ContainerRequest implements HttpServletRequest {
  readonly #home: RequestHome;
  readonly #context: Context;
  readonly #fields: Fields;
  readonly #cookiePlace: CookiePlace;
  readonly run: Invoker;
  #dispatch: Dispatch;
  // Most requests need no more than a few of these.
  #body: RequestBody | null = null;
  #form: RequestForm | null = null;
  #session: RequestSession | null = null;
  #attributes: Map<string, unknown> | null = null;
  #cookies: readonly Cookie[] | null = null;
  #encoding: string | null | undefined;
  #input: ServletInputStream | null = null;
  #reader: ServletReader | null = null;
  #gone: AbortController | null = null;

  /** `cookiePlace` is the response, which carries the cookie of a session. */
  constructor(
    home: RequestHome,
    context: Context,
    cookiePlace: CookiePlace,
    run: Invoker,
    dispatch: Dispatch,
  ) {
    this.#home = home;
    this.#context = context;
    this.#fields = context.request.fields;
    this.#cookiePlace = cookiePlace;
    this.run = run;
    this.#dispatch = dispatch;
  }

  // For dispatchers and the run

  /** What the request shows of its path now. */
  get dispatch(): Dispatch {
    return this.#dispatch;
  }

  /** Shows another path from now on; gives the one before, to be put back. */
  enter(dispatch: Dispatch): Dispatch {
    const before = this.#dispatch;
    this.#dispatch = dispatch;
    return before;
  }

  /** The client left, or the request is given up. */
  abandon(reason: Error): void {
    this.#body?.abandon(reason);
    this.#gone ??= new AbortController();
    this.#gone.abort(reason);
  }

  /** Whether the request brings parameters in its body, which have to be there before a servlet asks. */
  get bringsForm(): boolean {
    if (this.#dispatch.method !== 'POST' || this.#context.request.contentLength === 0) return false;
    const type = this.#fields.get(FIELD.contentType);
    return type !== null && hasEssence(type, 'application/x-www-form-urlencoded');
  }

  /** What it brings as a form. */
  get form(): RequestForm {
    return (this.#form ??= new RequestForm(this.#context, this.body, this.#home.temporary));
  }

  /** The form, if somebody asked for it. */
  get usedForm(): RequestForm | null {
    return this.#form;
  }

  /** The body, if somebody asked for it. */
  get usedBody(): RequestBody | null {
    return this.#body;
  }

  get body(): RequestBody {
    return (this.#body ??= new RequestBody(this.#context));
  }

  /** The session of the client, and how its id travels. */
  get session(): RequestSession {
    return (this.#session ??= new RequestSession(
      this.#home.sessions,
      this.#home.tracking,
      this.#context,
      this.#cookiePlace,
    ));
  }

  // Request line and path

  getMethod(): string {
    return this.#dispatch.method;
  }

  getRequestURI(): string {
    return this.#dispatch.requestUri;
  }

  getRequestURL(): string {
    const scheme = this.getScheme();
    const port = this.getServerPort();
    const usual = port === (scheme === 'https' ? 443 : 80);
    return `${scheme}://${this.getServerName()}${usual ? '' : `:${port}`}${this.getRequestURI()}`;
  }

  getQueryString(): string | null {
    return this.#dispatch.queryString;
  }

  getProtocol(): string {
    return protocolOf(this.#context.request.version);
  }

  getContextPath(): string {
    return this.#dispatch.contextPath;
  }

  getServletPath(): string {
    return this.#dispatch.servletPath;
  }

  getPathInfo(): string | null {
    return this.#dispatch.pathInfo;
  }

  getPathTranslated(): string | null {
    const { pathInfo } = this.#dispatch;
    return pathInfo === null ? null : this.#home.context.getRealPath(pathInfo);
  }

  getHttpServletMapping(): HttpServletMapping {
    const { mapped, holder } = this.#dispatch;
    return new Mapping(mapped, mapped?.target.name ?? holder.name);
  }

  getDispatcherType(): DispatcherType {
    return this.#dispatch.type;
  }

  // Header

  getHeader(name: string): string | null {
    return this.#fields.getByName(name);
  }

  getHeaders(name: string): readonly string[] {
    return valuesOf(this.#fields, name);
  }

  getHeaderNames(): readonly string[] {
    return namesOf(this.#fields);
  }

  getIntHeader(name: string): number {
    const value = this.getHeader(name);
    if (value === null) return -1;
    const isNegative = value.startsWith('-');
    const number = parseDecimal(isNegative ? value.slice(1) : value);
    if (number < 0) throw new RangeError(`${name} is no whole number: ${JSON.stringify(value)}`);
    return isNegative ? -number : number;
  }

  getDateHeader(name: string): number {
    const value = this.getHeader(name);
    if (value === null) return -1;
    const seconds = parseHttpDate(value, Math.floor(this.#home.clock.wall() / 1000));
    if (seconds < 0) throw new RangeError(`${name} is no date: ${JSON.stringify(value)}`);
    return seconds * 1000;
  }

  getCookies(): readonly Cookie[] {
    return (this.#cookies ??= readCookies(this.#fields));
  }

  getContentType(): string | null {
    return this.#fields.get(FIELD.contentType);
  }

  getContentLength(): number {
    const { contentLength } = this.#context.request;
    // No body at all is not one of no bytes.
    return contentLength === 0 && !this.#fields.has(FIELD.contentLength) ? -1 : contentLength;
  }

  getLocales(): readonly string[] {
    return acceptedLanguages(this.#fields.joined(FIELD.acceptLanguage));
  }

  // Parameters

  getParameter(name: string): string | null {
    return this.#parameterTable().first(name);
  }

  getParameterValues(name: string): readonly string[] | null {
    return this.#parameterTable().all(name);
  }

  getParameterNames(): readonly string[] {
    return this.#parameterTable().names();
  }

  getParameterMap(): ReadonlyMap<string, readonly string[]> {
    return this.#parameterTable().map();
  }

  #parameterTable(): ParameterTable {
    return this.#dispatch.parameters ?? this.parameters();
  }

  /** The parameters of the request itself, whatever a dispatch adds. */
  parameters(): ParameterTable {
    return this.form.parameters(this.#charset());
  }

  getParts(): Promise<readonly Part[]> {
    const { multipart, name } = this.#dispatch.holder;
    if (multipart === null) {
      return Promise.reject(
        new IllegalStateException(`The servlet ${name} has no multipart-config in web.xml`),
      );
    }
    return this.form.parts(multipart, this.#charset());
  }

  async getPart(name: string): Promise<Part | null> {
    const parts = await this.getParts();
    return parts.find((part) => part.getName() === name) ?? null;
  }

  // Body

  getCharacterEncoding(): string | null {
    if (this.#encoding === undefined) {
      const type = this.getContentType();
      const parsed = type === null ? null : parseMediaType(type);
      const charset = parsed === null ? null : mediaTypeParameter(parsed, 'charset');
      this.#encoding = charset ?? this.#home.requestEncoding;
    }
    return this.#encoding;
  }

  setCharacterEncoding(encoding: string): void {
    decoderOf(encoding);
    // Too late to change anything.
    if (this.#reader !== null) return;
    this.#encoding = encoding;
  }

  #charset(): string {
    return this.getCharacterEncoding() ?? 'UTF-8';
  }

  getInputStream(): ServletInputStream {
    if (this.#reader !== null) throw new IllegalStateException('getReader was called before');
    return (this.#input ??= new BodyInput(this.body));
  }

  getReader(): ServletReader {
    if (this.#input !== null) throw new IllegalStateException('getInputStream was called before');
    return (this.#reader ??= new BodyReader(this.body, decoderOf(this.#charset())));
  }

  // Attributes

  getAttribute(name: string): unknown {
    return this.#dispatch.attributes?.get(name) ?? this.#attributes?.get(name) ?? null;
  }

  getAttributeNames(): readonly string[] {
    const own = this.#attributes?.keys() ?? [];
    const shown = this.#dispatch.attributes?.keys() ?? [];
    return [...new Set([...own, ...shown])];
  }

  setAttribute(name: string, value: unknown): void {
    const shown = this.#dispatch.attributes;
    if (value === null || value === undefined) this.removeAttribute(name);
    else if (shown?.has(name) === true) shown.set(name, value);
    else (this.#attributes ??= new Map()).set(name, value);
  }

  removeAttribute(name: string): void {
    this.#dispatch.attributes?.delete(name);
    this.#attributes?.delete(name);
  }

  // Session

  getSession(create?: true): HttpSession;
  getSession(create: boolean): HttpSession | null;
  getSession(create = true): HttpSession | null {
    return this.session.get(create);
  }

  changeSessionId(): string {
    return this.session.changeId();
  }

  getRequestedSessionId(): string | null {
    return this.session.requestedId;
  }

  isRequestedSessionIdValid(): boolean {
    return this.session.isRequestedIdValid;
  }

  isRequestedSessionIdFromCookie(): boolean {
    return this.session.requestedFrom === 'COOKIE';
  }

  isRequestedSessionIdFromURL(): boolean {
    return this.session.requestedFrom === 'URL';
  }

  // Where from and where to

  getRemoteAddr(): string {
    return this.#context.exchange.connection.remoteAddress;
  }

  getRemotePort(): number {
    return this.#context.exchange.connection.remotePort;
  }

  getLocalAddr(): string {
    return this.#context.exchange.connection.localAddress;
  }

  getLocalPort(): number {
    return this.#context.exchange.connection.localPort;
  }

  getScheme(): string {
    return this.isSecure() ? 'https' : 'http';
  }

  isSecure(): boolean {
    return this.#context.exchange.connection.secure;
  }

  getServerName(): string {
    return this.#context.request.host?.name ?? this.getLocalAddr();
  }

  getServerPort(): number {
    const { host } = this.#context.request;
    // A client that names no host came to this very address.
    if (host === null) return this.getLocalPort();
    if (host.port > 0) return host.port;
    return this.isSecure() ? 443 : 80;
  }

  getRequestId(): string {
    return this.#context.requestId;
  }

  getAbortSignal(): AbortSignal {
    return (this.#gone ??= new AbortController()).signal;
  }

  getServletContext(): ServletContext {
    return this.#home.context;
  }

  getRequestDispatcher(path: string): RequestDispatcher | null {
    if (path.startsWith('/')) return this.#home.context.getRequestDispatcher(path);
    const { servletPath, pathInfo } = this.#dispatch;
    const whole = servletPath + (pathInfo ?? '');
    const directory = whole.slice(0, whole.lastIndexOf('/') + 1);
    // The path of the request is decoded, what is appended to it is not.
    const escaped = directory.split('/').map(encodeURIComponent).join('/');
    return this.#home.context.getRequestDispatcher(escaped + path);
  }
}
