/**
 * Limits that another process decides on. When a process is to take the place of this one, what this one has counted
 * goes there, and from then on is counted there alone; requests that still come here ask.
 */
import type { LimitConnectionsModel, LimitRequestsModel } from './options.ts';

/** A zone as it is named to another process; where that has one by this name that counts something else, it is not meant. */
export interface ZoneName {
  readonly zone: string;
  /** What makes it the same zone: see `zoneIdentity`. */
  readonly identity: string;
}

/** A limit of the rate of requests with what it counts of one request. */
export interface AskedRate extends ZoneName, Omit<LimitRequestsModel, 'zone'> {
  readonly key: string;
}

/** A limit of requests under way with what it counts of one request. */
export interface AskedShare extends ZoneName, Omit<LimitConnectionsModel, 'zone'> {
  readonly key: string;
}

/** What a request asks another process. */
export type LimitQuestion =
  | { readonly kind: 'requests'; readonly limits: readonly AskedRate[] }
  | { readonly kind: 'connections'; readonly limits: readonly AskedShare[] };

/** What a request is told. */
export interface LimitVerdict {
  /** As `RateLimits.check` answers: `PASS`, `REJECT` or milliseconds; for connections one of the first two. */
  readonly wait: number;
  /** Index of the limit that refused or delays; -1 for none. */
  readonly limit: number;
  /** Of that limit, in thousandths of a request. */
  readonly excess: number;
}

/** A request under way that is counted: what the process that counts it has to know. */
export interface HeldShare {
  /** By which it is given back. */
  readonly id: number;
  readonly shares: readonly (ZoneName & { readonly key: string })[];
}

/**
 * Hears a verdict; null where nobody gave one in time, which lets the request pass, or `'here'` where the question is to be
 * decided in this process after all.
 */
export type VerdictReceiver = (verdict: LimitVerdict | 'here' | null) => void;

/** The way to the process that decides. */
export interface AwayLimits {
  /** Whether another process decides now; looked at before every decision. */
  readonly decides: boolean;
  /** Asks; `receiver` hears exactly once, unless the question is taken back. Answers the id of the question. */
  ask(question: LimitQuestion, receiver: VerdictReceiver): number;
  /** Gives back what a question got or may still get, or what was held under this id before. Nobody hears of it any more. */
  giveBack(id: number): void;
}

/** Makes out which zones are the same, in this process and in others: those that count the same in the same room. */
export function zoneIdentity(zone: { readonly key: string; readonly size: number }): string {
  return JSON.stringify([zone.key, zone.size]);
}

/** No other process decides, ever: for whoever serves alone. */
export const NOT_AWAY: AwayLimits = {
  decides: false,
  ask: () => {
    throw new TypeError('Nobody else decides');
  },
  giveBack: () => {},
};
