import type { HttpServletRequest, ServletContext } from './http-servlet-request.ts';
import type { HttpServletResponse } from './http-servlet-response.ts';
import type { Work } from './work.ts';

/** Names a filter, its initialisation parameters and its application. */
export interface FilterConfig {
  /** `filter-name` of the deployment descriptor. */
  getFilterName(): string;
  getServletContext(): ServletContext;
  /** Value of an `init-param` of the filter, null where there is none. */
  getInitParameter(name: string): string | null;
  getInitParameterNames(): readonly string[];
}

/** What stands behind a filter: the next filter, or the servlet. */
export interface FilterChain {
  /**
   * Goes on, with this request and response or with wrappers of them. Wait for it (`await`) before doing
   * anything with what the servlet has answered.
   */
  doFilter(request: HttpServletRequest, response: HttpServletResponse): Work;
}

/**
 * Sees requests before and after the servlet (Jakarta Servlet section 6). The container makes one instance
 * and calls `init` once, when the application starts.
 */
export interface Filter {
  init?(config: FilterConfig): Work;
  doFilter(request: HttpServletRequest, response: HttpServletResponse, chain: FilterChain): Work;
  destroy?(): Work;
}

/** A filter that keeps its configuration. Jakarta: `GenericFilter`. */
export abstract class GenericFilter implements Filter {
  #config: FilterConfig | null = null;

  /** Keeps the configuration and calls `start`, which subclasses override more easily than this. */
  init(config: FilterConfig): Work {
    this.#config = config;
    return this.start();
  }

  /** For subclasses: what is to be made ready before the first request. */
  start(): Work {}

  abstract doFilter(
    request: HttpServletRequest,
    response: HttpServletResponse,
    chain: FilterChain,
  ): Work;

  destroy(): Work {}

  /** @throws Error before `init`, or where a subclass overrides `init` and does not call it. */
  getFilterConfig(): FilterConfig {
    if (this.#config === null) {
      throw new Error('The filter has no configuration: init was not called, or not super.init');
    }
    return this.#config;
  }

  getFilterName(): string {
    return this.getFilterConfig().getFilterName();
  }

  getServletContext(): ServletContext {
    return this.getFilterConfig().getServletContext();
  }

  getInitParameter(name: string): string | null {
    return this.getFilterConfig().getInitParameter(name);
  }

  getInitParameterNames(): readonly string[] {
    return this.getFilterConfig().getInitParameterNames();
  }
}
