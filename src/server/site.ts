/** From one site of the configuration to the virtual host that the pipeline runs on. */
import type { ConfigModel, RouteModel, SiteModel } from '../config/index.ts';
import {
  AccessLog,
  type CaptureNames,
  compileLogFormat,
  compileTemplate,
  ErrorLog,
  type ErrorPage,
  type Handler,
  type HeaderFilter,
  type Location,
  type LocationEntry,
  type LocationPattern,
  LocationTable,
  type LogLease,
  type LogSet,
  type LogTime,
  requestIdHeader,
  slashRedirect,
  type Template,
  type VirtualHost,
} from '../pipeline/index.ts';
import { headerChanges, responseHeaders, type WebPorts } from '../web/index.ts';
import {
  type BuiltinVariables,
  limitHandlers,
  type LimitPorts,
  routeHandlers,
} from './builtins.ts';
import type { SiteFault } from './port.ts';
import type { ApplicationSet } from './applications.ts';
import type { ZoneLookUp } from './thread-zones.ts';
import type { UpstreamSet } from './upstreams.ts';

/** What the sites of one thread are built with. */
export interface SiteParts extends BuiltinVariables {
  /** The logs of sites that say nothing about theirs: what is wrong with one is wrong there. */
  readonly defaultLogs: ConfigModel['logs'];
  readonly web: WebPorts;
  /** Where proxy routes find their upstreams. */
  readonly upstreams: UpstreamSet;
  /** Where routes to applications find them. */
  readonly applications: ApplicationSet;
  /** Where limits find their zones. */
  readonly zones: ZoneLookUp;
  readonly limits: LimitPorts;
  /** Gathers the named groups of expressions, which become variables. */
  readonly captures: CaptureNames;
  readonly logs: LogSet;
  readonly time: LogTime;
  readonly pid: number;
  readonly thread: number;
}

class TextFault extends Error {
  readonly cure: string;
  constructor(message: string, cure: string) {
    super(message);
    this.cure = cure;
  }
}

/**
 * Builds a virtual host; what is wrong with the site goes to `faults`, and then there is none. The host
 * holds its logs for whoever built it, who releases them with the host.
 */
export function buildSite(
  site: SiteModel,
  host: string,
  parts: SiteParts,
  faults: SiteFault[],
): VirtualHost | null {
  const builder = new SiteBuilder(site, host, parts, faults);
  const built = builder.build();
  if (built === null) builder.logs.release();
  return built;
}

class SiteBuilder {
  readonly logs: LogLease;
  readonly #site: SiteModel;
  readonly #host: string;
  readonly #parts: SiteParts;
  readonly #faults: SiteFault[];

  constructor(site: SiteModel, host: string, parts: SiteParts, faults: SiteFault[]) {
    this.#site = site;
    this.#host = host;
    this.#parts = parts;
    this.#faults = faults;
    this.logs = parts.logs.lease();
  }

  build(): VirtualHost | null {
    const site = this.#site;
    const before = this.#faults.length;
    this.#nameCaptures();
    const filters = this.#guard(['headers'], () => this.#headerFilters(site.headers));
    const accessLogs = this.#accessLogs();
    const errorLog = this.#errorLog();
    const entries: LocationEntry<Location>[] = [];
    for (const [pattern, route] of Object.entries(site.routes)) {
      // A route's changes begin with the site's; what is wrong with those was reported once.
      const headers = filters === null ? route.headers.slice(site.headers.length) : route.headers;
      const location = this.#location(pattern, { ...route, headers }, accessLogs);
      if (location === null) continue;
      const prefix = route.pattern.kind === 'prefix' && route.pattern.path !== '/';
      entries.push({
        pattern: patternOf(route),
        target: location,
        ...(prefix ? { bare: slashRedirect(location) } : {}),
      });
    }
    const locations = LocationTable.build(entries);
    if ('faults' in locations) {
      for (const fault of locations.faults) this.#report(['routes'], fault.message, fault.cure);
      return null;
    }
    if (this.#faults.length > before || errorLog === null || filters === null) return null;
    return {
      name: this.#host,
      locations: locations.value,
      fallback: {
        name: 'none',
        handlers: limitHandlers(site, this.#parts.zones, this.#parts.limits),
        headerFilters: filters,
        bodyFilters: [],
        accessLogs,
        bodyLimit: site.bodyLimit,
        errorPages: errorPages(site.errorPages),
        internal: false,
      },
      mergeSlashes: true,
      errorLog,
      logs: this.logs,
    };
  }

  // Before any text is compiled: it may use the groups of the site's expressions as variables.
  #nameCaptures(): void {
    const { captures } = this.#parts;
    const patterns = Object.entries(this.#site.routes).map(
      ([written, { pattern }]) => [['routes', written], pattern] as const,
    );
    const names = this.#site.names.map((name) => [['serverNames'], name] as const);
    for (const [path, { kind, ...rest }] of [...patterns, ...names]) {
      if (kind !== 'regex' || !('source' in rest)) continue;
      for (const { message, cure } of captures.add(rest.source)) this.#report(path, message, cure);
    }
  }

  #report(path: readonly string[], message: string, cure: string): void {
    this.#reportAt(['sites', this.#host, ...path], message, cure);
  }

  #reportAt(path: readonly string[], message: string, cure: string): void {
    this.#faults.push({ path, message, cure });
  }

  // Where the log of a site is written down: there, or once for all.
  #logPath(which: 'access' | 'error'): readonly string[] {
    const own = which === 'access' ? this.#site.accessLog : this.#site.errorLog;
    const isDefault = JSON.stringify(own) === JSON.stringify(this.#parts.defaultLogs[which]);
    return isDefault ? ['logs', which] : ['sites', this.#host, `${which}Log`];
  }

  // Runs a step that may find the configuration wrong; null where it did.
  #guard<T>(path: readonly string[], step: () => T): T | null {
    try {
      return step();
    } catch (error) {
      if (error instanceof TextFault) this.#report(path, error.message, error.cure);
      else if (error instanceof TypeError) this.#report(path, error.message, 'Change or remove it');
      else throw error;
      return null;
    }
  }

  #compile(text: string): Template {
    const template = compileTemplate(text, this.#parts.variables);
    if ('value' in template) return template.value;
    throw new TextFault(template.message, template.cure);
  }

  #location(pattern: string, route: RouteModel, accessLogs: readonly AccessLog[]): Location | null {
    const path = ['routes', pattern];
    const compile = (text: string): Template => this.#compile(text);
    const { web, upstreams, applications, trace, zones, limits } = this.#parts;
    const handlers: readonly Handler[] | null = this.#guard(path, () => [
      ...limitHandlers(route, zones, limits),
      ...routeHandlers(route, {
        web,
        upstream: (name) => upstreams.find(name),
        application: (name, contextPath) => applications.handler(name, contextPath, this.#host),
        trace,
        compile,
      }),
    ]);
    const headerFilters = this.#guard([...path, 'headers'], () =>
      this.#headerFilters(route.headers),
    );
    if (handlers === null || headerFilters === null) return null;
    return {
      name: pattern,
      handlers,
      headerFilters,
      bodyFilters: [],
      accessLogs,
      bodyLimit: route.bodyLimit,
      errorPages: errorPages(route.errorPages),
      internal: false,
    };
  }

  #headerFilters(headers: SiteModel['headers']): readonly HeaderFilter[] {
    const filters: HeaderFilter[] = [];
    const changes = responseHeaders(headerChanges(headers, (text) => this.#compile(text)));
    if (changes !== null) filters.push(changes);
    if (this.#site.requestIdHeader !== false) {
      filters.push(requestIdHeader(this.#site.requestIdHeader));
    }
    return filters;
  }

  #accessLogs(): readonly AccessLog[] {
    const { path, format, buffer } = this.#site.accessLog;
    if (path.kind === 'off') return [];
    const compiled = compileLogFormat(format, this.#parts.variables);
    if (!('value' in compiled)) {
      this.#reportAt([...this.#logPath('access'), 'format'], compiled.message, compiled.cure);
      return [];
    }
    const sink = this.#open(this.#logPath('access'), path, buffer);
    return sink === null ? [] : [new AccessLog(sink, compiled.value)];
  }

  #errorLog(): ErrorLog | null {
    const { path, level, notFound } = this.#site.errorLog;
    // An entry is written at once, as those of the thread itself, which may have the same log.
    const sink = this.#open(this.#logPath('error'), path, 0);
    if (sink === null) return null;
    const { time, pid, thread } = this.#parts;
    return new ErrorLog(sink, level, time, { pid, thread }, notFound);
  }

  #open(
    path: readonly string[],
    ...target: Parameters<LogLease['open']>
  ): ReturnType<LogLease['open']> | null {
    try {
      return this.logs.open(...target);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#reportAt(
        path,
        `The log cannot be opened: ${message}`,
        'Create its directory, or choose another path',
      );
      return null;
    }
  }
}

// Native routes: the most specific wins. A prefix other than / settles the matter, so that an ending or
// expression of the site does not reach into it.
function patternOf(route: RouteModel): LocationPattern {
  const { pattern } = route;
  switch (pattern.kind) {
    case 'exact':
      return { kind: 'exact', path: pattern.path };
    case 'prefix':
      return { kind: 'prefix', path: pattern.path, final: pattern.path !== '/' };
    case 'extension':
      return { kind: 'extension', ending: pattern.ending };
    case 'regex':
      return { kind: 'regex', source: pattern.source, ignoreCase: false };
  }
}

function errorPages(pages: SiteModel['errorPages']): ReadonlyMap<number, ErrorPage> {
  return new Map(
    Object.entries(pages).map(([status, page]) => [
      Number(status),
      { path: Buffer.from(page.file, 'utf8').toString('latin1'), status: page.status ?? 0 },
    ]),
  );
}
