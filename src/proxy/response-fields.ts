import { FIELD, type Fields } from '../http/message/index.ts';
import { droppedFields, passOn } from './hop-by-hop.ts';

const NOT_FOR_CLIENTS = droppedFields(
  FIELD.contentLength,
  FIELD.server,
  FIELD.date,
  FIELD.xAccelBuffering,
  FIELD.xAccelCharset,
  FIELD.xAccelExpires,
  FIELD.xAccelLimitRate,
  FIELD.xAccelRedirect,
  FIELD.xPad,
);

/**
 * Takes out of a server's response what is not for the client: hop-by-hop fields and framing, `Server` and
 * `Date`, which are ours to say, and what servers say to nginx (`X-Accel-*`, `X-Pad`; nginx:
 * `proxy_hide_header`).
 */
export function hideFields(fields: Fields): Fields {
  passOn(fields, NOT_FOR_CLIENTS);
  return fields;
}

/** Trailers that may be passed on: what has a meaning for framing, routing or security is left out (RFC 9110 section 6.5.1). */
export function passedTrailers(trailers: Fields | null): Fields | null {
  if (trailers === null) return null;
  passOn(trailers, NEVER_TRAILERS);
  return trailers.size === 0 ? null : trailers;
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
