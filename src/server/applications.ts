/**
 * The web applications of one thread. A route asks for the one that it leads to while its site is built; they are
 * started together when all sites are. A thread has them once: a configuration with applications is served by another
 * process whenever it is loaded, because a module runs only once in a process.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, within } from '../base/index.ts';
import type { ConfigModel } from '../config/index.ts';
import { type Context, type Handler, type Outcome, stackText } from '../pipeline/index.ts';
import type { Problem } from '../schema/index.ts';
import {
  type Application,
  ClassFault,
  Container,
  findClass,
  startApplication,
} from '../was/container/index.ts';
import { DEFAULT_WEB_APP, readWebXml, type WebAppModel } from '../was/descriptor/index.ts';
import type { SiteFault } from './port.ts';

/** How long applications have to end their servlets, in milliseconds. Their process has 5 seconds, the logs included. */
const STOP_MS = 2000;

type ApplicationModel = ConfigModel['apps'][string];

/** What applications need from their thread. */
export interface ApplicationPorts {
  readonly clock: Clock;
  /** Value of the `Server` field. */
  readonly serverName: string;
  /** Writes to the error log; what was thrown makes it an error. */
  readonly log: (message: string, isError: boolean) => void;
}

/** The content handler of the routes to one application. */
class ApplicationHandler implements Handler {
  readonly name = 'application';
  readonly phase = 'content';
  readonly contextPath: string;
  readonly virtualHost: string;
  container: Container | null = null;

  constructor(contextPath: string, virtualHost: string) {
    this.contextPath = contextPath;
    this.virtualHost = virtualHost;
  }

  handle(context: Context): Outcome {
    if (this.container === null) throw new TypeError('The application was not started');
    return this.container.handle(context);
  }
}

/** See the head of this file. */
export class ApplicationSet {
  readonly #models: ConfigModel['apps'];
  readonly #handlers = new Map<string, ApplicationHandler>();
  readonly #applications: Application[] = [];
  readonly #temporary: string[] = [];

  constructor(models: ConfigModel['apps']) {
    this.#models = models;
  }

  /**
   * The handler of a route of a host to an application. Throws a `TypeError` where routes lead to it by different
   * prefixes: an application has one context path, which its pages and cookies have in them.
   */
  handler(name: string, contextPath: string, host: string): Handler {
    const known = this.#handlers.get(name);
    if (known === undefined) {
      const handler = new ApplicationHandler(contextPath, host);
      this.#handlers.set(name, handler);
      return handler;
    }
    if (known.contextPath === contextPath) return known;
    throw new TypeError(
      `Routes lead to the application ${name} by ${known.contextPath || '/'} and by ${contextPath || '/'}; it has one context path`,
    );
  }

  /** What is wrong with descriptors and names of classes; nothing of an application runs. */
  check(): readonly SiteFault[] {
    const faults: SiteFault[] = [];
    for (const [name, { root }] of Object.entries(this.#models)) {
      const model = readDescriptor(root, (problem) => {
        if (problem.isNote !== true) faults.push(faultOf(name, problem));
      });
      for (const { className } of [...(model?.servlets ?? []), ...(model?.filters ?? [])]) {
        try {
          findClass(root, className);
        } catch (error) {
          if (!(error instanceof ClassFault)) throw error;
          faults.push({ path: ['apps', name], message: error.message, cure: error.cure });
        }
      }
    }
    return faults;
  }

  /** Starts every application that a route leads to, or says what is wrong with any of them. */
  async start(ports: ApplicationPorts): Promise<readonly SiteFault[]> {
    const faults: SiteFault[] = [];
    for (const [name, handler] of this.#handlers) {
      const model = this.#models[name];
      if (model === undefined) throw new TypeError(`There is no application ${name}`);
      // oxlint-disable-next-line no-await-in-loop -- what one of them does at its start the next may count on
      await this.#start(name, model, handler, ports, faults);
    }
    if (faults.length > 0) await this.stop();
    return faults;
  }

  async #start(
    name: string,
    { root, route }: ApplicationModel,
    handler: ApplicationHandler,
    { clock, serverName, log }: ApplicationPorts,
    faults: SiteFault[],
  ): Promise<void> {
    const report = (message: string, cure: string): void => {
      faults.push({ path: ['apps', name], message, cure });
    };
    const model = readDescriptor(root, (problem) => {
      const fault = faultOf(name, problem);
      if (problem.isNote !== true) faults.push(fault);
      else log(`application ${name}: ${fault.message}. ${fault.cure}`, false);
    });
    if (model === null) return;
    const temporary = mkdtempSync(join(tmpdir(), 'daemun-app-'));
    this.#temporary.push(temporary);
    const started = await startApplication(
      model,
      {
        contextPath: handler.contextPath,
        virtualHost: handler.virtualHost,
        serverInfo: serverName,
        root,
        route: route ?? null,
        temporary,
      },
      {
        clock,
        random: randomBytes,
        log: (message, error) => {
          const thrown = error === undefined ? '' : `: ${stackText(error)}`;
          log(`application ${name}: ${message}${thrown}`, error !== undefined);
        },
      },
    );
    if ('path' in started) {
      this.#applications.push(started);
      handler.container = new Container([started]);
      return;
    }
    for (const { message, cure, error } of started) {
      report(error === undefined ? message : `${message}: ${inBrief(error)}`, cure);
    }
  }

  /** Ends the applications; those whose requests or servlets do not end are left behind after 2 seconds. */
  async stop(): Promise<void> {
    const ended = this.#applications.splice(0).map((application) => application.stop());
    await within(STOP_MS, Promise.allSettled(ended));
    for (const folder of this.#temporary.splice(0))
      rmSync(folder, { recursive: true, force: true });
  }
}

/** An error and the line of a user's file that it comes from. */
function inBrief(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const frame = error.stack?.split('\n').find((line) => /^\s+at .*file:/.test(line));
  return frame === undefined ? String(error) : `${String(error)}, ${frame.trim()}`;
}

/** What the folder of an application says of it; null where that is wrong, which is told. */
function readDescriptor(root: string, tell: (problem: Problem) => void): WebAppModel | null {
  const file = join(root, 'WEB-INF/web.xml');
  if (!existsSync(file)) return DEFAULT_WEB_APP;
  const { model, problems } = readWebXml(readFileSync(file, 'utf8'), file);
  for (const problem of problems) tell(problem);
  return model;
}

function faultOf(name: string, { file, line, column, object, message, cure }: Problem): SiteFault {
  const place = `${file}:${line}:${column}`;
  return { path: ['apps', name], message: `${place}: ${object}: ${message}`, cure };
}
