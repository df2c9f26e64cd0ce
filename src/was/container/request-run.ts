/**
 * One request on its way through an application: from what has to be there before a servlet sees it, through
 * filters and servlet, to its answer or the page of its error.
 */
import { Fault } from '../../base/index.ts';
import { type Fields, hasEssence } from '../../http/message/index.ts';
import { type Context, type RequestFollower, stackText } from '../../pipeline/index.ts';
import {
  BodyTooLargeException,
  ClientAbortException,
  ERROR_ATTRIBUTES,
  type HttpServletRequest,
  type HttpServletResponse,
  MalformedBodyException,
  UnavailableException,
  type Work,
} from '../api/index.ts';
import type { ApplicationDispatcher } from './application-dispatcher.ts';
import type { Dispatch } from './dispatch.ts';
import { CONTAINER_FAULTS } from './faults.ts';
import { Chain } from './filter-chain.ts';
import type { StartedFilter } from './path/filter-table.ts';
import { ContainerRequest, type RequestHome } from './request/request.ts';
import { ContainerResponse, type UrlEncoder } from './response/response.ts';
import type { ServletHolder } from './servlet-holder.ts';
import type { TextEncoding } from './response/text-encoding.ts';
import { isPending } from './work.ts';

/** What a run asks of its application. */
export interface RunHost {
  /** As operators call it: its context path, `/` for the root. */
  readonly name: string;
  /** What its requests ask for. */
  readonly home: RequestHome;
  /** Charset of text that is written, where the servlet names none. */
  readonly encoding: TextEncoding;
  /** The filters on the way to the servlet of a dispatch. */
  filters(dispatch: Dispatch): readonly StartedFilter[];
  /** The page for a status or an error, null for none. */
  errorPage(status: number, error: unknown): ApplicationDispatcher | null;
  /** Tells an error that no answer can tell any more. */
  trouble(message: string, error: unknown): void;
  /** The run is over. */
  ended(): void;
}

/** See the head of this file. */
export class RequestRun implements RequestFollower, UrlEncoder {
  readonly #host: RunHost;
  readonly #context: Context;
  readonly #request: ContainerRequest;
  readonly #response: ContainerResponse;
  #open = 0;
  #returned = false;
  #failed = false;
  #error: unknown = null;
  // The last failure of something that was begun, while nobody who waited for it has come to an end.
  #unclaimed: { readonly error: unknown } | null = null;
  #inErrorPage = false;

  constructor(host: RunHost, context: Context, dispatch: Dispatch) {
    this.#host = host;
    this.#context = context;
    this.#response = new ContainerResponse(context, this, host.encoding);
    this.#request = new ContainerRequest(host.home, context, this.#response, this, dispatch);
  }

  /** Lets the request go its way. */
  start(): void {
    this.#context.follow(this);
    const request = this.#request;
    if (request.bringsForm) this.#wait(() => request.form.keep().then(() => this.#serve()));
    else this.#wait(() => this.#serve());
  }

  #serve(): Work {
    return this.invoke(this.#request.dispatch, this.#request, this.#response);
  }

  encodeUrl(url: string): string {
    return this.#request.session.encode(url, this.#request.getRequestURL());
  }

  /** Lets the servlet of a dispatch answer, behind its filters. */
  invoke(dispatch: Dispatch, request: HttpServletRequest, response: HttpServletResponse): Work {
    const { holder } = dispatch;
    const filters = this.#host.filters(dispatch);
    if (filters.length === 0) return this.track(this.#answer(holder, request, response));
    const end = {
      serve: (req: HttpServletRequest, res: HttpServletResponse) => this.#answer(holder, req, res),
      track: (work: Work) => this.track(work),
    };
    return new Chain(filters, 0, end).doFilter(request, response);
  }

  #answer(holder: ServletHolder, request: HttpServletRequest, response: HttpServletResponse): Work {
    if (holder.multipart === null || !bringsParts(request)) {
      return holder.service(request, response);
    }
    // So that fields of the form are parameters without waiting, as in Jakarta Servlet section 3.1. What is wrong
    // with the parts is told to who asks for them.
    const serve = (): Work => holder.service(request, response);
    return request.getParts().then(serve, (error: unknown) => {
      if (this.#context.exchange.aborted) throw error;
      return serve();
    });
  }

  /** Answers with an error of the container, as the application would: with its page. */
  refuse(status: number): void {
    this.#context.follow(this);
    this.#response.sendError(status);
    this.#complete();
  }

  /** Makes the request wait for work, whether or not who began it does. */
  track(work: Work): Work {
    if (!isPending(work)) return;
    this.hold();
    // Not every promise of an application is one of ours.
    const tracked = Promise.resolve(work).then(
      () => this.#succeeded(),
      (error: unknown) => {
        this.#unclaimed = { error };
        // Who began it may have returned without waiting: then the request is what tells of it.
        if (this.#returned) tracked.catch(() => {});
        this.release();
        throw error;
      },
    );
    return tracked;
  }

  #succeeded(): void {
    // Who waited for a failure has dealt with it.
    this.#unclaimed = null;
    this.release();
  }

  /** Makes the request wait until `release` is called as often. */
  hold(): void {
    this.#open++;
  }

  /** See `hold`. */
  release(): void {
    this.#open--;
    this.#maybeComplete();
  }

  #wait(begin: () => Work): void {
    this.#failed = false;
    this.#unclaimed = null;
    try {
      const work = begin();
      if (isPending(work)) {
        Promise.resolve(work).then(
          () => this.#return(),
          (error: unknown) => this.#fail(error),
        );
        return;
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#return();
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#error = error;
    this.#return();
  }

  #return(): void {
    this.#returned = true;
    this.#maybeComplete();
  }

  #maybeComplete(): void {
    if (!this.#returned || this.#open > 0) return;
    this.#returned = false;
    try {
      this.#complete();
    } catch (error) {
      this.#context.failed(error);
      this.#end();
    }
  }

  #complete(): void {
    const response = this.#response;
    if (!this.#failed && this.#unclaimed !== null) {
      this.#failed = true;
      this.#error = this.#unclaimed.error;
    }
    const sent = response.sentError;
    if (this.#context.exchange.aborted) {
      if (this.#failed && !(this.#error instanceof ClientAbortException)) {
        this.#trouble('behind the leaving of its client', this.#error);
      }
      this.#end();
    } else if (this.#failed) this.#answerFailure(this.#error);
    else if (sent !== null) this.#answerError(sent.status, sent.message);
    else this.#finish();
  }

  #finish(): void {
    try {
      this.#response.finish();
    } catch (error) {
      this.#answerFailure(error);
      return;
    }
    this.#end();
  }

  #answerFailure(error: unknown): void {
    const request = this.#request;
    const response = this.#response;
    const fault = this.#faultOf(error);
    const { exchange } = this.#context;
    if (exchange.responded) {
      this.#trouble('behind the end of its answer', error);
      this.#end();
      return;
    }
    if (this.#inErrorPage) this.#trouble('in the page of an error', error);
    if (response.hasBegun) {
      // What was flushed leaves with this turn; then the client is to see that it is not all.
      response.abandon();
      setImmediate(() => {
        try {
          this.#context.failWith(fault);
        } finally {
          this.#end();
        }
      });
      return;
    }
    exchange.fault ??= fault;
    response.openForErrorPage();
    const { status } = fault.kind;
    const page = this.#inErrorPage ? null : this.#host.errorPage(status, error);
    if (page === null) {
      this.#answerBuiltIn(fault, response.fields);
      return;
    }
    request.setAttribute(ERROR_ATTRIBUTES.exception, error);
    request.setAttribute(ERROR_ATTRIBUTES.exceptionType, typeName(error));
    this.#dispatchError(page, status, error instanceof Error ? error.message : String(error));
  }

  #answerError(status: number, message: string): void {
    const response = this.#response;
    if (status < 400) {
      response.openForErrorPage();
      this.#finish();
      return;
    }
    const page = this.#inErrorPage ? null : this.#host.errorPage(status, null);
    if (page !== null) {
      this.#dispatchError(page, status, message);
      return;
    }
    const detail = `${status}${message === '' ? '' : ` ${message}`}, ${this.#who()}`;
    const kind = { ...CONTAINER_FAULTS['servlet-answered'], status };
    this.#answerBuiltIn(new Fault(kind, 'handler', detail), response.fields);
  }

  #dispatchError(page: ApplicationDispatcher, status: number, message: string): void {
    const request = this.#request;
    const response = this.#response;
    const { requestUri, holder, method, queryString } = request.dispatch;
    request.setAttribute(ERROR_ATTRIBUTES.statusCode, status);
    request.setAttribute(ERROR_ATTRIBUTES.message, message);
    request.setAttribute(ERROR_ATTRIBUTES.requestUri, requestUri);
    request.setAttribute(ERROR_ATTRIBUTES.servletName, holder.name);
    request.setAttribute(ERROR_ATTRIBUTES.method, method);
    request.setAttribute(ERROR_ATTRIBUTES.queryString, queryString);
    response.openForErrorPage();
    response.setStatus(status);
    this.#inErrorPage = true;
    this.#wait(() => page.error(request, response));
  }

  #answerBuiltIn(fault: Fault, fields: Fields): void {
    this.#response.abandon();
    const { exchange, pipeline } = this.#context;
    exchange.fault ??= fault;
    // Whatever status an application chooses; the pipeline itself takes some for clients that left.
    if (exchange.canRespond)
      pipeline.errorPages.answer(this.#context, fault.kind.status, fault, fields);
    this.#end();
  }

  #faultOf(error: unknown): Fault {
    const detail = this.#told(error);
    if (error instanceof ClientAbortException && error.cause instanceof Fault) {
      // What was wrong with the body is the client's, and has its status.
      if (error.cause.kind.status >= 400) return error.cause;
    }
    if (error instanceof UnavailableException) {
      const { seconds } = error;
      const gone = seconds === null;
      if (!gone) this.#response.setHeader('Retry-After', String(Math.max(1, Math.ceil(seconds))));
      const kind = gone
        ? CONTAINER_FAULTS['servlet-gone']
        : CONTAINER_FAULTS['servlet-unavailable'];
      return new Fault(kind, 'handler', detail);
    }
    const kind = CONTAINER_FAULTS['servlet-failed'];
    if (error instanceof BodyTooLargeException) {
      return new Fault({ ...kind, blame: 'client', status: 413 }, 'request-body', detail);
    }
    if (error instanceof MalformedBodyException) {
      return new Fault({ ...kind, blame: 'client', status: 400 }, 'request-body', detail);
    }
    return new Fault(kind, 'handler', detail);
  }

  #trouble(when: string, error: unknown): void {
    this.#host.trouble(`${this.#who()}, ${when}`, error);
  }

  #told(error: unknown): string {
    return `${this.#who()}: ${stackText(error)}`;
  }

  #who(): string {
    return `application ${this.#host.name}, servlet ${this.#request.dispatch.holder.name}`;
  }

  #end(): void {
    this.#request.usedBody?.release();
    const form = this.#request.usedForm;
    if (form === null || !form.hasReceived) {
      this.#host.ended();
      return;
    }
    // Nobody waits for what the client may still be sending.
    this.#request.body.abandon(new ClientAbortException('The request is over'));
    form.discard().then(
      () => this.#host.ended(),
      (error: unknown) => {
        this.#trouble('when its uploads were to be removed', error);
        this.#host.ended();
      },
    );
  }

  onDrain(): void {
    this.#response.drained();
  }

  onAbort(fault: Fault): void {
    const request = this.#request;
    const response = this.#response;
    response.abandon();
    request.abandon(new ClientAbortException(fault.message, { cause: fault }));
  }
}

function bringsParts(request: HttpServletRequest): boolean {
  return hasEssence(request.getContentType() ?? '', 'multipart/form-data');
}

/** The name of an error's class, as `exception-type` names it. */
function typeName(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
