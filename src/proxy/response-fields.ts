import {
  equalsIgnoreCaseAscii,
  FIELD,
  type Fields,
  matchesAtIgnoreCaseAscii,
  UNKNOWN_FIELD,
} from '../http/message/index.ts';
import { droppedFields, passedOn } from './hop-by-hop.ts';

const NOT_FOR_CLIENTS = droppedFields(
  FIELD.contentLength,
  FIELD.server,
  FIELD.date,
  FIELD.xAccelRedirect,
);

/**
 * The fields of a server's response without those that are not for the client: hop-by-hop fields and
 * framing, `Server` and `Date`, which are ours to say, and what servers say to nginx
 * (`X-Accel-*`, `X-Pad`). The result is a copy of its own.
 */
export function responseFields(fields: Fields): Fields {
  const passed = passedOn(fields, NOT_FOR_CLIENTS);
  for (let at = passed.indexOf(UNKNOWN_FIELD); at >= 0; at = passed.indexOf(UNKNOWN_FIELD, at)) {
    const name = passed.nameAt(at);
    if (matchesAtIgnoreCaseAscii(name, 0, 'x-accel-') || equalsIgnoreCaseAscii(name, 'x-pad')) {
      passed.remove(name);
    } else at++;
  }
  return passed;
}

/** Trailers that may be passed on: what has a meaning for framing, routing or security is left out (RFC 9110 section 6.5.1). */
export function passedTrailers(trailers: Fields | null): Fields | null {
  if (trailers === null) return null;
  const passed = passedOn(trailers, NEVER_TRAILERS);
  return passed.size === 0 ? null : passed;
}

const NEVER_TRAILERS = droppedFields(
  FIELD.authorization,
  FIELD.cacheControl,
  FIELD.contentEncoding,
  FIELD.contentLength,
  FIELD.contentRange,
  FIELD.contentType,
  FIELD.cookie,
  FIELD.expect,
  FIELD.forwarded,
  FIELD.host,
  FIELD.location,
  FIELD.maxForwards,
  FIELD.proxyAuthenticate,
  FIELD.proxyAuthorization,
  FIELD.range,
  FIELD.setCookie,
  FIELD.wwwAuthenticate,
  FIELD.xForwardedFor,
  FIELD.xForwardedHost,
  FIELD.xForwardedPort,
  FIELD.xForwardedProto,
  FIELD.xRealIp,
);
