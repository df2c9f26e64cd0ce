/**
 * Answers for the files of an application, where no servlet of its own does, as the DefaultServlet of Tomcat 10.1
 * does without parameters. It differs where Tomcat is less safe or departs from RFC 9110:
 * `test/interop/default-servlet.e2e.test.ts` has the list.
 */
import type { Clock } from '../../../base/index.ts';
import {
  type ByteRange,
  contentRange,
  evaluatePreconditions,
  multipartRangeBoundary,
  type PreconditionOutcome,
  parseRange,
  rangeApplies,
  unsatisfiedContentRange,
  type Validators,
} from '../../../http/message/index.ts';
import {
  ERROR_ATTRIBUTES,
  HttpServlet,
  type HttpServletRequest,
  type HttpServletResponse,
  IllegalStateException,
  INCLUDE_ATTRIBUTES,
  type Work,
} from '../../api/index.ts';
import { type BodySink, bodySink } from './body-sink.ts';
import {
  AT_ONCE,
  type BodyPiece,
  lengthOf,
  multipartPieces,
  readPieces,
  sendPieces,
} from './file-body.ts';
import { isHidden, isPageSource } from './hidden-path.ts';
import { openResource, type OpenResource } from './open-resource.ts';
import type { Resource, Resources } from './resources.ts';

/** A servlet included a file that is not there (Jakarta Servlet section 9.3); answered with 500 where nobody catches it. */
export class FileNotFoundException extends Error {
  override name = 'FileNotFoundException';
}

/** Where the files are, what they are called on the wire, and what time it is. */
export interface DefaultServletParts {
  readonly resources: Resources;
  /** The media type for a file name, null for an unknown one. */
  readonly mediaType: (name: string) => string | null;
  readonly clock: Clock;
  /** From 0 up to but not including 1, for boundaries; `Math.random` unless given. */
  readonly random?: () => number;
}

// Browsers look into what has no type at all, and may take it for a page with scripts; Tomcat sends none.
const UNKNOWN_TYPE = 'application/octet-stream';

/** See the head of this file. */
export class DefaultServlet extends HttpServlet {
  readonly #resources: Resources;
  readonly #mediaType: (name: string) => string | null;
  readonly #clock: Clock;
  readonly #random: () => number;

  constructor({ resources, mediaType, clock, random = Math.random }: DefaultServletParts) {
    super();
    this.#resources = resources;
    this.#mediaType = mediaType;
    this.#clock = clock;
    this.#random = random;
  }

  override service(request: HttpServletRequest, response: HttpServletResponse): Work {
    const dispatcher = request.getDispatcherType();
    if (dispatcher === 'REQUEST') {
      if (!isHidden(pathOf(request))) return super.service(request, response);
      response.sendError(404);
      return;
    }
    // What a servlet has done for a POST a file may tell; parts of pages and pages of errors go with any method.
    const reads = dispatcher !== 'FORWARD' || request.getMethod() === 'POST';
    return reads ? this.doGet(request, response) : super.service(request, response);
  }

  override doGet(request: HttpServletRequest, response: HttpServletResponse): Work {
    const path = pathOf(request);
    const dispatcher = request.getDispatcherType();
    // The root of an application, asked for without its slash.
    const found = this.#find(path === '' ? '/' : path);
    if (found?.kind === 'file') return this.#serve(request, response, found);
    const isDirectory = found !== null && !path.endsWith('/');
    if (isDirectory && (dispatcher === 'REQUEST' || dispatcher === 'FORWARD')) {
      response.sendRedirect(response.encodeRedirectURL(directoryAddress(request)));
    } else refuse(request, response);
  }

  #find(path: string): Resource | null {
    return isPageSource(path) ? null : this.#resources.find(path);
  }

  #serve(request: HttpServletRequest, response: HttpServletResponse, found: Resource): Work {
    const isAsked = isAskedFor(request, response);
    if (isAsked) {
      const outcome = this.#outcome(request, found);
      if (outcome === 'precondition-failed') {
        response.sendError(412);
        return;
      }
      if (outcome === 'not-modified') {
        response.setStatus(304);
        response.setHeader('ETag', found.etag);
        return;
      }
    }
    const file = openResource(found);
    if (file === null) {
      // It was there a moment ago: the reader has no right to it.
      refuse(request, response, this.#find(found.path) === null ? 404 : 403);
      return;
    }
    let work: Work;
    try {
      work = this.#send(request, response, file, isAsked);
    } catch (error) {
      file.close();
      throw error;
    }
    if (work !== undefined) return work.finally(() => file.close());
    file.close();
  }

  #outcome(request: HttpServletRequest, found: Resource): PreconditionOutcome {
    const fields = {
      ifMatch: joined(request, 'If-Match'),
      ifUnmodifiedSince: request.getHeader('If-Unmodified-Since'),
      ifNoneMatch: joined(request, 'If-None-Match'),
      ifModifiedSince: request.getHeader('If-Modified-Since'),
    };
    return evaluatePreconditions(request.getMethod(), fields, validators(found), this.#now());
  }

  #send(
    request: HttpServletRequest,
    response: HttpServletResponse,
    file: OpenResource,
    isAsked: boolean,
  ): Work {
    const { resource } = file;
    const isIncluded = request.getDispatcherType() === 'INCLUDE';
    const isError = request.getDispatcherType() === 'ERROR';
    if (!isIncluded && !isError) response.setHeader('Accept-Ranges', 'bytes');
    // RFC 9110 section 14.2 defines ranges for GET alone; Tomcat 10.1.60 sticks to it.
    const ranges = isAsked && request.getMethod() === 'GET' ? this.#ranges(request, resource) : [];
    if (ranges === null) {
      response.setHeader('Content-Range', unsatisfiedContentRange(resource.size));
      response.sendError(416);
      return;
    }
    if (!isIncluded && !isError) {
      response.setHeader('ETag', resource.etag);
      response.setDateHeader('Last-Modified', resource.modified);
    }
    const type = this.#mediaType(resource.path.slice(resource.path.lastIndexOf('/') + 1));
    const hasBody = hasWritten(response);
    if (!isIncluded && response.getContentType() === null) {
      response.setContentType(type ?? UNKNOWN_TYPE);
    }
    const sink = bodySink(response, type, isIncluded);
    const isExact = sink.isRaw && !hasBody;
    const pieces = isExact
      ? this.#partial(response, ranges, resource)
      : [{ text: '', start: 0, end: resource.size }];
    if (isExact && !isIncluded) response.setContentLength(lengthOf(pieces));
    // An including servlet may measure what it includes.
    if (request.getMethod() === 'HEAD' && !isIncluded) return;
    return sendBody(file, pieces, sink);
  }

  /** The ranges to send; none for all of the file, null where there is nothing to send in the ones asked for. */
  #ranges(request: HttpServletRequest, resource: Resource): readonly ByteRange[] | null {
    const asked = request.getHeader('Range');
    // Tomcat takes a range of nothing for no range, so an empty file is never 416.
    if (asked === null || resource.size === 0) return [];
    if (!rangeApplies(request.getHeader('If-Range'), validators(resource), this.#now())) return [];
    const selected = parseRange(asked, resource.size);
    if (selected === 'none') return [];
    return selected === 'unsatisfiable' ? null : selected;
  }

  /** Makes the head that of a 206 where there are ranges. */
  #partial(
    response: HttpServletResponse,
    ranges: readonly ByteRange[],
    { size }: Resource,
  ): readonly BodyPiece[] {
    const [only] = ranges;
    if (only === undefined) return [{ text: '', start: 0, end: size }];
    response.setStatus(206);
    if (ranges.length === 1) {
      response.setHeader('Content-Range', contentRange(only, size));
      return [{ text: '', ...only }];
    }
    const boundary = multipartRangeBoundary(this.#random);
    const type = response.getContentType() ?? UNKNOWN_TYPE;
    response.setContentType(`multipart/byteranges; boundary=${boundary}`);
    return multipartPieces(boundary, type, ranges, size);
  }

  #now(): number {
    return Math.floor(this.#clock.wall() / 1000);
  }
}

/** The path in the application that is to be answered for. */
function pathOf(request: HttpServletRequest): string {
  if (request.getDispatcherType() === 'INCLUDE') {
    const servletPath = request.getAttribute(INCLUDE_ATTRIBUTES.servletPath);
    const pathInfo = request.getAttribute(INCLUDE_ATTRIBUTES.pathInfo);
    // A servlet that is included by its name answers for the path of the request.
    if (typeof servletPath === 'string') {
      return servletPath + (typeof pathInfo === 'string' ? pathInfo : '');
    }
  }
  return request.getServletPath() + (request.getPathInfo() ?? '');
}

/** Where a directory without its slash is; path parameters stay with the last name, as in Tomcat. */
function directoryAddress(request: HttpServletRequest): string {
  const query = request.getQueryString();
  // Two slashes at the start would name another host.
  const path = `${request.getRequestURI()}/`.replace(/^[/\\]+/, '/');
  return query === null ? path : `${path}?${query}`;
}

/** Whether the answer is this very file, so that conditions and ranges are about it (RFC 9110 section 13.2.1). */
function isAskedFor(request: HttpServletRequest, response: HttpServletResponse): boolean {
  const method = request.getMethod();
  const dispatcher = request.getDispatcherType();
  return (
    (dispatcher === 'REQUEST' || dispatcher === 'FORWARD') &&
    (method === 'GET' || method === 'HEAD') &&
    response.getStatus() === 200 &&
    !hasWritten(response)
  );
}

/** Whether a filter or a servlet has written already, so that the file is not all of the body. */
function hasWritten(response: HttpServletResponse): boolean {
  try {
    response.setBufferSize(response.getBufferSize());
    return false;
  } catch (error) {
    if (error instanceof IllegalStateException) return true;
    throw error;
  }
}

/** Says that there is nothing: to the client, or to the servlet that wanted to include it. */
function refuse(request: HttpServletRequest, response: HttpServletResponse, status = 404): void {
  const dispatcher = request.getDispatcherType();
  if (dispatcher === 'INCLUDE') {
    throw new FileNotFoundException(`There is no file to include at ${pathOf(request)}`);
  }
  // Without the page for it, an error stays the error that it is.
  const first = dispatcher === 'ERROR' ? request.getAttribute(ERROR_ATTRIBUTES.statusCode) : null;
  response.sendError(typeof first === 'number' ? first : status);
}

function sendBody(file: OpenResource, pieces: readonly BodyPiece[], sink: BodySink): Work {
  if (lengthOf(pieces) > AT_ONCE) return sendPieces(file, pieces, sink);
  sink.write(readPieces(file, pieces));
  sink.end();
}

function validators({ etag, modified }: Resource): Validators {
  return { etag, lastModified: Math.floor(modified / 1000) };
}

/** A field that is a list, in one; null for none. */
function joined(request: HttpServletRequest, name: string): string | null {
  const values = request.getHeaders(name);
  return values.length === 0 ? null : values.join(', ');
}
