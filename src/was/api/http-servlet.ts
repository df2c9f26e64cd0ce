import type { HttpServletRequest } from './http-servlet-request.ts';
import type { HttpServletResponse } from './http-servlet-response.ts';
import { GenericServlet } from './servlet.ts';
import type { Work } from './work.ts';

/**
 * The servlet that applications extend: one method for each method of HTTP. What a subclass does not
 * override is answered with 405 and the methods that it does (Jakarta Servlet section 2.1.1).
 */
export class HttpServlet extends GenericServlet {
  /** Calls the method for the method of the request; HEAD is GET, of which the container sends no body. */
  override service(request: HttpServletRequest, response: HttpServletResponse): Work {
    switch (request.getMethod()) {
      case 'GET':
        return this.#get(request, response);
      case 'HEAD':
        return this.doHead(request, response);
      case 'POST':
        return this.doPost(request, response);
      case 'PUT':
        return this.doPut(request, response);
      case 'DELETE':
        return this.doDelete(request, response);
      case 'PATCH':
        return this.doPatch(request, response);
      case 'OPTIONS':
        return this.doOptions(request, response);
      default:
        return this.#refuse(response, 501);
    }
  }

  /** GET, and HEAD where `doHead` is not overridden. */
  doGet(_request: HttpServletRequest, response: HttpServletResponse): Work {
    return this.#refuse(response, 405);
  }

  doHead(request: HttpServletRequest, response: HttpServletResponse): Work {
    return this.#get(request, response);
  }

  doPost(_request: HttpServletRequest, response: HttpServletResponse): Work {
    return this.#refuse(response, 405);
  }

  doPut(_request: HttpServletRequest, response: HttpServletResponse): Work {
    return this.#refuse(response, 405);
  }

  doDelete(_request: HttpServletRequest, response: HttpServletResponse): Work {
    return this.#refuse(response, 405);
  }

  doPatch(_request: HttpServletRequest, response: HttpServletResponse): Work {
    return this.#refuse(response, 405);
  }

  /** Says in `Allow` which methods the servlet has (RFC 9110 section 9.3.7). */
  doOptions(_request: HttpServletRequest, response: HttpServletResponse): Work {
    response.setHeader('Allow', this.#allowed());
  }

  /**
   * When what a GET would answer was last changed, in milliseconds since 1970, or -1 if that is not
   * known. Where it is, `Last-Modified` is sent, and 304 to who has it already.
   */
  getLastModified(_request: HttpServletRequest): number {
    return -1;
  }

  #get(request: HttpServletRequest, response: HttpServletResponse): Work {
    const modified = this.getLastModified(request);
    if (modified >= 0) {
      // Dates of HTTP have whole seconds.
      const since = dateOf(request);
      if (since >= Math.floor(modified / 1000) * 1000) {
        response.setStatus(304);
        return;
      }
      if (!response.containsHeader('Last-Modified')) {
        response.setDateHeader('Last-Modified', modified);
      }
    }
    return this.doGet(request, response);
  }

  #refuse(response: HttpServletResponse, status: number): void {
    if (status === 405) response.setHeader('Allow', this.#allowed());
    response.sendError(status);
  }

  #allowed(): string {
    const base = HttpServlet.prototype;
    const methods: string[] = [];
    if (this.doGet !== base.doGet) methods.push('GET', 'HEAD');
    else if (this.doHead !== base.doHead) methods.push('HEAD');
    if (this.doPost !== base.doPost) methods.push('POST');
    if (this.doPut !== base.doPut) methods.push('PUT');
    if (this.doDelete !== base.doDelete) methods.push('DELETE');
    if (this.doPatch !== base.doPatch) methods.push('PATCH');
    methods.push('OPTIONS');
    return methods.join(', ');
  }
}

/** When the client got what it has, in milliseconds since 1970; -1 for never, and for what is no date (RFC 9110 section 13.1.3). */
function dateOf(request: HttpServletRequest): number {
  try {
    return request.getDateHeader('If-Modified-Since');
  } catch (error) {
    if (error instanceof RangeError) return -1;
    throw error;
  }
}
