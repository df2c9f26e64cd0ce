import type { FilterChain, HttpServletRequest, HttpServletResponse, Work } from '../api/index.ts';
import type { StartedFilter } from './path/filter-table.ts';

/** What a chain leads to, and who keeps count of what is under way. */
export interface ChainEnd {
  /** Lets the servlet answer. */
  serve(request: HttpServletRequest, response: HttpServletResponse): Work;
  /** Makes the request wait for work, and tells who began it how it ended. */
  track(work: Work): Work;
}

/** The rest of the way to the servlet, behind some of the filters. */
export class Chain implements FilterChain {
  readonly #filters: readonly StartedFilter[];
  readonly #next: number;
  readonly #end: ChainEnd;

  constructor(filters: readonly StartedFilter[], next: number, end: ChainEnd) {
    this.#filters = filters;
    this.#next = next;
    this.#end = end;
  }

  doFilter(request: HttpServletRequest, response: HttpServletResponse): Work {
    const started = this.#filters[this.#next];
    if (started === undefined) return this.#end.track(this.#end.serve(request, response));
    const rest = new Chain(this.#filters, this.#next + 1, this.#end);
    return this.#end.track(started.filter.doFilter(request, response, rest));
  }
}
