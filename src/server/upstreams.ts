/** The upstreams of one thread through a change of the configuration: what is the same keeps its connections. */
import type { ConfigModel } from '../config/index.ts';
import {
  type BuiltUpstream,
  buildUpstream,
  type PeerZoneHandle,
  type Upstream,
  type UpstreamPorts,
} from '../proxy/index.ts';
import type { PeerSight } from './messages.ts';
import { inSlices } from './slices.ts';
import type { NamedText } from './texts.ts';

type UpstreamModel = ConfigModel['upstreams'][string];

interface Entry {
  readonly json: string;
  readonly built: BuiltUpstream;
}

/** The upstreams of one configuration. Made anew for each; entries that did not change are taken over. */
export class UpstreamSet {
  readonly #entries = new Map<string, Entry>();

  /** Builds the upstreams of a configuration at once, in a thread that serves nobody. */
  static build(models: ConfigModel['upstreams'], ports: UpstreamPorts): UpstreamSet {
    const set = new UpstreamSet();
    for (const [name, model] of Object.entries(models)) {
      set.#build(name, JSON.stringify(model), ports);
    }
    return set;
  }

  /**
   * Builds the upstreams of a configuration beside those of the one before, in slices. Each comes as JSON text, or
   * null where it is the same as before.
   */
  static async buildBeside(
    before: UpstreamSet | null,
    texts: Iterable<NamedText>,
    ports: UpstreamPorts,
  ): Promise<UpstreamSet> {
    const set = new UpstreamSet();
    await inSlices(
      texts,
      ([name, text, zone]) => {
        const known = before === null ? undefined : before.#entries.get(name);
        if (known !== undefined && (text === null || text === known.json)) {
          set.#entries.set(name, known);
        } else if (text !== null) set.#build(name, text, ports, zone);
      },
      () => ports.thread.clock.monotonic(),
    );
    return set;
  }

  #build(name: string, json: string, ports: UpstreamPorts, zone?: PeerZoneHandle): void {
    const built = buildUpstream(name, JSON.parse(json) as UpstreamModel, ports, zone);
    this.#entries.set(name, { json, built });
  }

  /** The upstream called `name`; undefined where the configuration has none. */
  find(name: string): Upstream | undefined {
    return this.#entries.get(name)?.built.upstream;
  }

  /** Whether `name` is the very same upstream here and there, so that a site that uses it can stay. */
  hasSame(name: string, other: UpstreamSet | null): boolean {
    return other !== null && this.#entries.get(name) === other.#entries.get(name);
  }

  /** How the servers of all upstreams are doing, as this thread sees it at `now`, monotonic milliseconds. */
  sights(now: number): readonly PeerSight[] {
    return Array.from(this.#entries, ([upstream, { built }]) =>
      built.upstream.peers.map((peer): PeerSight => ({
        upstream,
        url: peer.name,
        state: peer.isAside(now) ? 'failed' : 'up',
        inFlight: peer.active,
        requests: peer.requests,
        failures: peer.failures,
      })),
    ).flat();
  }

  /** Lets go of the upstreams that `after` does not have any more; requests under way end first. */
  retireAllBut(after: UpstreamSet): void {
    for (const [name, { built }] of this.#entries) {
      if (!this.hasSame(name, after)) built.retire();
    }
  }
}
