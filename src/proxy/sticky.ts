import {
  equalsIgnoreCaseAscii,
  FIELD,
  type Fields,
  findCookie,
  lowerAscii,
} from '../http/message/index.ts';

/**
 * The name of the server that a session lives on: what stands behind the last dot of the session id
 * (Tomcat `jvmRoute`, mod_jk, httpd `stickysession`), in the path (`;jsessionid=…`) or in the cookie.
 * The path counts first, as in httpd: it is of this very request, the cookie may be of another session.
 * Null where there is none.
 */
export function stickyRoute(cookie: string, path: string, fields: Fields): string | null {
  const route = routeOf(pathParameter(path, lowerAscii(cookie)));
  if (route !== null) return route;
  for (let at = fields.indexOf(FIELD.cookie); at >= 0; at = fields.indexOf(FIELD.cookie, at + 1)) {
    const value = findCookie(fields.valueAt(at), cookie);
    if (value !== null) return routeOf(value);
  }
  return null;
}

function routeOf(id: string | null): string | null {
  if (id === null) return null;
  const quoted = id.length > 1 && id.startsWith('"') && id.endsWith('"');
  const bare = quoted ? id.slice(1, -1) : id;
  const dot = bare.lastIndexOf('.');
  return dot < 0 || dot === bare.length - 1 ? null : bare.slice(dot + 1);
}

// The value of `;name=` in a path, up to the next parameter or segment.
function pathParameter(path: string, name: string): string | null {
  for (let at = path.indexOf(';'); at >= 0; at = path.indexOf(';', at + 1)) {
    const equals = at + 1 + name.length;
    if (path.charAt(equals) !== '=') continue;
    if (!equalsIgnoreCaseAscii(path.slice(at + 1, equals), name)) continue;
    let end = equals + 1;
    while (end < path.length && path.charAt(end) !== ';' && path.charAt(end) !== '/') end++;
    return path.slice(equals + 1, end);
  }
  return null;
}
