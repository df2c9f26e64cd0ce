/** Options of upstreams whose servers speak AJP. */
import {
  type Duration,
  duration,
  type ModelOf,
  object,
  oneOf,
  optional,
  secret,
  type Size,
  size,
  withDefault,
} from '../../schema/index.ts';

/** How the `ajp://` servers of an upstream are spoken to. */
export interface AjpOptions {
  /**
   * What the servers know this one by (Tomcat `secret`, mod_jk `worker.NAME.secret`, httpd `secret=`); without it only
   * those answer that want none (Tomcat `secretRequired="false"`).
   */
  readonly secret?: string;
  /**
   * Largest packet in both directions, the same as on the servers (Tomcat `packetSize`, mod_jk `max_packet_size`, httpd
   * `ProxyIOBufferSize`). The head of a request has to fit into one; otherwise the client gets 431.
   */
  readonly packetSize?: Size;
  /**
   * When a server is asked whether it lives before it is given a request: on each new connection, also in front of each
   * request on one that was open already, or never (mod_jk `ping_mode` C, P). `request` saves requests that may not be
   * sent twice from connections that died unnoticed, and costs one round trip for each.
   */
  readonly ping?: 'off' | 'connect' | 'request';
  /** How long the answer to that may take (mod_jk `ping_timeout`); then the next server, or 504. */
  readonly pingTimeout?: Duration;
  /**
   * How often idle connections are asked, so that no firewall forgets them (mod_jk `connection_ping_interval`); `'0s'`
   * never does. They are closed after `keepAlive.idle` all the same.
   */
  readonly pingInterval?: Duration;
}

/** Reads `AjpOptions` into a model with every default filled in, in bytes and milliseconds. */
export const ajpOptions = object<AjpOptions>()({
  secret: optional(secret()),
  packetSize: withDefault(size({ min: '8KiB', max: '64KiB' }), '8KiB'),
  ping: withDefault(oneOf('off', 'connect', 'request'), 'connect'),
  pingTimeout: withDefault(duration({ min: '1ms' }), '10s'),
  pingInterval: withDefault(duration(), '0s'),
});

/** Resolved options of AJP. */
export type AjpModel = ModelOf<typeof ajpOptions>;
