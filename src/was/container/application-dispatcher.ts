/** Forward and include within one application (Jakarta Servlet section 9). */
import {
  FORWARD_ATTRIBUTES,
  HttpServletRequestWrapper,
  HttpServletResponseWrapper,
  IllegalStateException,
  INCLUDE_ATTRIBUTES,
  type DispatcherType,
  type HttpServletRequest,
  type HttpServletResponse,
  type RequestDispatcher,
  ServletException,
  type Work,
} from '../api/index.ts';
import { decodeUtf8 } from './form/charset-decoder.ts';
import { type Dispatch, Mapping } from './dispatch.ts';
import { ParameterTable, readForm } from './form/form-parameters.ts';
import { ContainerRequest } from './request/request.ts';
import { ContainerResponse } from './response/response.ts';
import type { ServletHolder } from './servlet-holder.ts';
import type { Mapped } from './path/servlet-mapper.ts';
import { afterwards } from './work.ts';

/** Forwards and includes in one another; Tomcat has the same. */
const MOST_DISPATCHES = 50;

/** Where a dispatcher leads to. */
export interface DispatchTarget {
  readonly holder: ServletHolder;
  /** Null for a servlet by its name. */
  readonly path: {
    readonly mapped: Mapped<ServletHolder>;
    readonly requestUri: string;
    readonly contextPath: string;
    readonly queryString: string | null;
  } | null;
}

/** See the head of this file. */
export class ApplicationDispatcher implements RequestDispatcher {
  readonly #target: DispatchTarget;

  constructor(target: DispatchTarget) {
    this.#target = target;
  }

  forward(request: HttpServletRequest, response: HttpServletResponse): Work {
    const base = baseRequest(request);
    if (response.isCommitted()) {
      throw new IllegalStateException('A forward behind the commit of the response');
    }
    response.resetBuffer();
    const dispatch = this.#shown(base, 'FORWARD');
    // The answer is the target's, and nobody may add to it (section 9.4); where that failed there is none.
    return this.#through(base, dispatch, request, response, (isDone) => {
      if (isDone) baseResponse(response).suspend();
    });
  }

  /** As `forward`, for the page of an error: it is a GET, whatever the request was (Servlet 6.1 section 10.9). */
  error(request: HttpServletRequest, response: HttpServletResponse): Work {
    const base = baseRequest(request);
    const dispatch = { ...this.#shown(base, 'ERROR'), method: 'GET' };
    return this.#through(base, dispatch, request, response, () => {});
  }

  include(request: HttpServletRequest, response: HttpServletResponse): Work {
    const base = baseRequest(request);
    const sink = baseResponse(response);
    const before = base.dispatch;
    const { path, holder } = this.#target;
    const attributes = forwardAttributes(before);
    if (path !== null) {
      const { mapped, ...own } = path;
      tell(attributes, INCLUDE_ATTRIBUTES, { ...own, ...mapped, mapped, holder });
    }
    // An included servlet sees the path of the request; its own is in attributes.
    const dispatch: Dispatch = {
      ...before,
      type: 'INCLUDE',
      depth: deeper(before),
      holder,
      attributes,
      parameters: merged(base, path?.queryString ?? null),
    };
    sink.beginInclude();
    return this.#through(base, dispatch, request, response, () => sink.endInclude());
  }

  #through(
    base: ContainerRequest,
    dispatch: Dispatch,
    request: HttpServletRequest,
    response: HttpServletResponse,
    end: (isDone: boolean) => void,
  ): Work {
    const before = base.enter(dispatch);
    // The request must not be over before what follows the target was done.
    base.run.hold();
    return afterwards(
      () => base.run.invoke(this.#invoked(dispatch), request, response),
      (isDone) => {
        base.enter(before);
        end(isDone);
        base.run.release();
      },
    );
  }

  // By which path the filters are chosen: that of the target, also where the request shows another.
  #invoked(dispatch: Dispatch): Dispatch {
    const mapped = this.#target.path?.mapped ?? null;
    if (mapped === null) return { ...dispatch, mapped: null };
    return { ...dispatch, mapped, servletPath: mapped.servletPath, pathInfo: mapped.pathInfo };
  }

  // What a target sees that takes the place of the servlet before it.
  #shown(base: ContainerRequest, type: DispatcherType): Dispatch {
    const before = base.dispatch;
    const { path, holder } = this.#target;
    const attributes = forwardAttributes(before);
    const depth = deeper(before);
    if (path === null) return { ...before, type, depth, holder, attributes };
    // They tell of what the client has asked for, however often it is handed on.
    if (attributes.size === 0) tell(attributes, FORWARD_ATTRIBUTES, before);
    return {
      type,
      depth,
      method: before.method,
      requestUri: path.requestUri,
      contextPath: path.contextPath,
      queryString: path.queryString ?? before.queryString,
      mapped: path.mapped,
      servletPath: path.mapped.servletPath,
      pathInfo: path.mapped.pathInfo,
      holder,
      attributes,
      parameters: merged(base, path.queryString),
    };
  }
}

/** Throws where servlets hand a request to each other in a circle. */
function deeper({ depth }: Dispatch): number {
  if (depth < MOST_DISPATCHES) return depth + 1;
  throw new ServletException(`More than ${MOST_DISPATCHES} forwards and includes in one another`);
}

/** What a dispatch tells of forwards, without what it tells of includes: those are over for what follows. */
function forwardAttributes({ attributes }: Dispatch): Map<string, unknown> {
  const names: readonly string[] = Object.values(FORWARD_ATTRIBUTES);
  return new Map([...(attributes ?? [])].filter(([name]) => names.includes(name)));
}

/** The request of the container behind the wrappers of filters. */
function baseRequest(request: HttpServletRequest): ContainerRequest {
  let base = request;
  while (base instanceof HttpServletRequestWrapper) base = base.getRequest();
  if (base instanceof ContainerRequest) return base;
  throw new TypeError(
    'A dispatcher wants the request that the servlet was given, or a wrapper of it',
  );
}

function baseResponse(response: HttpServletResponse): ContainerResponse {
  let base = response;
  while (base instanceof HttpServletResponseWrapper) base = base.getResponse();
  if (base instanceof ContainerResponse) return base;
  throw new TypeError(
    'A dispatcher wants the response that the servlet was given, or a wrapper of it',
  );
}

function tell(
  attributes: Map<string, unknown>,
  names: typeof FORWARD_ATTRIBUTES | typeof INCLUDE_ATTRIBUTES,
  shown: Pick<
    Dispatch,
    'requestUri' | 'contextPath' | 'servletPath' | 'pathInfo' | 'queryString' | 'mapped' | 'holder'
  >,
): void {
  const { mapped, holder } = shown;
  attributes.set(names.requestUri, shown.requestUri);
  attributes.set(names.contextPath, shown.contextPath);
  attributes.set(names.servletPath, shown.servletPath);
  attributes.set(names.mapping, new Mapping(mapped, mapped?.target.name ?? holder.name));
  if (shown.pathInfo !== null) attributes.set(names.pathInfo, shown.pathInfo);
  if (shown.queryString !== null) attributes.set(names.queryString, shown.queryString);
}

/** Parameters of a dispatch's query in front of those that there were (section 9.1.1). */
function merged(request: ContainerRequest, query: string | null): ParameterTable | null {
  const before = request.dispatch.parameters;
  if (query === null) return before;
  const table = new ParameterTable();
  readForm(Buffer.from(query, 'utf8').toString('latin1'), decodeUtf8, table);
  for (const [name, values] of (before ?? request.parameters()).map()) {
    for (const value of values) table.add(name, value);
  }
  return table;
}
