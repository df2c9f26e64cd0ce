/**
 * What the programs of `dispatch-apps.ts` can do: a step has a name and is one statement, in Java for Tomcat and in
 * TypeScript for us. As methods are called in TypeScript as they are in Java, most statements are the same text.
 *
 * `all` is what stands behind the name of the step, `a` its first word, `b` what is behind that. `say` puts a value
 * into the log that the test compares; whatever is thrown gets there as well.
 */

/** One statement in both languages. */
export interface Step {
  readonly java: string;
  readonly ours: string;
}

function same(statement: string): Step {
  return { java: statement, ours: statement };
}

/** The same, but for a promise that ours has to wait for. */
function waits(statement: string): Step {
  return { java: statement, ours: `await ${statement}` };
}

/** What a name in a script stands for. */
export const STEPS: Readonly<Record<string, Step>> = {
  // Request: line, header
  line: same(`say("method", request.getMethod()); say("uri", request.getRequestURI());
      say("url", "" + request.getRequestURL()); say("query", request.getQueryString());
      say("protocol", request.getProtocol()); say("scheme", request.getScheme());
      say("secure", request.isSecure()); say("host", request.getServerName()); say("port", request.getServerPort());
      say("local", request.getLocalPort())`),
  entity: same(`say("type", request.getContentType()); say("length", request.getContentLength());
      say("charset", request.getCharacterEncoding())`),
  locales: same('sayAll(locales(request))'),
  header: same('say(request.getHeader(all))'),
  headers: same('sayAll(request.getHeaders(all))'),
  headerNames: same('sayAll(request.getHeaderNames())'),
  intHeader: same('say(request.getIntHeader(all))'),
  dateHeader: same('say(request.getDateHeader(all))'),
  cookies: same('cookies()'),
  // Request: path
  path: same(`say("type", request.getDispatcherType()); say("method", request.getMethod());
      say("uri", request.getRequestURI());
      say("context", request.getContextPath()); say("servlet", request.getServletPath());
      say("info", request.getPathInfo()); say("query", request.getQueryString());
      say("mapping", mapping(request.getHttpServletMapping()))`),
  url: same('say("" + request.getRequestURL())'),
  translated: same('say(below(request.getPathTranslated(), request.getServletContext()))'),
  realPath: same(
    'say(below(request.getServletContext().getRealPath(all), request.getServletContext()))',
  ),
  dispatches: same('attributes("jakarta.servlet.")'),
  attribute: same('say(request.getAttribute(all))'),
  setAttribute: same('request.setAttribute(a, b)'),
  removeAttribute: same('request.removeAttribute(all)'),
  mime: same('say(request.getServletContext().getMimeType(all))'),
  // Request: parameters and body
  parameter: same('say(request.getParameter(all))'),
  values: same('sayAll(request.getParameterValues(all))'),
  parameterNames: same('sayAll(request.getParameterNames())'),
  parameters: same('parameters()'),
  decode: same('request.setCharacterEncoding(all)'),
  body: same('body()'),
  read: same('read()'),
  // Response: status and header
  status: same('response.setStatus(number(all))'),
  getStatus: same('say(response.getStatus())'),
  error: same('response.sendError(number(all))'),
  errorText: same('response.sendError(number(a), b)'),
  redirect: same('response.sendRedirect(all)'),
  set: same('response.setHeader(a, b)'),
  add: same('response.addHeader(a, b)'),
  setInt: same('response.setIntHeader(a, number(b))'),
  addInt: same('response.addIntHeader(a, number(b))'),
  setDate: same('response.setDateHeader(a, big(b))'),
  addDate: same('response.addDateHeader(a, big(b))'),
  has: same('say(response.containsHeader(all))'),
  get: same('say(response.getHeader(all))'),
  getAll: same('sayAll(response.getHeaders(all))'),
  cookie: same('cookie(all)'),
  // Response: body
  type: same('response.setContentType(all)'),
  noType: same('response.setContentType(null)'),
  getType: same('say(response.getContentType())'),
  charset: same('response.setCharacterEncoding(all)'),
  getCharset: same('say(response.getCharacterEncoding())'),
  length: same('response.setContentLength(number(all))'),
  writer: same('response.getWriter()'),
  stream: same('response.getOutputStream()'),
  print: same('response.getWriter().print(all)'),
  fill: same('response.getWriter().print("x".repeat(number(all)))'),
  bytes: same('response.getOutputStream().write(utf8(all))'),
  fillBytes: same('response.getOutputStream().write(utf8("x".repeat(number(all))))'),
  flush: same('response.flushBuffer()'),
  flushWriter: same('response.getWriter().flush()'),
  flushStream: same('response.getOutputStream().flush()'),
  close: same('response.getWriter().close()'),
  closeStream: same('response.getOutputStream().close()'),
  reset: same('response.reset()'),
  resetBuffer: same('response.resetBuffer()'),
  buffer: same('response.setBufferSize(number(all))'),
  getBuffer: same('say(response.getBufferSize())'),
  committed: same('say(response.isCommitted())'),
  // Dispatch
  forward: waits('request.getRequestDispatcher(all).forward(request, response)'),
  include: waits('request.getRequestDispatcher(all).include(request, response)'),
  forwardName: waits(
    'request.getServletContext().getNamedDispatcher(all).forward(request, response)',
  ),
  includeName: waits(
    'request.getServletContext().getNamedDispatcher(all).include(request, response)',
  ),
  forwardFromContext: waits(
    'request.getServletContext().getRequestDispatcher(all).forward(request, response)',
  ),
  hasDispatcher: same('say(request.getRequestDispatcher(all) != null)'),
  hasContextDispatcher: same('say(request.getServletContext().getRequestDispatcher(all) != null)'),
  hasName: same('say(request.getServletContext().getNamedDispatcher(all) != null)'),
  fail: same('fail(a, b)'),
  // Filter
  chain: waits('chain.doFilter(request, response)'),
  wrapped: waits('chain.doFilter(new WrappedRequest(request), new WrappedResponse(response))'),
  // Session
  session: same('session(request.getSession())'),
  oldSession: same('session(request.getSession(false))'),
  requested:
    same(`say("id", request.getRequestedSessionId()); say("valid", request.isRequestedSessionIdValid());
      say("cookie", request.isRequestedSessionIdFromCookie()); say("url", request.isRequestedSessionIdFromURL())`),
  put: same('request.getSession().setAttribute(a, b)'),
  recall: same('say(request.getSession().getAttribute(all))'),
  forget: same('request.getSession().removeAttribute(all)'),
  remembered: same('sayAll(request.getSession().getAttributeNames())'),
  idle: same('request.getSession().setMaxInactiveInterval(number(all))'),
  getIdle: same('say(request.getSession().getMaxInactiveInterval())'),
  changeId: same('say(request.changeSessionId())'),
  invalidate: same('request.getSession(false).invalidate()'),
  afterwards:
    same(`var session = request.getSession(false); session.invalidate(); attempt("id", () -> session.getId());
      attempt("new", () -> session.isNew()); attempt("get", () -> session.getAttribute("x"));
      attempt("created", () -> session.getCreationTime()); attempt("accessed", () -> session.getLastAccessedTime());
      attempt("names", () -> session.getAttributeNames()); attempt("again", () -> { session.invalidate(); return ""; });
      attempt("idle", () -> session.getMaxInactiveInterval())`),
  encode: same('say(response.encodeURL(all))'),
  encodeRedirect: same('say(response.encodeRedirectURL(all))'),
};
