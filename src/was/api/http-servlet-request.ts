/**
 * A request and what can be reached from it: session, application, dispatcher. These types know each
 * other, so they stand in one file.
 */
import type { Cookie } from './cookie.ts';
import type { DispatcherType, HttpServletMapping } from './dispatch.ts';
import type { HttpServletResponse } from './http-servlet-response.ts';
import type { Part } from './part.ts';
import type { ServletInputStream, ServletReader } from './streams.ts';
import type { Work } from './work.ts';

/** A request (Jakarta Servlet section 3). Names of header fields have no case. */
export interface HttpServletRequest {
  // Request line

  /** As sent: methods have case. */
  getMethod(): string;
  /** The path as sent, neither decoded nor normalised, path parameters included. */
  getRequestURI(): string;
  /** Scheme, host, port and `getRequestURI`. */
  getRequestURL(): string;
  /** What follows the first `?`, as sent; null for none. */
  getQueryString(): string | null;
  /** `HTTP/1.1` and the like. */
  getProtocol(): string;

  // Path elements (section 3.5): requestURI = contextPath + servletPath + pathInfo, but for decoding and parameters

  /** The part of the path that selected the application, as sent; empty for the one at the root. */
  getContextPath(): string;
  /** The part that the pattern of the servlet matched, decoded. */
  getServletPath(): string;
  /** What is behind it, decoded; null where nothing is. */
  getPathInfo(): string | null;
  /** `getPathInfo` as a file of the application; null where nothing is. */
  getPathTranslated(): string | null;
  getHttpServletMapping(): HttpServletMapping;
  getDispatcherType(): DispatcherType;

  // Header

  /** Value of the first field of this name; null for none. */
  getHeader(name: string): string | null;
  getHeaders(name: string): readonly string[];
  getHeaderNames(): readonly string[];
  /** -1 for none. @throws RangeError where it is no whole number. */
  getIntHeader(name: string): number;
  /** Milliseconds since 1970, -1 for none. @throws RangeError where it is no date. */
  getDateHeader(name: string): number;
  getCookies(): readonly Cookie[];
  /** Null for none. */
  getContentType(): string | null;
  /** -1 where it is not known. */
  getContentLength(): number;
  /** Languages that the client prefers, the best first; empty where it says nothing. */
  getLocales(): readonly string[];

  // Parameters: of the query, then of a form that was sent as the body

  /** First value of a parameter, null for none. */
  getParameter(name: string): string | null;
  /** Null for none. */
  getParameterValues(name: string): readonly string[] | null;
  getParameterNames(): readonly string[];
  getParameterMap(): ReadonlyMap<string, readonly string[]>;
  /**
   * The parts of a `multipart/form-data` body. Only for a servlet with `multipart-config`.
   * Rejects with a `BodyTooLargeException` above its limits.
   */
  getParts(): Promise<readonly Part[]>;
  /** The first part of this name, null for none; see `getParts`. */
  getPart(name: string): Promise<Part | null>;

  // Body

  /** Charset of the body: of `Content-Type`, else of the application; null for none. */
  getCharacterEncoding(): string | null;
  /** To be called before parameters or body are read. @throws RangeError where the encoding is not known. */
  setCharacterEncoding(encoding: string): void;
  /** @throws IllegalStateException behind `getReader`. */
  getInputStream(): ServletInputStream;
  /** @throws IllegalStateException behind `getInputStream`. */
  getReader(): ServletReader;

  // Attributes: what servlets and filters leave for each other

  getAttribute(name: string): unknown;
  getAttributeNames(): readonly string[];
  /** Null or undefined takes it away. */
  setAttribute(name: string, value: unknown): void;
  removeAttribute(name: string): void;

  // Session

  /**
   * The session of the client. `create` (the default) makes one where there is none, for which the
   * response must not be committed; false returns null then.
   */
  getSession(create?: true): HttpSession;
  getSession(create: boolean): HttpSession | null;
  /** Gives the session another id and returns it; to be called when a user signs in. @throws IllegalStateException where there is none. */
  changeSessionId(): string;
  /** The id that the client sent, null for none; it may mean nothing. */
  getRequestedSessionId(): string | null;
  isRequestedSessionIdValid(): boolean;
  isRequestedSessionIdFromCookie(): boolean;
  isRequestedSessionIdFromURL(): boolean;

  // Where from and where to

  getRemoteAddr(): string;
  getRemotePort(): number;
  getLocalAddr(): string;
  getLocalPort(): number;
  /** `http` or `https`. */
  getScheme(): string;
  isSecure(): boolean;
  /** The host that the client asked for. */
  getServerName(): string;
  /** The port that it asked for; that of the scheme where it named none. */
  getServerPort(): number;
  /** The same for every line about this request in any log. */
  getRequestId(): string;
  /** Aborted when the client leaves or the request is given up. */
  getAbortSignal(): AbortSignal;

  getServletContext(): ServletContext;
  /** Dispatcher for a path, relative to the path of the request or from `/`; null for a path that would leave the application. */
  getRequestDispatcher(path: string): RequestDispatcher | null;
}

/**
 * What the server remembers of one user between requests (Jakarta Servlet section 7). What asks for anything but its id,
 * its interval and its application throws an `IllegalStateException` once it was invalidated.
 */
export interface HttpSession {
  /** The id, without the route that the cookie carries behind it. */
  getId(): string;
  getServletContext(): ServletContext;
  /** Milliseconds since 1970. */
  getCreationTime(): number;
  /** When the request before this one came, in milliseconds since 1970. */
  getLastAccessedTime(): number;
  /** Seconds without a request after which it ends; 0 or less for never. */
  getMaxInactiveInterval(): number;
  setMaxInactiveInterval(seconds: number): void;
  /** Whether the client does not know it yet. */
  isNew(): boolean;
  getAttribute(name: string): unknown;
  getAttributeNames(): readonly string[];
  /** Remembers a value; null or undefined forgets it. */
  setAttribute(name: string, value: unknown): void;
  removeAttribute(name: string): void;
  /** Ends it: nothing of it can be read again, and its id means nothing any more. */
  invalidate(): void;
}

/**
 * Name of the attribute of an application that tells the path of its temporary directory. It is nobody else's, and
 * gone with the application (Jakarta Servlet section 4.8.1).
 */
export const TEMPDIR = 'jakarta.servlet.context.tempdir';

/** An application as its servlets see it (Jakarta Servlet section 4). */
export interface ServletContext {
  /** `/shop`, or empty for the application at the root of the server. */
  getContextPath(): string;
  /** `display-name` of the deployment descriptor, null where there is none. */
  getServletContextName(): string | null;
  /** Value of a `context-param`, null where there is none. */
  getInitParameter(name: string): string | null;
  getInitParameterNames(): readonly string[];
  /** What a servlet of the application left under this name; null where there is nothing. */
  getAttribute(name: string): unknown;
  getAttributeNames(): readonly string[];
  /** Leaves something for the other servlets of this instance; null or undefined takes it away. */
  setAttribute(name: string, value: unknown): void;
  removeAttribute(name: string): void;
  /**
   * The file of the application for a path that begins with `/`, whether or not it exists; null for a
   * path that would leave the application.
   */
  getRealPath(path: string): string | null;
  /** The bytes of a file of the application, `/WEB-INF/` included; null where there is none. */
  getResource(path: string): Promise<Uint8Array | null>;
  /** The paths directly below a directory of the application, those of directories with `/` behind; null where it is none. */
  getResourcePaths(path: string): Promise<readonly string[] | null>;
  /** Media type for a file name, from `mime-mapping` and the usual list; null for an unknown one. */
  getMimeType(file: string): string | null;
  /** Dispatcher for a path that begins with `/`, with a query or without; null for a path that would leave the application. */
  getRequestDispatcher(path: string): RequestDispatcher | null;
  /** Dispatcher for a servlet by its `servlet-name`; null where there is none. */
  getNamedDispatcher(name: string): RequestDispatcher | null;
  /** Minutes without a request after which new sessions end; 0 or less for never. */
  getSessionTimeout(): number;
  /** Writes to the log of the application; an error comes with its stack. */
  log(message: string, error?: unknown): void;
  /** `Daemun/` and its version. */
  getServerInfo(): string;
  /** Version of Jakarta Servlet whose rules the container follows: 6. */
  getMajorVersion(): number;
  /** See `getMajorVersion`: 0. */
  getMinorVersion(): number;
  /** The virtual host that the application belongs to. */
  getVirtualServerName(): string;
}

/** Hands a request on within its application (Jakarta Servlet section 9). */
export interface RequestDispatcher {
  /**
   * Lets another servlet answer in place of this one. What is in the buffer of the response is dropped.
   * @throws IllegalStateException where the response is committed.
   */
  forward(request: HttpServletRequest, response: HttpServletResponse): Work;
  /** Adds what another servlet writes; it can change neither status nor header. */
  include(request: HttpServletRequest, response: HttpServletResponse): Work;
}
