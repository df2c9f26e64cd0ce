import type { Fields } from './fields.ts';
import type { Host } from './host.ts';

/** The length of a body whose end only its framing tells. */
export const UNKNOWN_LENGTH = -1;

/** What a request says before its body, the same for every protocol that carried it. */
export interface RequestHead {
  /** The method as sent; methods are case-sensitive (RFC 9110 section 9.1). Empty where the request line could not be read. */
  readonly method: string;
  /** The request target exactly as sent: `/a%20b?c`, `http://host/a`, `host:443` or `*` (RFC 9112 section 3.2). Where the request line could not be read, what came of it. */
  readonly target: string;
  /** The path of the target as sent, neither decoded nor normalised; `/` where an absolute target has none, `*` for the asterisk form, empty for CONNECT. */
  readonly path: string;
  /** What follows the first `?` of the target, as sent; null where there is none. */
  readonly query: string | null;
  /** Major × 10 + minor: 10, 11 or 20. */
  readonly version: number;
  /** Host and port that the request is for: from an absolute target, the CONNECT target or `Host`; null where it names none (HTTP/1.0, an empty `Host`). */
  readonly host: Host | null;
  /** The same as text, in the spelling that the client sent; empty for none. */
  readonly authority: string;
  /** The header section as it came, hop-by-hop fields included. */
  readonly fields: Fields;
  /** Bytes of the body: 0 for none, `UNKNOWN_LENGTH` where the framing tells the end. */
  readonly contentLength: number;
  /** Whether the client waits for `100 Continue` before it sends the body (RFC 9110 section 10.1.1). */
  readonly expectsContinue: boolean;
  /** The protocol that the client offers to switch to, lower-case (`websocket`), `connect` for a CONNECT, else null. */
  readonly upgrade: string | null;
}

/** Where a request came from and where it arrived. One object a connection. */
export interface ConnectionFacts {
  /** Counts up within a process; for logs. */
  readonly id: number;
  /** The peer's address as text, `unix:` for a unix socket. */
  readonly remoteAddress: string;
  /** The peer's port, 0 where there is none. */
  readonly remotePort: number;
  /** The address that the peer connected to, or the path of the unix socket. */
  readonly localAddress: string;
  /** The port that the peer connected to, 0 where there is none. */
  readonly localPort: number;
  /** Whether the bytes were protected by TLS on their way to us. */
  readonly secure: boolean;
  /** Requests that this connection has carried so far, the current one included. */
  requests: number;
  /** Whether the peer has sent its last byte: it may have left, or wait for its answer. */
  peerEnded: boolean;
}
