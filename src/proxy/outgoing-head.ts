import {
  type ConnectionFacts,
  equalsIgnoreCaseAscii,
  FIELD,
  type Fields,
  type OutgoingRequest,
} from '../http/message/index.ts';
import type { Context } from '../pipeline/index.ts';
import { setForwarded } from './forwarded.ts';
import { droppedFields, passedOn } from './hop-by-hop.ts';
import type { Peer } from './peer.ts';
import type { ProxyRoute } from './proxy-route.ts';
import { upstreamTarget } from './target.ts';

const NOT_FOR_SERVERS = droppedFields(FIELD.host, FIELD.contentLength, FIELD.expect);

/**
 * The fields of a request as servers get them: without what speaks of the client's connection, without
 * `Host`, framing and `Expect`, which are the transport's, and with what is said of the client.
 */
function outgoingFields(context: Context, route: ProxyRoute): Fields {
  const { request, exchange } = context;
  const fields = passedOn(request.fields, NOT_FOR_SERVERS);
  setForwarded(fields, request, exchange.connection, route.forwarded, route.trusted);
  return fields;
}

/** Makes the heads of one request, for one server after the other. */
export class OutgoingHead {
  readonly #route: ProxyRoute;
  readonly #method: string;
  readonly #target: string;
  readonly #fields: Fields;
  readonly #upgrade: string | null;
  readonly #authority: string;
  readonly #client: ConnectionFacts;

  constructor(context: Context, route: ProxyRoute) {
    this.#route = route;
    this.#method = context.method;
    this.#target = upstreamTarget(context, route.uri, route.prefix);
    this.#fields = outgoingFields(context, route);
    const { upgrade, authority, contentLength } = context.request;
    const switches =
      route.websocket &&
      upgrade !== null &&
      contentLength === 0 &&
      equalsIgnoreCaseAscii(upgrade, 'websocket');
    this.#upgrade = switches ? upgrade : null;
    this.#authority = authority;
    this.#client = context.exchange.connection;
  }

  /** Whether the client may switch to WebSocket with this request. */
  get switches(): boolean {
    return this.#upgrade !== null;
  }

  /** The request as `peer` gets it, with a body of `length` bytes. */
  to(peer: Peer, length: number): OutgoingRequest {
    const { hostHeader, preserveHost } = this.#route;
    const keeps = (preserveHost || peer.keepsHost) && this.#authority !== '';
    const own = keeps ? this.#authority : peer.authority;
    return {
      method: this.#method,
      target: this.#target,
      authority: hostHeader ?? own,
      fields: this.#fields,
      length,
      upgrade: this.#upgrade,
      client: this.#client,
    };
  }
}
