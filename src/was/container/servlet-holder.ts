/** One declared servlet: its only instance, made when it is first needed, and whether it can be used. */
import type { Clock } from '../../base/index.ts';
import {
  type HttpServletRequest,
  type HttpServletResponse,
  type Servlet,
  type ServletConfig,
  type ServletContext,
  UnavailableException,
  type Work,
} from '../api/index.ts';
import type { MultipartModel, ServletModel } from '../descriptor/index.ts';
import { isPending } from './work.ts';

/** Makes the instance. */
export type MakeServlet = () => Servlet;

/** What a servlet needs from its surroundings. */
export interface ServletPorts {
  readonly clock: Clock;
  /** Writes to the log of the application. */
  readonly log: (message: string, error?: unknown) => void;
}

/** See the head of this file. */
export class ServletHolder {
  readonly name: string;
  /** How uploads are taken; null where they are not. */
  readonly multipart: MultipartModel | null;
  readonly #make: MakeServlet;
  readonly #ports: ServletPorts;
  readonly #config: ServletConfig;
  #servlet: Servlet | null = null;
  #starting: Promise<Servlet> | null = null;
  #unavailable: UnavailableException | null = null;
  #unavailableUntil = 0;
  /** Requests whose answer it has promised. */
  #promised = 0;

  constructor(
    model: Pick<ServletModel, 'name' | 'initParams' | 'multipart'>,
    context: ServletContext,
    make: MakeServlet,
    ports: ServletPorts,
  ) {
    this.name = model.name;
    this.multipart = model.multipart;
    this.#make = make;
    this.#ports = ports;
    this.#config = {
      getServletName: () => model.name,
      getServletContext: () => context,
      getInitParameter: (name) => model.initParams.get(name) ?? null,
      getInitParameterNames: () => [...model.initParams.keys()],
    };
  }

  /** Lets the servlet answer; makes it before, if it is the first request. */
  service(request: HttpServletRequest, response: HttpServletResponse): Work {
    const started = this.start();
    if (!isPending(started)) return this.#serve(started, request, response);
    return Promise.resolve(started).then((servlet) => this.#serve(servlet, request, response));
  }

  /**
   * The instance, ready for requests; a promise where its `init` returned one. Throws, or rejects, with what its
   * constructor or `init` threw, and with an `UnavailableException` while it cannot be used; a later call tries again.
   */
  start(): Servlet | Promise<Servlet> {
    if (this.#unavailable !== null) {
      if (this.#ports.clock.monotonic() < this.#unavailableUntil) throw this.#unavailable;
      this.#unavailable = null;
    }
    return this.#servlet ?? this.#starting ?? this.#init();
  }

  #init(): Servlet | Promise<Servlet> {
    try {
      const servlet = this.#make();
      const work = servlet.init(this.#config);
      if (!isPending(work)) return (this.#servlet = servlet);
      this.#starting = this.#initLater(servlet, work);
      return this.#starting;
    } catch (error) {
      this.#note(error);
      throw error;
    }
  }

  async #initLater(servlet: Servlet, work: Promise<void>): Promise<Servlet> {
    try {
      await work;
      return (this.#servlet = servlet);
    } catch (error) {
      this.#note(error);
      throw error;
    } finally {
      this.#starting = null;
    }
  }

  #serve(servlet: Servlet, request: HttpServletRequest, response: HttpServletResponse): Work {
    try {
      const work = servlet.service(request, response);
      if (!isPending(work)) return;
      this.#promised++;
      return Promise.resolve(work).then(
        () => this.#kept(),
        (error: unknown) => {
          this.#note(error);
          this.#kept();
          throw error;
        },
      );
    } catch (error) {
      this.#note(error);
      throw error;
    }
  }

  #kept(): void {
    this.#promised--;
    if (this.#unavailableUntil === Infinity) void this.#retire();
  }

  #note(error: unknown): void {
    if (!(error instanceof UnavailableException) || this.#unavailableUntil === Infinity) return;
    this.#unavailable = error;
    this.#unavailableUntil =
      error.seconds === null ? Infinity : this.#ports.clock.monotonic() + error.seconds * 1000;
    // It may still be on the stack, below a forward to itself.
    if (error.seconds === null) queueMicrotask(() => void this.#retire());
  }

  // One that is gone for good is ended behind its last request (Jakarta Servlet section 2.3.3.2).
  async #retire(): Promise<void> {
    if (this.#promised > 0) return;
    try {
      await this.destroy();
    } catch (error) {
      this.#ports.log(`Servlet ${this.name} failed in destroy`, error);
    }
  }

  /** Ends the instance, if there is one. */
  async destroy(): Promise<void> {
    const servlet = this.#servlet;
    this.#servlet = null;
    await servlet?.destroy();
  }
}
