/** How the id of a session travels: `session-config` of an application, resolved. */
import type { SessionModel } from '../../descriptor/index.ts';
import { escapePath } from '../path/request-path.ts';

/** See the head of this file. */
export class SessionTracking {
  readonly cookieName: string;
  readonly byCookie: boolean;
  readonly byUrl: boolean;
  /** Name of the path parameter: `jsessionid`, or the name of the cookie where that was chosen. */
  readonly parameterName: string;
  readonly #model: SessionModel;
  readonly #path: string;
  readonly #root: string;
  readonly #suffix: string;

  /** `route` stands behind the ids, so that a balancer finds this instance again; null for none. */
  constructor(model: SessionModel, contextPath: string, route: string | null) {
    this.#model = model;
    this.cookieName = model.cookie.name;
    this.byCookie = model.tracking.has('COOKIE');
    this.byUrl = model.tracking.has('URL');
    this.parameterName = this.cookieName === 'JSESSIONID' ? 'jsessionid' : this.cookieName;
    // Escaped as browsers compare it: with what stands in addresses.
    this.#root = escapePath(contextPath);
    this.#path = model.cookie.path ?? (this.#root === '' ? '/' : this.#root);
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

  /**
   * An address with the id as a path parameter, if it leads to this application: to another it would give the session
   * away. `base` is the address of the request.
   */
  encode(url: string, id: string, base: string): string {
    const end = url.search(/[?#]/);
    const path = end < 0 ? url : url.slice(0, end);
    // Behind an empty path it would change the directory that the address is relative to.
    if (path === '' || path.includes(`;${this.parameterName}=`)) return url;
    const [target, own] = [URL.parse(url, base), URL.parse(base)];
    if (target === null || target.origin !== own?.origin) return url;
    const inside = target.pathname === this.#root || target.pathname.startsWith(`${this.#root}/`);
    if (!inside) return url;
    return `${path};${this.parameterName}=${id}${this.#suffix}${end < 0 ? '' : url.slice(end)}`;
  }
}
