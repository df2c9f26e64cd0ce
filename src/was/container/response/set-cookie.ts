import type { Cookie } from '../../api/index.ts';

/** The value of the `Set-Cookie` field for a cookie (RFC 6265 section 4.1.1). */
export function setCookieValue(cookie: Cookie): string {
  let value = `${cookie.getName()}=${cookie.getValue()}`;
  for (const [name, attribute] of cookie.getAttributes()) {
    value += attribute === '' ? `; ${name}` : `; ${name}=${attribute}`;
  }
  return value;
}
