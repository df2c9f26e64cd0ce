import type { ConnectionOwner, OutgoingRequest, Wire } from '../../http/message/index.ts';
import { AjpClientConnection } from './client-connection.ts';
import type { AjpClientSettings } from './client-settings.ts';
import { requestPacket } from './request-packet.ts';

/** AJP toward a container, for a pool of connections. */
export class AjpClientProtocol {
  readonly #settings: AjpClientSettings;

  constructor(settings: AjpClientSettings) {
    this.#settings = settings;
  }

  /** Speaks it on a connection that stands. */
  connect(wire: Wire, owner: ConnectionOwner): AjpClientConnection {
    return new AjpClientConnection(wire, this.#settings, owner);
  }

  /** Throws a `TypeError` for a request that would not be one, and a `Fault` for one that does not fit into a packet. */
  check(request: OutgoingRequest): void {
    requestPacket(request, this.#settings);
  }
}
