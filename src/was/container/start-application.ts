/** From the folder and the descriptor of an application to the application at work. */
import type { Clock } from '../../base/index.ts';
import { type Filter, type Servlet, type ServletContext, TEMPDIR } from '../api/index.ts';
import type { WebAppModel } from '../descriptor/index.ts';
import { MemorySessions, type RandomBytes } from '../session/index.ts';
import { Application } from './application.ts';
import { ApplicationContext, type ApplicationFacts } from './application-context.ts';
import { ClassFault, type LoadedClass, loadClass } from './class-loader.ts';
import { DefaultServlet } from './files/default-servlet.ts';
import { ErrorPageTable } from './path/error-page-table.ts';
import { FilterTable, type StartedFilter } from './path/filter-table.ts';
import { mediaTypeOf } from './files/media-types.ts';
import { Resources } from './files/resources.ts';
import { ServletHolder } from './servlet-holder.ts';
import { ServletMapper } from './path/servlet-mapper.ts';
import { ServletTable } from './path/servlet-table.ts';
import { SessionTracking } from './request/session-tracking.ts';

/** What says which application is started, and where. */
export interface ApplicationSettings extends ApplicationFacts {
  /** Folder of the application, absolute. */
  readonly root: string;
  /** What stands behind session ids, so that a balancer finds this instance again; null for none. */
  readonly route: string | null;
  /** Directory of this application alone, which exists: for uploads, and for what it likes to put there. */
  readonly temporary: string;
}

/** What an application needs from the thread that it runs on. */
export interface ApplicationPorts {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Writes to the log of the application. */
  readonly log: (message: string, error?: unknown) => void;
  /** Loads a class of the application in a folder; `loadClass` unless given. */
  readonly load?: (root: string, className: string) => Promise<LoadedClass>;
}

/** Why an application cannot be started; everything that is wrong with it at once. */
export interface StartFault {
  readonly message: string;
  readonly cure: string;
  /** What was thrown, where something was. */
  readonly error?: unknown;
}

/** Name of the servlet for files, which is there unless the descriptor declares one of this name. */
const DEFAULT = 'default';

/** Starts an application: loads its classes, then makes its filters and those servlets that are wanted at once. */
export async function startApplication(
  model: WebAppModel,
  settings: ApplicationSettings,
  ports: ApplicationPorts,
): Promise<Application | readonly StartFault[]> {
  const faults: StartFault[] = [];
  const classes = await loadClasses(model, settings.root, ports.load ?? loadClass, faults);
  if (faults.length > 0) return faults;

  const { contextPath, root, route, temporary } = settings;
  const { clock, random, log } = ports;
  const resources = new Resources(root);
  const mediaType = (file: string): string | null => mediaTypeOf(file, model.mimeTypes);
  let started: Application | null = null;
  const context = new ApplicationContext(model, settings, {
    resources,
    mediaType,
    dispatchers: {
      byPath: (path) => started?.byPath(path) ?? null,
      byName: (name) => started?.byName(name) ?? null,
    },
    log,
  });
  context.setAttribute(TEMPDIR, temporary);

  const servlets = new Map<string, ServletHolder>();
  for (const servlet of model.servlets) {
    const make = (): Servlet => new (classOf(classes, servlet.className))() as Servlet;
    servlets.set(servlet.name, new ServletHolder(servlet, context, make, ports));
  }
  if (!servlets.has(DEFAULT)) {
    const files = { name: DEFAULT, initParams: new Map<string, string>(), multipart: null };
    const make = (): Servlet => new DefaultServlet({ resources, mediaType, clock });
    servlets.set(DEFAULT, new ServletHolder(files, context, make, ports));
  }
  const filters = await startFilters(model, classes, context, faults);
  const application = new Application({
    model,
    path: contextPath,
    context,
    servlets,
    table: new ServletTable(mapperOf(model, servlets), model.welcomeFiles, resources),
    filters: new FilterTable(filters, model.filterMappings),
    started: filters,
    errorPages: new ErrorPageTable(model.errorPages),
    sessions: new MemorySessions(context, model.session.timeout * 60, { clock, random }),
    tracking: new SessionTracking(model.session, contextPath, route),
    temporary,
    clock,
    log,
  });
  if (faults.length > 0) {
    await application.stop();
    return faults;
  }
  started = application;
  await startServlets(model, servlets, ports);
  return application;
}

async function startFilters(
  model: WebAppModel,
  classes: ReadonlyMap<string, LoadedClass>,
  context: ServletContext,
  faults: StartFault[],
): Promise<ReadonlyMap<string, StartedFilter>> {
  const filters = new Map<string, StartedFilter>();
  for (const { name, className, initParams } of model.filters) {
    try {
      const filter = new (classOf(classes, className))() as Filter;
      await filter.init?.({
        getFilterName: () => name,
        getServletContext: () => context,
        getInitParameter: (param) => initParams.get(param) ?? null,
        getInitParameterNames: () => [...initParams.keys()],
      });
      filters.set(name, { name, filter });
    } catch (error) {
      faults.push({
        message: `Filter ${name} cannot be started`,
        cure: 'Mend its constructor or its init; what it threw follows',
        error,
      });
    }
  }
  return filters;
}

async function loadClasses(
  model: WebAppModel,
  root: string,
  find: (root: string, className: string) => Promise<LoadedClass>,
  faults: StartFault[],
): Promise<ReadonlyMap<string, LoadedClass>> {
  const classes = new Map<string, LoadedClass>();
  const load = async (className: string, owner: string, method: string): Promise<void> => {
    try {
      const loaded = await find(root, className);
      if (typeof (loaded.prototype as Record<string, unknown>)[method] !== 'function') {
        throw new ClassFault(
          `Class ${className} has no method ${method}`,
          method === 'service' ? 'Let it extend HttpServlet' : 'Let it implement Filter',
        );
      }
      classes.set(className, loaded);
    } catch (error) {
      if (!(error instanceof ClassFault)) throw error;
      const { message, cure, cause } = error;
      faults.push({
        message: `${owner}: ${message}`,
        cure,
        ...(cause === undefined ? {} : { error: cause }),
      });
    }
  };
  for (const { name, className } of model.servlets)
    await load(className, `Servlet ${name}`, 'service');
  for (const { name, className } of model.filters)
    await load(className, `Filter ${name}`, 'doFilter');
  return classes;
}

function classOf(classes: ReadonlyMap<string, LoadedClass>, className: string): LoadedClass {
  const found = classes.get(className);
  if (found === undefined) throw new Error(`Class ${className} was not loaded`);
  return found;
}

function mapperOf(
  model: WebAppModel,
  servlets: ReadonlyMap<string, ServletHolder>,
): ServletMapper<ServletHolder> {
  const mapper = new ServletMapper<ServletHolder>();
  for (const { pattern, servletName } of model.servletMappings) {
    const holder = servlets.get(servletName);
    if (holder !== undefined) mapper.add(pattern, holder);
  }
  const files = servlets.get(DEFAULT);
  if (files !== undefined && !mapper.has('/')) mapper.add('/', files);
  return mapper;
}

// A servlet that fails here fails at its first request again, which tells the client; the others are served.
async function startServlets(
  model: WebAppModel,
  servlets: ReadonlyMap<string, ServletHolder>,
  { log }: ApplicationPorts,
): Promise<void> {
  const wanted = model.servlets.flatMap(({ name, loadOnStartup }) =>
    loadOnStartup === null || loadOnStartup < 0 ? [] : [{ name, order: loadOnStartup }],
  );
  for (const { name } of wanted.toSorted((a, b) => a.order - b.order)) {
    try {
      await servlets.get(name)?.start();
    } catch (error) {
      log(`Servlet ${name} cannot be started`, error);
    }
  }
}
