import type { HttpServletRequest, ServletContext } from './http-servlet-request.ts';
import type { HttpServletResponse } from './http-servlet-response.ts';
import type { Work } from './work.ts';

/** Names a servlet, its initialisation parameters and its application (Jakarta Servlet section 2.3.2). */
export interface ServletConfig {
  /** `servlet-name` of the deployment descriptor. */
  getServletName(): string;
  getServletContext(): ServletContext;
  /** Value of an `init-param` of the servlet, null where there is none. */
  getInitParameter(name: string): string | null;
  getInitParameterNames(): readonly string[];
}

/**
 * A component that answers requests (Jakarta Servlet section 2). The container makes one instance,
 * calls `init` once before the first request, `service` for each, at the same time for several, and
 * `destroy` once when the application stops and no request is left.
 */
export interface Servlet {
  /** Throws, or rejects, to say that the servlet cannot work; `UnavailableException` tells for how long. */
  init(config: ServletConfig): Work;
  getServletConfig(): ServletConfig;
  service(request: HttpServletRequest, response: HttpServletResponse): Work;
  destroy(): Work;
}

/** A servlet that keeps its configuration; subclasses give it `service`. Jakarta: `GenericServlet`. */
export abstract class GenericServlet implements Servlet {
  #config: ServletConfig | null = null;

  /** Keeps the configuration and calls `start`, which subclasses override more easily than this. */
  init(config: ServletConfig): Work {
    this.#config = config;
    return this.start();
  }

  /** For subclasses: what is to be made ready before the first request. Jakarta: `init()` without arguments. */
  start(): Work {}

  abstract service(request: HttpServletRequest, response: HttpServletResponse): Work;

  destroy(): Work {}

  /** @throws Error before `init`, or where a subclass overrides `init` and does not call it. */
  getServletConfig(): ServletConfig {
    if (this.#config === null) {
      throw new Error('The servlet has no configuration: init was not called, or not super.init');
    }
    return this.#config;
  }

  getServletContext(): ServletContext {
    return this.getServletConfig().getServletContext();
  }

  getServletName(): string {
    return this.getServletConfig().getServletName();
  }

  getInitParameter(name: string): string | null {
    return this.getServletConfig().getInitParameter(name);
  }

  getInitParameterNames(): readonly string[] {
    return this.getServletConfig().getInitParameterNames();
  }

  /** Writes to the log of the application, with the name of the servlet in front. */
  log(message: string, error?: unknown): void {
    this.getServletContext().log(`${this.getServletName()}: ${message}`, error);
  }
}
