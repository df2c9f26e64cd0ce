/** How the id of a session travels: `session-config` of an application, resolved. */
import type { SessionModel } from '../../descriptor/index.ts';

/** See the head of this file. */
export class SessionTracking {
  readonly cookieName: string;
  readonly byCookie: boolean;
  readonly byUrl: boolean;
  /** Name of the path parameter: `jsessionid`, or the name of the cookie where that was chosen. */
  readonly parameterName: string;
  readonly #model: SessionModel;
  readonly #path: string;
  readonly #suffix: string;

  /** `route` stands behind the ids, so that a balancer finds this instance again; null for none. */
  constructor(model: SessionModel, contextPath: string, route: string | null) {
    this.#model = model;
    this.cookieName = model.cookie.name;
    this.byCookie = model.tracking.has('COOKIE');
    this.byUrl = model.tracking.has('URL');
    this.parameterName = this.cookieName === 'JSESSIONID' ? 'jsessionid' : this.cookieName;
    // Escaped as browsers compare it: with what stands in addresses.
    this.#path =
      model.cookie.path ??
      (contextPath === '' ? '/' : encodeURI(contextPath).replaceAll(';', '%3B'));
    this.#suffix = route === null ? '' : `.${route}`;
  }

  /** The value of `Set-Cookie` for an id. */
  cookie(id: string, isSecure: boolean): string {
    const { domain, maxAge, secure, httpOnly, attributes } = this.#model.cookie;
    let value = `${this.cookieName}=${id}${this.#suffix}`;
    if (maxAge >= 0) value += `; Max-Age=${maxAge}`;
    if (domain !== null) value += `; Domain=${domain}`;
    value += `; Path=${this.#path}`;
    if (secure || isSecure) value += '; Secure';
    if (httpOnly) value += '; HttpOnly';
    for (const [name, attribute] of attributes) {
      value += attribute === '' ? `; ${name}` : `; ${name}=${attribute}`;
    }
    return value;
  }

  /** An address with the id as a path parameter; of another server, or not of the web, it stays as it is. */
  encode(url: string, id: string): string {
    if (/^[a-z][a-z0-9+.-]*:|^\/\/|^#/i.test(url)) return url;
    const end = url.search(/[?#]/);
    const path = end < 0 ? url : url.slice(0, end);
    const rest = end < 0 ? '' : url.slice(end);
    return `${path};${this.parameterName}=${id}${this.#suffix}${rest}`;
  }
}
