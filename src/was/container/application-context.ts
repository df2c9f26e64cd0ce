/** An application as its servlets see it: `ServletContext`. */
import { readFile } from 'node:fs/promises';
import type { RequestDispatcher, ServletContext } from '../api/index.ts';
import type { WebAppModel } from '../descriptor/index.ts';
import type { Resources } from './files/resources.ts';

/** Finds the way to a servlet. */
export interface DispatcherLookUp {
  byPath(path: string): RequestDispatcher | null;
  byName(name: string): RequestDispatcher | null;
}

/** What an application is told of itself and its surroundings. */
export interface ApplicationFacts {
  /** `/shop`, or empty for the root. */
  readonly contextPath: string;
  /** Name of the virtual host that it belongs to. */
  readonly virtualHost: string;
  /** `Daemun/` and its version. */
  readonly serverInfo: string;
}

/** See the head of this file. */
export class ApplicationContext implements ServletContext {
  readonly #model: WebAppModel;
  readonly #facts: ApplicationFacts;
  readonly #resources: Resources;
  readonly #mediaType: (file: string) => string | null;
  readonly #dispatchers: DispatcherLookUp;
  readonly #log: (message: string, error?: unknown) => void;
  readonly #attributes = new Map<string, unknown>();

  constructor(
    model: WebAppModel,
    facts: ApplicationFacts,
    parts: {
      readonly resources: Resources;
      readonly mediaType: (file: string) => string | null;
      readonly dispatchers: DispatcherLookUp;
      readonly log: (message: string, error?: unknown) => void;
    },
  ) {
    this.#model = model;
    this.#facts = facts;
    this.#resources = parts.resources;
    this.#mediaType = parts.mediaType;
    this.#dispatchers = parts.dispatchers;
    this.#log = parts.log;
  }

  getContextPath(): string {
    return this.#facts.contextPath;
  }

  getServletContextName(): string | null {
    return this.#model.displayName;
  }

  getInitParameter(name: string): string | null {
    return this.#model.contextParams.get(name) ?? null;
  }

  getInitParameterNames(): readonly string[] {
    return [...this.#model.contextParams.keys()];
  }

  getAttribute(name: string): unknown {
    return this.#attributes.get(name) ?? null;
  }

  getAttributeNames(): readonly string[] {
    return [...this.#attributes.keys()];
  }

  setAttribute(name: string, value: unknown): void {
    if (value === null || value === undefined) this.#attributes.delete(name);
    else this.#attributes.set(name, value);
  }

  removeAttribute(name: string): void {
    this.#attributes.delete(name);
  }

  getRealPath(path: string): string | null {
    return this.#resources.realPath(path.startsWith('/') ? path : `/${path}`);
  }

  async getResource(path: string): Promise<Uint8Array | null> {
    const found = this.#resources.find(path);
    return found === null || found.kind !== 'file' ? null : await readFile(found.file);
  }

  async getResourcePaths(path: string): Promise<readonly string[] | null> {
    return Promise.resolve(this.#resources.list(path));
  }

  getMimeType(file: string): string | null {
    return this.#mediaType(file);
  }

  getRequestDispatcher(path: string): RequestDispatcher | null {
    return this.#dispatchers.byPath(path);
  }

  getNamedDispatcher(name: string): RequestDispatcher | null {
    return this.#dispatchers.byName(name);
  }

  getSessionTimeout(): number {
    return this.#model.session.timeout;
  }

  log(message: string, error?: unknown): void {
    this.#log(message, error);
  }

  getServerInfo(): string {
    return this.#facts.serverInfo;
  }

  getMajorVersion(): number {
    return 6;
  }

  getMinorVersion(): number {
    return 0;
  }

  getVirtualServerName(): string {
    return this.#facts.virtualHost;
  }
}
