import type { DispatcherType, HttpServletMapping } from '../api/index.ts';
import type { ParameterTable } from './form/form-parameters.ts';
import type { ServletHolder } from './servlet-holder.ts';
import type { Mapped } from './path/servlet-mapper.ts';

/** What a request shows of its path while one servlet has it; forwards and includes put another in its place. */
export interface Dispatch {
  readonly type: DispatcherType;
  /** How many dispatches lie around it. */
  readonly depth: number;
  readonly method: string;
  readonly requestUri: string;
  /** As sent. */
  readonly contextPath: string;
  readonly queryString: string | null;
  /** How the path led to its servlet; null for a servlet that was called by its name. */
  readonly mapped: Mapped<ServletHolder> | null;
  /** Servlet path and path info of what is shown. */
  readonly servletPath: string;
  readonly pathInfo: string | null;
  /** The servlet that has the request. */
  readonly holder: ServletHolder;
  /**
   * Attributes that tell of forwards and includes, for as long as the dispatch lasts; null for none. They hide those of
   * the request.
   */
  readonly attributes: Map<string, unknown> | null;
  /** Parameters of the query that came with the dispatch, before those of the request; null for none. */
  readonly parameters: ParameterTable | null;
}

/** How a path was matched, as servlets ask for it. */
export class Mapping implements HttpServletMapping {
  readonly #mapped: Mapped<ServletHolder> | null;
  readonly #servletName: string;

  constructor(mapped: Mapped<ServletHolder> | null, servletName: string) {
    this.#mapped = mapped;
    this.#servletName = servletName;
  }

  getMatchValue(): string | null {
    return this.#mapped === null ? '' : this.#mapped.matchValue;
  }

  getPattern(): string {
    return this.#mapped?.pattern ?? '';
  }

  getServletName(): string {
    return this.#servletName;
  }

  getMappingMatch(): ReturnType<HttpServletMapping['getMappingMatch']> {
    return this.#mapped?.match ?? null;
  }
}
