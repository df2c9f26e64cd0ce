import type { SerialSettings } from '../../http/message/index.ts';

/** When a container is asked by CPING whether it lives, before it is given a request. */
export type AjpPing = 'off' | 'connect' | 'request';

/** What the connections to a container have in common. Times are milliseconds. */
export interface AjpClientSettings extends SerialSettings {
  /** The most bytes of a packet in both directions, head included. */
  readonly packetSize: number;
  /** What the container knows the web server by; null for none. */
  readonly secret: string | null;
  /** The container's name in the cookie of a session; null for none. */
  readonly route: string | null;
  /** On each new connection, or in front of each request; `request` does both. mod_jk: `ping_mode` C, P. */
  readonly ping: AjpPing;
  /** How long an answer to CPING may take. mod_jk: `ping_timeout`. */
  readonly pingTimeout: number;
  /** How often an idle connection is asked; 0 never does. mod_jk: `connection_ping_interval`, `ping_mode` I. */
  readonly pingInterval: number;
}
