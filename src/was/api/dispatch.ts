/** How a request came to a servlet; filters are mapped for some of these (Jakarta Servlet section 6.2.5). */
export type DispatcherType = 'REQUEST' | 'FORWARD' | 'INCLUDE' | 'ERROR';

/** Which rule of Jakarta Servlet section 12.1 led to the servlet. */
export type MappingMatch = 'CONTEXT_ROOT' | 'DEFAULT' | 'EXACT' | 'EXTENSION' | 'PATH';

/** How the path of a request was matched. Jakarta: `HttpServletMapping`. */
export interface HttpServletMapping {
  /**
   * What the variable part of the pattern stood for; empty where it has none, null where `/x/*` took `/x` itself.
   */
  getMatchValue(): string | null;
  /** The `url-pattern`; empty for a servlet that was called by its name. */
  getPattern(): string;
  getServletName(): string;
  /** Null for a servlet that was called by its name. */
  getMappingMatch(): MappingMatch | null;
}

/** Names of the request attributes that tell a forwarded-to servlet what was asked for. */
export const FORWARD_ATTRIBUTES = {
  requestUri: 'jakarta.servlet.forward.request_uri',
  contextPath: 'jakarta.servlet.forward.context_path',
  servletPath: 'jakarta.servlet.forward.servlet_path',
  pathInfo: 'jakarta.servlet.forward.path_info',
  queryString: 'jakarta.servlet.forward.query_string',
  mapping: 'jakarta.servlet.forward.mapping',
} as const;

/** Names of the request attributes that tell an included servlet by which path. */
export const INCLUDE_ATTRIBUTES = {
  requestUri: 'jakarta.servlet.include.request_uri',
  contextPath: 'jakarta.servlet.include.context_path',
  servletPath: 'jakarta.servlet.include.servlet_path',
  pathInfo: 'jakarta.servlet.include.path_info',
  queryString: 'jakarta.servlet.include.query_string',
  mapping: 'jakarta.servlet.include.mapping',
} as const;

/** Names of the request attributes that tell an error page what went wrong (Jakarta Servlet section 10.9.1). */
export const ERROR_ATTRIBUTES = {
  statusCode: 'jakarta.servlet.error.status_code',
  exceptionType: 'jakarta.servlet.error.exception_type',
  message: 'jakarta.servlet.error.message',
  exception: 'jakarta.servlet.error.exception',
  requestUri: 'jakarta.servlet.error.request_uri',
  servletName: 'jakarta.servlet.error.servlet_name',
  method: 'jakarta.servlet.error.method',
  queryString: 'jakarta.servlet.error.query_string',
} as const;
