import type { Clock } from '../base/index.ts';
import type { Fields } from '../http/message/index.ts';
import type { Balancer } from './balance/balancer.ts';
import type { Peer } from './peer.ts';
import { stickyRoute } from './sticky.ts';

/** A group of servers by its configuration: who belongs to it, and how one of them is chosen. */
export interface UpstreamParts {
  /** As the configuration calls it. */
  readonly name: string;
  readonly peers: readonly Peer[];
  readonly balancer: Balancer;
  /** Name of the cookie that names the server of a session; null for none. */
  readonly sticky: string | null;
  readonly clock: Clock;
}

/** A group of servers as one thread sees it: who gets the next request. */
export class Upstream {
  readonly name: string;
  readonly peers: readonly Peer[];
  readonly clock: Clock;
  readonly #first: readonly Peer[];
  readonly #backup: readonly Peer[];
  readonly #balancer: Balancer;
  readonly #sticky: string | null;

  constructor(parts: UpstreamParts) {
    this.name = parts.name;
    this.peers = parts.peers;
    this.clock = parts.clock;
    this.#first = parts.peers.filter((peer) => !peer.policy.backup);
    this.#backup = parts.peers.filter((peer) => peer.policy.backup);
    this.#balancer = parts.balancer;
    this.#sticky = parts.sticky;
  }

  /** How many servers one request may be tried on when nobody sets a limit: all that are not `down`. */
  get size(): number {
    return this.peers.filter((peer) => !peer.policy.down).length;
  }

  /** The route that a request's session names, or null. */
  routeOf(path: string, fields: Fields): string | null {
    return this.#sticky === null ? null : stickyRoute(this.#sticky, path, fields);
  }

  /**
   * The server for a request, or null where none can take it: that of its session, else one of the
   * ordinary servers, else a backup. The request counts as under way from here on; call `release` of
   * the peer when it is over.
   */
  choose(route: string | null, tried: readonly Peer[]): Peer | null {
    const now = this.clock.monotonic();
    let passed = tried;
    for (;;) {
      const peer =
        this.#ofRoute(route, now, passed) ??
        this.#balancer.pick(this.#first, now, passed) ??
        this.#balancer.pick(this.#backup, now, passed);
      if (peer === null || peer.begin(now)) return peer;
      // Another thread gave it the last request that it may have.
      passed = [...passed, peer];
    }
  }

  #ofRoute(route: string | null, now: number, tried: readonly Peer[]): Peer | null {
    if (route === null) return null;
    for (const peer of this.peers) {
      if (peer.policy.route === route && peer.isAvailable(now) && !tried.includes(peer)) {
        return peer;
      }
    }
    return null;
  }
}
