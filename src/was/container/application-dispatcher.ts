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
    const before = base.dispatch;
    if (this.#target.path !== null && base.getAttribute(FORWARD_ATTRIBUTES.requestUri) === null) {
      tell(base, FORWARD_ATTRIBUTES, before);
    }
    const dispatch = this.#shown(base, before, 'FORWARD');
    return this.#through(base, dispatch, request, response, () => baseResponse(response).suspend());
  }

  /** As `forward`, for the page of an error: it is a GET, whatever the request was (Servlet 6.1 section 10.9). */
  error(request: HttpServletRequest, response: HttpServletResponse): Work {
    const base = baseRequest(request);
    const dispatch = { ...this.#shown(base, base.dispatch, 'ERROR'), method: 'GET' };
    return this.#through(base, dispatch, request, response, () => {});
  }

  include(request: HttpServletRequest, response: HttpServletResponse): Work {
    const base = baseRequest(request);
    const sink = baseResponse(response);
    const before = base.dispatch;
    const { path, holder } = this.#target;
    // An included servlet sees the path of the request; its own is in attributes.
    const dispatch: Dispatch = {
      ...before,
      type: 'INCLUDE',
      holder,
      parameters: merged(base, before, path?.queryString ?? null),
    };
    const kept = Object.values(INCLUDE_ATTRIBUTES).map(
      (name) => [name, base.getAttribute(name)] as const,
    );
    if (path !== null) tell(base, INCLUDE_ATTRIBUTES, this.#shown(base, before, 'INCLUDE'));
    sink.beginInclude();
    return this.#through(base, dispatch, request, response, () => {
      sink.endInclude();
      for (const [name, value] of kept) base.setAttribute(name, value);
    });
  }

  #through(
    base: ContainerRequest,
    dispatch: Dispatch,
    request: HttpServletRequest,
    response: HttpServletResponse,
    done: () => void,
  ): Work {
    const before = base.enter(dispatch);
    return afterwards(
      () => base.run.invoke(this.#invoked(dispatch), request, response),
      () => {
        base.enter(before);
        done();
      },
    );
  }

  // By which path the filters are chosen: that of the target, also where the request shows another.
  #invoked(dispatch: Dispatch): Dispatch {
    const mapped = this.#target.path?.mapped ?? null;
    if (mapped === null) return { ...dispatch, mapped: null };
    return { ...dispatch, mapped, servletPath: mapped.servletPath, pathInfo: mapped.pathInfo };
  }

  #shown(base: ContainerRequest, before: Dispatch, type: DispatcherType): Dispatch {
    const { path, holder } = this.#target;
    if (path === null) return { ...before, type, holder };
    return {
      type,
      method: before.method,
      requestUri: path.requestUri,
      contextPath: path.contextPath,
      queryString: path.queryString ?? before.queryString,
      mapped: path.mapped,
      servletPath: path.mapped.servletPath,
      pathInfo: path.mapped.pathInfo,
      holder,
      parameters: merged(base, before, path.queryString),
    };
  }
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
  request: ContainerRequest,
  names: typeof FORWARD_ATTRIBUTES | typeof INCLUDE_ATTRIBUTES,
  dispatch: Dispatch,
): void {
  request.setAttribute(names.requestUri, dispatch.requestUri);
  request.setAttribute(names.contextPath, dispatch.contextPath);
  request.setAttribute(names.servletPath, dispatch.servletPath);
  request.setAttribute(names.pathInfo, dispatch.pathInfo);
  request.setAttribute(names.queryString, dispatch.queryString);
  request.setAttribute(names.mapping, new Mapping(dispatch.mapped, dispatch.holder.name));
}

/** Parameters of a dispatch's query in front of those that there were (section 9.1.1). */
function merged(
  request: ContainerRequest,
  before: Dispatch,
  query: string | null,
): ParameterTable | null {
  if (query === null) return before.parameters;
  const table = new ParameterTable();
  readForm(Buffer.from(query, 'utf8').toString('latin1'), decodeUtf8, table);
  for (const [name, values] of (before.parameters ?? request.parameters()).map()) {
    for (const value of values) table.add(name, value);
  }
  return table;
}
