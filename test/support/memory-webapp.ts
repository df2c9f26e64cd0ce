/** A web application whose classes a test has in hand, asked without a wire. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { Fields } from '../../src/http/message/index.ts';
import { stackText } from '../../src/pipeline/index.ts';
import {
  type FilterChain,
  GenericFilter,
  type HttpServletRequest,
  type HttpServletResponse,
  HttpServlet,
  type Work,
} from '../../src/was/api/index.ts';
import { type Application, Container, startApplication } from '../../src/was/container/index.ts';
import {
  DEFAULT_WEB_APP,
  type FilterMappingModel,
  type ServletModel,
  type WebAppModel,
} from '../../src/was/descriptor/index.ts';
import { eventually } from './eventually.ts';
import { MemoryExchange, type MemoryRequest } from './memory-exchange.ts';
import { MemorySite } from './memory-site.ts';

export { Fields };

/** What a filter of a test does with every request. */
type DoFilter = (
  request: HttpServletRequest,
  response: HttpServletResponse,
  chain: FilterChain,
) => Work;

/** What a servlet of a test does with every request. */
export type Serve = (request: HttpServletRequest, response: HttpServletResponse) => Work;

/** What a test says about its application; everything else is as without a descriptor. */
export interface MemoryWebappOptions {
  /** `/app` unless said. */
  readonly path?: string;
  /** Servlets by the one pattern or the patterns that lead to them; each has the name of its first pattern. */
  readonly servlets?: Readonly<Record<string, Serve | (new () => object)>>;
  /** What single servlets have beside that, by name. */
  readonly settings?: Readonly<Record<string, Partial<ServletModel>>>;
  /** Filters by name, in their order. */
  readonly filters?: Readonly<Record<string, new () => object>>;
  /** In their order; each names a filter. */
  readonly filterMappings?: readonly Partial<FilterMappingModel>[];
  /** What else its descriptor would say. */
  readonly model?: Partial<WebAppModel>;
  /** Files below the folder of the application, by path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** What stands behind the ids of sessions; none unless said. */
  readonly route?: string | null;
}

/** See the head of this file. */
export interface MemoryWebapp {
  readonly site: MemorySite;
  readonly application: Application;
  readonly root: string;
  readonly log: readonly string[];
  /** Sends a request and waits until everything about it is over. */
  readonly ask: (
    request?: MemoryRequest & { readonly body?: string | Uint8Array },
  ) => Promise<MemoryExchange>;
  /** Sends a request and leaves it under way. */
  readonly begin: (request?: MemoryRequest) => MemoryExchange;
}

/** Starts an application, which ends with its test. */
export async function memoryWebapp(
  t: TestContext,
  options: MemoryWebappOptions = {},
): Promise<MemoryWebapp> {
  const root = mkdtempSync(join(tmpdir(), 'daemun-webapp-'));
  const temporary = mkdtempSync(join(tmpdir(), 'daemun-uploads-'));
  t.after(() => {
    rmSync(root, { recursive: true, force: true });
    rmSync(temporary, { recursive: true, force: true });
  });
  for (const [name, content] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  const classes = new Map<string, new () => object>(Object.entries(options.filters ?? {}));
  const servlets: ServletModel[] = [];
  const servletMappings: { pattern: string; servletName: string }[] = [];
  for (const [patterns, serve] of Object.entries(options.servlets ?? {})) {
    const [name = ''] = patterns.split(' ');
    classes.set(name, isClass(serve) ? serve : servletOf(serve));
    servlets.push({
      name,
      className: name,
      initParams: new Map(),
      loadOnStartup: null,
      multipart: null,
      ...options.settings?.[name],
    });
    for (const pattern of patterns.split(' ')) servletMappings.push({ pattern, servletName: name });
  }
  const model: WebAppModel = {
    ...DEFAULT_WEB_APP,
    servlets,
    servletMappings,
    filters: Object.keys(options.filters ?? {}).map((name) => ({
      name,
      className: name,
      initParams: new Map(),
    })),
    filterMappings: (options.filterMappings ?? []).map((mapping) => ({
      filterName: '',
      patterns: [],
      servletNames: [],
      dispatchers: new Set(['REQUEST'] as const),
      ...mapping,
    })),
    ...options.model,
  };
  const log: string[] = [];
  const site = new MemorySite({ localhost: {} });
  const application = await startApplication(
    model,
    {
      contextPath: options.path ?? '/app',
      virtualHost: 'localhost',
      serverInfo: 'Daemun/test',
      root,
      route: options.route ?? null,
      temporary,
    },
    {
      clock: site.clock,
      random: (size) => crypto.getRandomValues(new Uint8Array(size)),
      log: (message, error) =>
        void log.push(error === undefined ? message : `${message} ${stackText(error)}`),
      load: async (_root, className) => {
        const found = classes.get(className);
        assert.ok(found !== undefined, className);
        return Promise.resolve(found);
      },
    },
  );
  if (Array.isArray(application)) assert.fail(JSON.stringify(application));
  const started = application as Application;
  site.pipeline.swap(site.model({ localhost: { '/*': { handlers: [new Container([started])] } } }));
  return {
    site,
    application: started,
    root,
    log,
    begin: (request = {}) => site.ask(request),
    ask: async ({ body, ...request } = {}) => {
      const exchange = new MemoryExchange(
        body === undefined ? request : { contentLength: body.length, ...request },
      );
      site.ask(exchange);
      if (body !== undefined) {
        const bytes = Buffer.from(body);
        await eventually(
          'a claim of the body, or an answer',
          () => exchange.bodyClaimed || exchange.ended,
        );
        if (bytes.length > 0 && exchange.bodyClaimed) exchange.takeData(bytes, 0, bytes.length);
        exchange.takeEnd(null);
      }
      await eventually('the end of the request', () => exchange.finished && started.active === 0);
      return exchange;
    },
  };
}

/** Fields of a request for a form that is sent as its body. */
export const FORM: Fields = Fields.of(['Content-Type', 'application/x-www-form-urlencoded']);

/** Wraps one function in a class such as a descriptor names, so that a test can say in place what happens. */
export function filter(does: DoFilter): new () => object {
  return class extends GenericFilter {
    override doFilter(...args: Parameters<DoFilter>): Work {
      return does(...args);
    }
  };
}

function servletOf(serve: Serve): new () => object {
  return class extends HttpServlet {
    override service(request: HttpServletRequest, response: HttpServletResponse): Work {
      return serve(request, response);
    }
  };
}

function isClass(serve: Serve | (new () => object)): serve is new () => object {
  return /^class\b/.test(Function.prototype.toString.call(serve));
}
