/** The zones of a configuration on their way from the main thread to the web threads. */
import type { ConcurrencyZoneHandle, RateZoneHandle } from '../zone/index.ts';

/** A zone with its place in memory. */
export interface ZoneGrant<H> {
  /** Tells zones apart that have one name: one that was changed and the one before. */
  readonly serial: number;
  /** The text of the key. */
  readonly key: string;
  /** See `zoneIdentity`. */
  readonly identity: string;
  readonly handle: H;
}

/** All zones of a configuration. */
export interface LimitGrants {
  /** One word: not 0 while another process decides. */
  readonly gate: SharedArrayBuffer;
  readonly rates: readonly ZoneGrant<RateZoneHandle>[];
  readonly connections: readonly ZoneGrant<ConcurrencyZoneHandle>[];
}
