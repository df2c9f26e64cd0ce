/** Which filters a request passes on its way to a servlet (Jakarta Servlet section 6.2.4). */
import type { DispatcherType, Filter } from '../../api/index.ts';
import type { FilterMappingModel } from '../../descriptor/index.ts';

/** The only instance of a declared filter, behind its `init`. */
export interface StartedFilter {
  readonly name: string;
  readonly filter: Filter;
}

interface Row {
  readonly filter: StartedFilter;
  readonly mapping: FilterMappingModel;
}

const NONE: readonly StartedFilter[] = [];

/** See the head of this file. */
export class FilterTable {
  readonly #byPath: readonly Row[];
  readonly #byServlet: readonly Row[];

  /** `mappings` in the order of the descriptor; each names one of `filters`. */
  constructor(
    filters: ReadonlyMap<string, StartedFilter>,
    mappings: readonly FilterMappingModel[],
  ) {
    const rows = mappings.flatMap((mapping) => {
      const filter = filters.get(mapping.filterName);
      return filter === undefined ? [] : [{ filter, mapping }];
    });
    this.#byPath = rows.filter(({ mapping }) => mapping.patterns.length > 0);
    this.#byServlet = rows.filter(({ mapping }) => mapping.servletNames.length > 0);
  }

  /**
   * The filters for a path within the application, those mapped by pattern first, each once. A null path
   * is that of a servlet that was called by its name.
   */
  find(path: string | null, servlet: string, type: DispatcherType): readonly StartedFilter[] {
    if (this.#byPath.length === 0 && this.#byServlet.length === 0) return NONE;
    const found: StartedFilter[] = [];
    if (path !== null) {
      for (const { filter, mapping } of this.#byPath) {
        if (!mapping.dispatchers.has(type) || found.includes(filter)) continue;
        if (mapping.patterns.some((pattern) => matches(pattern, path))) found.push(filter);
      }
    }
    for (const { filter, mapping } of this.#byServlet) {
      if (!mapping.dispatchers.has(type) || found.includes(filter)) continue;
      if (mapping.servletNames.some((name) => name === servlet || name === '*')) found.push(filter);
    }
    return found;
  }
}

/** Whether a pattern takes a path; unlike for servlets, `/` is the path `/` and nothing else. */
function matches(pattern: string, path: string): boolean {
  if (pattern === path || pattern === '/*') return true;
  if (pattern.endsWith('/*')) {
    const end = pattern.length - 2;
    return path.startsWith(pattern.slice(0, -2)) && (path.length === end || path[end] === '/');
  }
  if (!pattern.startsWith('*.')) return false;
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') && path.slice(dot + 1) === pattern.slice(2);
}
