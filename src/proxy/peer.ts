import type { Transport } from '../http/message/index.ts';
import type { PeerModel } from './options.ts';
import { OwnPeerState, type PeerState } from './peer-state.ts';

/** What a peer is chosen and marked by; the part of its options that is no address. */
export type PeerPolicy = Pick<
  PeerModel,
  'weight' | 'maxFails' | 'failTimeout' | 'maxConnections' | 'backup' | 'down' | 'route'
>;

/** What one server is called: in the configuration, in variables, in requests. */
export interface PeerNames {
  /** As the configuration spells it, for logs. */
  readonly name: string;
  /** Where it listens, for the variables: host and port, or `unix:` and a path. */
  readonly address: string;
  /** `Host` of requests unless the route has one of its own. */
  readonly authority: string;
  /** Whether requests keep the client's `Host` instead, where they have one: what AJP is about. */
  readonly keepsHost: boolean;
}

/**
 * One server of an upstream with what is known of it. Failures are counted as nginx counts
 * them: `maxFails` failures, each within `failTimeout` of the one before, put it aside for
 * `failTimeout`; then one request tries it, and its success or failure decides.
 */
export class Peer implements PeerNames {
  readonly name: string;
  readonly address: string;
  readonly authority: string;
  readonly keepsHost: boolean;
  readonly policy: PeerPolicy;
  readonly transport: Transport;
  /** Requests that it was given, and those of them that it failed, since it is there. */
  requests = 0;
  failures = 0;
  /** Share of the requests now: `weight`, less after failures, growing back with each choice. */
  effectiveWeight: number;
  /** What the smooth round-robin has credited to the peer. */
  currentWeight = 0;

  /** Whether failures put it aside; not where it is the only one, because nobody else could be asked. */
  readonly #marked: boolean;
  readonly #state: PeerState;

  /** `state` is that of this thread alone unless said. */
  constructor(
    names: PeerNames,
    policy: PeerPolicy,
    transport: Transport,
    single: boolean,
    state: PeerState = new OwnPeerState(),
  ) {
    this.name = names.name;
    this.address = names.address;
    this.authority = names.authority;
    this.keepsHost = names.keepsHost;
    this.policy = policy;
    this.transport = transport;
    this.effectiveWeight = policy.weight;
    this.#marked = !single && policy.maxFails > 0;
    this.#state = state;
  }

  /** Requests under way. */
  get active(): number {
    return this.#state.active;
  }

  /** Failures that count now. */
  get fails(): number {
    return this.#state.fails;
  }

  /** Whether the peer may be given a request at `now`, monotonic milliseconds. */
  isAvailable(now: number): boolean {
    const { down, maxConnections } = this.policy;
    if (down || (maxConnections > 0 && this.active >= maxConnections)) return false;
    return !this.isAside(now);
  }

  /** Whether failures keep it from requests at `now`. */
  isAside(now: number): boolean {
    return (
      this.#marked &&
      this.#state.fails >= this.policy.maxFails &&
      now - this.#state.checkedAt <= this.policy.failTimeout
    );
  }

  /** Gives it a request; false where it has as many as it may by now. */
  begin(now: number): boolean {
    const state = this.#state;
    if (!state.begin(this.policy.maxConnections)) return false;
    this.requests++;
    if (now - state.checkedAt > this.policy.failTimeout) state.checkedAt = now;
    return true;
  }

  /** The request is over, one way or another. */
  release(): void {
    this.#state.end();
  }

  /** It answered. Failures are forgotten if the request was begun after the last of them had expired. */
  succeeded(): void {
    const state = this.#state;
    if (state.fails > 0 && state.failedAt < state.checkedAt) state.forget();
  }

  /** It did not answer as it should. */
  failed(now: number): void {
    this.failures++;
    if (!this.#marked) return;
    this.#state.fail(now);
    const { weight, maxFails } = this.policy;
    this.effectiveWeight = Math.max(0, this.effectiveWeight - Math.floor(weight / maxFails));
  }
}
