import { defineFaults } from '../../base/index.ts';

/**
 * Why HTTP/1.1 input is refused. `H1_REQUEST_FAULTS` blame the client; the same finding in a response
 * of a back end is the row of `H1_RESPONSE_FAULTS`.
 */
export const H1_REQUEST_FAULTS = defineFaults({
  'h1-request-line': {
    blame: 'client',
    status: 400,
    means:
      'The request line is not method, one space, target, one space, HTTP version (RFC 9112 section 3)',
    cure: 'The client is broken, speaks TLS or another protocol to a plain port, or probes the server.',
  },
  'h1-target': {
    blame: 'client',
    status: 400,
    means:
      'The request target is none that the method may have (RFC 9112 section 3.2), or holds a fragment or a control character',
    cure: 'The client is broken or probes the server; forward proxying needs a route of its own.',
  },
  'h1-version': {
    blame: 'client',
    status: 505,
    means: 'The request names a version of HTTP other than 1.x',
    cure: 'The client has to use HTTP/1.1 or negotiate HTTP/2 by its own means.',
  },
  'h1-line-too-long': {
    blame: 'client',
    status: 414,
    means: 'The request line is longer than requestLineLimit',
    cure: 'Shorten the URL, or raise `limits.requestLineLimit`.',
  },
  'h1-field-line': {
    blame: 'client',
    status: 400,
    means:
      'A header line is not name, colon, value: no colon, white space before it, an empty name or a byte that no name has',
    cure: 'The client is broken or tries to smuggle a request.',
  },
  'h1-field-value': {
    blame: 'client',
    status: 400,
    means: 'A header value contains NUL, a bare CR or another control character',
    cure: 'The client is broken or tries to split a header.',
  },
  'h1-obs-fold': {
    blame: 'client',
    status: 400,
    means: 'A header value continues on a second line, which RFC 9112 section 5.2 withdrew',
    cure: 'The client has to send each header on one line.',
  },
  'h1-bare-lf': {
    blame: 'client',
    status: 400,
    means: 'A line ends with LF alone instead of CR LF',
    cure: 'Mend the client; where that is impossible, set `lenientLineEnds` on the address in `listen`.',
  },
  'h1-head-too-large': {
    blame: 'client',
    status: 431,
    means: 'The header section has more bytes than headLimit allows',
    cure: 'Look for a growing cookie; raise `limits.headLimit` if it is legitimate.',
  },
  'h1-too-many-fields': {
    blame: 'client',
    status: 431,
    means: 'The header section has more fields than headerCount allows',
    cure: 'Raise `limits.headerCount` if it is legitimate.',
  },
  'h1-host': {
    blame: 'client',
    status: 400,
    means:
      'Host is missing, comes twice, is not a host and port, or differs from the host in the target',
    cure: 'The client has to send exactly one valid Host.',
  },
  'h1-content-length': {
    blame: 'client',
    status: 400,
    means: 'Content-Length is not one plain decimal number, or comes more than once',
    cure: 'The client is broken or tries to smuggle a request.',
  },
  'h1-content-length-too-large': {
    blame: 'client',
    status: 413,
    means: 'Content-Length is a number that no body of ours can have (above 2^53 - 1)',
    cure: 'The client is broken or probes the server.',
  },
  'h1-transfer-encoding': {
    blame: 'client',
    status: 400,
    means:
      'Transfer-Encoding is anything but exactly one "chunked", stands beside Content-Length, or comes in HTTP/1.0',
    cure: 'The client is broken or tries to smuggle a request.',
  },
  'h1-transfer-coding-unknown': {
    blame: 'client',
    status: 501,
    means: 'The body has a transfer coding in front of chunked that is not implemented',
    cure: 'The client has to send the body with chunked alone.',
  },
  'h1-expectation': {
    blame: 'client',
    status: 417,
    means: 'Expect asks for something other than 100-continue',
    cure: 'The client has to leave the expectation out.',
  },
  'h1-connect': {
    blame: 'client',
    status: 400,
    means: 'A CONNECT announces a body, which it cannot have',
    cure: 'The client is broken or tries to smuggle a request.',
  },
  'h1-chunk': {
    blame: 'client',
    level: 'error',
    status: 400,
    means: 'The chunked framing of the body is broken: chunk size, extension or line end',
    cure: 'The client is broken or tries to smuggle a request.',
  },
  'h1-chunk-too-large': {
    blame: 'client',
    level: 'error',
    status: 413,
    means: 'A chunk size or the sum of chunk sizes is above 2^53 - 1',
    cure: 'The client is broken or probes the server.',
  },
  'h1-chunk-extension': {
    blame: 'client',
    status: 400,
    means: 'The chunk extensions of one body are longer than 4 KiB together',
    cure: "The client wastes the server's time; nothing known needs them.",
  },
  'h1-body-cut': {
    blame: 'client',
    status: 400,
    means: 'The client ended the connection in the middle of the request',
    cure: "Nothing, unless it is frequent: then look at the network or the client's time-outs.",
  },
  'h1-head-timeout': {
    blame: 'client',
    status: 408,
    means: 'The request head was not complete within headTimeout',
    cure: 'Slow clients or a slowloris attack; raise `limits.headTimeout` only for the former.',
  },
  'h1-body-timeout': {
    blame: 'client',
    status: 408,
    means: 'The client sent no byte of the body for bodyTimeout, or fewer than the minimum rate',
    cure: 'Slow clients or a slow attack; raise `limits.bodyTimeout` or lower `limits.bodyMinRate` only for the former.',
  },
  'h1-send-timeout': {
    blame: 'client',
    status: 408,
    means:
      'The client took no byte of the response for sendTimeout, or fewer than the minimum rate',
    cure: 'A stalled client or a slow-read attack; raise `limits.sendTimeout` or lower `limits.sendMinRate` only for the former.',
  },
});

/** Why an HTTP/1.1 response of a back end is refused; the client gets 502. */
export const H1_RESPONSE_FAULTS = defineFaults({
  'h1-response-head': {
    blame: 'upstream',
    status: 502,
    means:
      "The head of the back end's response is not HTTP/1.x: status line, header line, value or line end",
    cure: 'Mend the back end, or check that the port speaks HTTP.',
  },
  'h1-response-too-large': {
    blame: 'upstream',
    status: 502,
    means: "The head of the back end's response has more than 32 KiB, or more than 200 fields",
    cure: 'Look for a growing Set-Cookie, and let the back end send less: no option raises these limits.',
  },
  'h1-response-framing': {
    blame: 'upstream',
    status: 502,
    means:
      "The back end's response has no clear length: two or malformed Content-Length, or a Transfer-Encoding other than chunked",
    cure: "Mend the back end; passing such a response on would let it answer somebody else's request.",
  },
  'h1-response-chunk': {
    blame: 'upstream',
    status: 502,
    means: "The chunked framing of the back end's response is broken",
    cure: 'Mend the back end.',
  },
});
