/** The servlet API: what web applications import as `daemun/servlet`. */
export { Cookie } from './cookie.ts';
export {
  type DispatcherType,
  ERROR_ATTRIBUTES,
  FORWARD_ATTRIBUTES,
  type HttpServletMapping,
  INCLUDE_ATTRIBUTES,
  type MappingMatch,
} from './dispatch.ts';
export { type Filter, type FilterChain, type FilterConfig, GenericFilter } from './filter.ts';
export { HttpServlet } from './http-servlet.ts';
export {
  type HttpServletRequest,
  type HttpSession,
  type RequestDispatcher,
  type ServletContext,
  TEMPDIR,
} from './http-servlet-request.ts';
export { HttpServletRequestWrapper } from './http-servlet-request-wrapper.ts';
export type { HttpServletResponse } from './http-servlet-response.ts';
export { HttpServletResponseWrapper } from './http-servlet-response-wrapper.ts';
export type { Part } from './part.ts';
export { GenericServlet, type Servlet, type ServletConfig } from './servlet.ts';
export {
  BodyTooLargeException,
  ClientAbortException,
  IllegalStateException,
  MalformedBodyException,
  ServletException,
  UnavailableException,
} from './servlet-exception.ts';
export type {
  PrintWriter,
  ResponseStream,
  ServletInputStream,
  ServletOutputStream,
  ServletReader,
} from './streams.ts';
export type { Work } from './work.ts';
