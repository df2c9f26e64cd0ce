import type { ConnectionOwner } from '../message/serial-connection.ts';
import type { OutgoingRequest } from '../message/transport.ts';
import type { Wire } from '../message/wire.ts';
import { H1ClientConnection } from './client-connection.ts';
import type { H1ClientSettings } from './client-settings.ts';
import { requestHead } from './request-writer.ts';

/** HTTP/1.1 toward back ends, for a pool of connections. */
export class H1ClientProtocol {
  readonly #settings: H1ClientSettings;

  constructor(settings: H1ClientSettings) {
    this.#settings = settings;
  }

  /** Speaks it on a connection that stands. */
  connect(wire: Wire, owner: ConnectionOwner): H1ClientConnection {
    return new H1ClientConnection(wire, this.#settings, owner);
  }

  /** Throws a `TypeError` for a request whose head would not be one request. */
  check(request: OutgoingRequest): void {
    requestHead(request, false);
  }
}
