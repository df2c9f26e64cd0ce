/**
 * One web application at work: its servlets and filters, its sessions, and the way of a request to them. Made
 * by `startApplication`.
 */
import type { Clock } from '../../base/index.ts';
import { answerRedirect, type Context } from '../../pipeline/index.ts';
import type { ServletContext } from '../api/index.ts';
import type { WebAppModel } from '../descriptor/index.ts';
import type { MemorySessions } from '../session/index.ts';
import { ApplicationDispatcher } from './application-dispatcher.ts';
import type { DispatcherLookUp } from './application-context.ts';
import type { Dispatch } from './dispatch.ts';
import { isPrivate } from './files/hidden-path.ts';
import type { ErrorPageTable } from './path/error-page-table.ts';
import { CONTAINER_FAULTS } from './faults.ts';
import type { FilterTable, StartedFilter } from './path/filter-table.ts';
import type { RequestHome } from './request/request.ts';
import { contextPart, escapePath, pathParameter, readRequestPath } from './path/request-path.ts';
import { RequestRun, type RunHost } from './request-run.ts';
import type { ServletHolder } from './servlet-holder.ts';
import type { Mapped } from './path/servlet-mapper.ts';
import type { ServletTable } from './path/servlet-table.ts';
import type { SessionTracking } from './request/session-tracking.ts';
import { DEFAULT_ENCODING, findEncoding, type TextEncoding } from './response/text-encoding.ts';

/** Servlets, filters and sessions of one application, started, with what they share. */
export interface ApplicationParts {
  readonly model: WebAppModel;
  /** `/shop`, or empty for the root. */
  readonly path: string;
  readonly context: ServletContext;
  readonly servlets: ReadonlyMap<string, ServletHolder>;
  readonly table: ServletTable;
  readonly filters: FilterTable;
  /** Filters that were started, by name. */
  readonly started: ReadonlyMap<string, StartedFilter>;
  readonly errorPages: ErrorPageTable;
  readonly sessions: MemorySessions;
  readonly tracking: SessionTracking;
  /** Directory for uploads that are under way. */
  readonly temporary: string;
  readonly clock: Clock;
  readonly log: (message: string, error?: unknown) => void;
}

/** See the head of this file. */
export class Application implements RunHost, DispatcherLookUp {
  readonly #parts: ApplicationParts;
  readonly path: string;
  /** Its path as it stands in addresses. */
  readonly #address: string;
  readonly name: string;
  readonly home: RequestHome;
  readonly encoding: TextEncoding;
  #active = 0;
  #idle: PromiseWithResolvers<void> | null = null;

  constructor(parts: ApplicationParts) {
    this.#parts = parts;
    this.path = parts.path;
    this.#address = escapePath(parts.path);
    this.name = parts.path === '' ? '/' : parts.path;
    const { responseEncoding, requestEncoding } = parts.model;
    this.home = { ...parts, requestEncoding };
    this.encoding = responseEncoding === null ? DEFAULT_ENCODING : findEncoding(responseEncoding);
  }

  /** Requests that are under way. */
  get active(): number {
    return this.#active;
  }

  /** Answers a request for the path `raw`, in latin1, whose canonical form `path` begins with that of the application. */
  handle(context: Context, raw: string, path: string): void {
    const inside = path.slice(this.path.length);
    const { table } = this.#parts;
    const mapped = inside === '' ? table.findBare() : table.find(inside);
    if (inside === '' && mapped === null) this.#redirectToRoot(context, raw);
    else if (mapped === null) context.fail(CONTAINER_FAULTS['application-missing'], path);
    else if (isPrivate(inside)) this.#begin(context, raw, mapped).refuse(404);
    else this.#begin(context, raw, mapped).start();
  }

  // Addresses in a page are relative to its directory, so the root of the application needs its slash.
  #redirectToRoot(context: Context, raw: string): void {
    const { query } = context;
    const { byUrl, parameterName } = this.#parts.tracking;
    const id = byUrl ? pathParameter(raw, parameterName) : null;
    const root = `${this.#address}/`;
    const path = id === null ? root : `${root};${parameterName}=${id}`;
    answerRedirect(context, 302, query === null ? path : `${path}?${query}`);
  }

  #begin(context: Context, raw: string, mapped: Mapped<ServletHolder>): RequestRun {
    const { method, query } = context;
    this.#active++;
    const dispatch: Dispatch = {
      type: 'REQUEST',
      depth: 0,
      method,
      requestUri: raw,
      contextPath: contextPart(raw, this.path),
      queryString: query,
      mapped,
      servletPath: mapped.servletPath,
      pathInfo: mapped.pathInfo,
      holder: mapped.target,
      attributes: null,
      parameters: null,
    };
    return new RequestRun(this, context, dispatch);
  }

  // For runs

  filters({ mapped, servletPath, pathInfo, holder, type }: Dispatch): readonly StartedFilter[] {
    const path = mapped === null ? null : servletPath + (pathInfo ?? '');
    return this.#parts.filters.find(path, holder.name, type);
  }

  errorPage(status: number, error: unknown): ApplicationDispatcher | null {
    const location = this.#parts.errorPages.find(status, error);
    return location === null ? null : this.byPath(location);
  }

  trouble(message: string, error: unknown): void {
    this.#parts.log(message, error);
  }

  ended(): void {
    this.#active--;
    if (this.#active === 0) this.#idle?.resolve();
  }

  // Dispatchers

  byPath(path: string): ApplicationDispatcher | null {
    if (!path.startsWith('/')) return null;
    const question = path.indexOf('?');
    const written = question < 0 ? path : path.slice(0, question);
    const queryString = question < 0 ? null : path.slice(question + 1);
    const canonical = readRequestPath(Buffer.from(written, 'utf8').toString('latin1'));
    if (!('path' in canonical)) return null;
    const mapped = this.#parts.table.find(canonical.path);
    if (mapped === null) return null;
    const contextPath = this.#address;
    const requestUri = contextPath + written;
    return new ApplicationDispatcher({
      holder: mapped.target,
      path: { mapped, requestUri, contextPath, queryString },
    });
  }

  byName(name: string): ApplicationDispatcher | null {
    const holder = this.#parts.servlets.get(name);
    return holder === undefined ? null : new ApplicationDispatcher({ holder, path: null });
  }

  /**
   * Ends servlets and filters when no request is under way any more; whoever calls it bounds the time. What
   * they throw goes to the log of the application.
   */
  async stop(): Promise<void> {
    if (this.#active > 0) {
      this.#idle ??= Promise.withResolvers<void>();
      await this.#idle.promise;
    }
    const { servlets, started, log } = this.#parts;
    for (const holder of servlets.values()) {
      try {
        await holder.destroy();
      } catch (error) {
        log(`Servlet ${holder.name} failed in destroy`, error);
      }
    }
    for (const { name, filter } of started.values()) {
      try {
        await filter.destroy?.();
      } catch (error) {
        log(`Filter ${name} failed in destroy`, error);
      }
    }
  }
}
