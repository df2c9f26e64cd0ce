/**
 * A Context around a MemoryExchange, with the smallest pipeline that a handler notices: routing by a
 * function, error answers without pages, and counters instead of logs.
 */
import { type Fault, ManualClock } from '../../src/base/index.ts';
import { Fields, resolvePath } from '../../src/http/message/index.ts';
import {
  type Context,
  type ErrorPage,
  type Handler,
  type HeaderFilter,
  type Location,
  type PipelinePort,
  RequestContext,
  type VirtualHost,
} from '../../src/pipeline/index.ts';
import { MemoryExchange, memoryConnection, type MemoryRequest } from './memory-exchange.ts';

/** What a test says about the place that answers; everything else is empty. */
export interface MemoryPlace {
  readonly handlers: readonly Handler[];
  readonly headerFilters?: readonly HeaderFilter[];
  readonly errorPages?: ReadonlyMap<number, ErrorPage>;
  /** Locations by path, for internal redirects; the place itself unless one is there. */
  readonly others?: ReadonlyMap<string, readonly Handler[]>;
}

/** A request under way, and how it ended. */
export class MemoryRun {
  readonly exchange: MemoryExchange;
  readonly context: RequestContext;
  /** How often the pipeline heard of the end. */
  finished = 0;
  readonly defects: unknown[] = [];
  readonly #ended: Promise<void>;

  constructor(place: MemoryPlace, request: MemoryRequest, exchange = new MemoryExchange(request)) {
    this.exchange = exchange;
    const own = locationOf(place, place.handlers);
    const others = new Map(
      [...(place.others ?? [])].map(([path, handlers]) => [path, locationOf(place, handlers)]),
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    const pipeline = {
      reroute: (context: Context): boolean => {
        context.location = others.get(context.path) ?? own;
        return true;
      },
      errorPages: {
        answer: (context: Context, status: number, _fault: Fault, fields: Fields | null): void => {
          const page = context.location.errorPages.get(status);
          context.errorFields ??= fields;
          if (page !== undefined && context.errorStatus === 0) {
            context.errorStatus = status;
            context.pageStatus = page.status === 0 ? status : page.status;
            context.redirect(page.path, null);
          } else {
            context.send(status, Fields.of(['Content-Type', 'text/html']), '(page)');
          }
        },
      },
      errorLog: { defect: (_context: Context, error: unknown) => this.defects.push(error) },
      finished: (): void => {
        this.finished++;
        resolve();
      },
    };
    const host = {
      name: 'localhost',
      locations: {
        find: (path: string) => ({ target: others.get(path) ?? own, captures: null }),
        named: (name: string) => others.get(name) ?? null,
      },
      fallback: own,
      mergeSlashes: true,
    };
    const path = resolvePath(exchange.request.path, { mergeSlashes: true }) ?? '/';
    // The fakes have what a handler may touch and nothing else of these classes.
    this.context = new RequestContext(
      pipeline as unknown as PipelinePort,
      exchange,
      host as unknown as VirtualHost,
      { location: others.get(path) ?? own, captures: null, path },
    );
    exchange.observer = this.context;
  }

  /** Runs the handlers and waits for the end of the request. */
  async run(): Promise<this> {
    this.context.run();
    await this.#ended;
    return this;
  }

  /** Waits for the end of a request that runs already. */
  get ended(): Promise<void> {
    return this.#ended;
  }
}

function locationOf(place: MemoryPlace, handlers: readonly Handler[]): Location {
  return {
    name: '/',
    handlers,
    headerFilters: place.headerFilters ?? [],
    bodyFilters: [],
    accessLogs: [],
    bodyLimit: 0,
    errorPages: place.errorPages ?? new Map<number, ErrorPage>(),
    internal: false,
  };
}

/** Runs one request from beginning to end. */
export function ask(place: MemoryPlace, request: MemoryRequest): Promise<MemoryRun> {
  return new MemoryRun(place, request).run();
}

/** Facts of a connection to a port, for redirects. */
export function connectionTo(port: number, secure = false): ReturnType<typeof memoryConnection> {
  return memoryConnection({ localPort: port, secure });
}

/** A wall clock well behind the times of files that a test has just written. */
export function laterClock(): ManualClock {
  return new ManualClock(Date.now() + 60_000);
}
