/**
 * Who may ask. A page in the operator's browser can send requests to loopback addresses, too: by cross-site requests,
 * and, once its own name leads to 127.0.0.1 (DNS rebinding), as if they were of the same site. The name in `Host` gives
 * the second away, `Origin` and `Sec-Fetch-Site` the first; other users of the machine are kept out by the token.
 */
import { type Exchange, FIELD, type Host, parseHost } from '../http/message/index.ts';
import { type AdminAnswer, textAnswer } from './answer.ts';
import { BearerToken } from './bearer-token.ts';

/** How the administration is reached, and by whom. */
export type AdminAccess =
  /** A unix socket: the rights of its file decide. */
  | { readonly kind: 'unix' }
  | {
      readonly kind: 'tcp';
      /** Names and addresses, each with its port, that lead here: `127.0.0.1:9000`, `[::1]:9000`, `localhost:9000`. */
      readonly hosts: readonly string[];
      /** What clients say in `Authorization: Bearer …`; not empty. */
      readonly token: string;
    };

/** A request that may not pass. */
export interface Denial {
  /** For the audit, in a few words without anything that the client sent. */
  readonly why: string;
  readonly answer: AdminAnswer;
}

/** Decides for one listener which requests pass; keeps no token, only its digest. */
export class Gate {
  readonly #hosts: readonly Host[] | null;
  readonly #token: BearerToken | null;

  /** @throws TypeError for a token that is empty or could not be sent, or a host that is none. */
  constructor(access: AdminAccess) {
    const isTcp = access.kind === 'tcp';
    this.#hosts = isTcp ? access.hosts.map(ownHost) : null;
    this.#token = isTcp ? new BearerToken(access.token) : null;
  }

  /** Why a request is refused, or null; `open` ones need no token. */
  deny(exchange: Exchange, open: boolean): Denial | null {
    return (
      this.#denyHost(exchange) ?? denySite(exchange) ?? (open ? null : this.#denyToken(exchange))
    );
  }

  #denyHost({ request, connection }: Exchange): Denial | null {
    if (this.#hosts === null) return null;
    const { host } = request;
    const port = host === null || host.port !== -1 ? host?.port : connection.secure ? 443 : 80;
    if (this.#hosts.some((own) => own.name === host?.name && own.port === port)) return null;
    return {
      why: 'its Host is none of this listener',
      answer: textAnswer(
        421,
        'This server does not go by that name here: use the address that it listens on.',
      ),
    };
  }

  #denyToken({ request }: Exchange): Denial | null {
    if (this.#token === null) return null;
    const { fields } = request;
    const index = fields.indexOf(FIELD.authorization);
    // Two of them would be a guess at which one counts.
    const isOne = index !== -1 && fields.indexOf(FIELD.authorization, index + 1) === -1;
    if (isOne && this.#token.isIn(fields.valueAt(index))) return null;
    const why = index === -1 ? 'it has no token' : 'its token is another';
    const text = 'Send the token of this server as "Authorization: Bearer <token>".';
    const challenge = ['WWW-Authenticate', 'Bearer realm="Daemun"'] as const;
    return { why, answer: textAnswer(401, text, [challenge]) };
  }
}

function ownHost(written: string): Host {
  const host = parseHost(written);
  if (host !== null) return host.port === -1 ? { name: host.name, port: 80 } : host;
  throw new TypeError(`${JSON.stringify(written)} is no host by which a listener can be reached`);
}

// Fetch Metadata (W3C): `none` is an address that the person typed. Older browsers send Origin alone, and that with
// every POST.
function denySite({ request, connection }: Exchange): Denial | null {
  const { fields } = request;
  const at = fields.indexOfName('Sec-Fetch-Site');
  const site = at === -1 ? null : fields.valueAt(at);
  const origin = fields.joined(FIELD.origin);
  const isOwn =
    (site === null || site === 'same-origin' || site === 'none') &&
    (at === -1 || fields.indexOfName('Sec-Fetch-Site', at + 1) === -1) &&
    (origin === null || isSameOrigin(origin, request.host, connection.secure));
  if (isOwn) return null;
  const text = 'Pages of other sites may not ask this server.';
  return { why: 'it comes from a page of another site', answer: textAnswer(403, text) };
}

// RFC 6454 section 7: scheme, host, and the port unless it is the scheme's own; `null` is nobody's.
function isSameOrigin(origin: string, host: Host | null, secure: boolean): boolean {
  const scheme = secure ? 'https://' : 'http://';
  if (host === null || !origin.startsWith(scheme)) return false;
  const from = parseHost(origin.slice(scheme.length));
  const usual = secure ? 443 : 80;
  const portOf = ({ port }: Host): number => (port === -1 ? usual : port);
  return from !== null && from.name === host.name && portOf(from) === portOf(host);
}
