/** Tries listen addresses before anything is built: what cannot be opened is told with all other problems. */
import { coverOf, covers, isWide, plainHost, type Probe } from '../config/index.ts';
import {
  type Endpoint,
  endpointText,
  type Fault,
  parseListen,
  type PlacedFault,
} from '../schema/index.ts';
import { type Trial, tryPort, trySocket } from './address-trial.ts';
import { nameFault, type NamedAddress, namedAddress, type ResolveName } from './named-address.ts';
import { openingFault } from './open-fault.ts';
import type { InheritedSocket } from './listen-sockets.ts';
import type { ServedPort } from './supervisor.ts';

/** Who asks, and what the answer means to them. */
export interface ProbeOptions {
  /**
   * Addresses that this process has open itself. They and all that share connections with them are passed
   * over: what comes of those the server knows. None unless said.
   */
  readonly own?: readonly ServedPort[];
  /** Sockets that this process found open when it started; they count as its own. None unless said. */
  readonly inherited?: readonly InheritedSocket[];
  /**
   * What is found are notes: the program that has an address may be the very server that is asked about.
   * False unless said.
   */
  readonly asNotes?: boolean;
  /** Tries one address; the system unless said. */
  readonly tryOne?: (endpoint: Endpoint) => Promise<Trial>;
  /** Resolves the names among the addresses; the system unless said. */
  readonly resolveName?: ResolveName;
}

/** A probe of listen addresses. An address without a socket of its own is passed over: see `covering.ts`. */
export function addressProbe(options: ProbeOptions = {}): Probe {
  const { own = [], inherited = [], asNotes = false, tryOne = tryEndpoint, resolveName } = options;
  const keys = new Set([
    ...own.map(({ key }) => key),
    ...inherited.map(({ endpoint }) => endpointText(endpoint)),
  ]);
  const resolved = (endpoint: Endpoint): Promise<NamedAddress> =>
    namedAddress(endpoint, resolveName);
  return async (listens) => {
    const open = await Promise.all(own.flatMap(targetOf).map(resolved));
    const openTargets = [
      ...open.map(({ target }) => target),
      ...inherited.map(({ endpoint }) => endpoint),
    ];
    const addresses = await Promise.all(listens.map(({ model }) => resolved(model.endpoint)));
    const wide = listens.map(({ model }) => ({ target: model.endpoint })).filter(isWideTarget);
    const plain = addresses.filter(({ written, target }) => written === target);
    const found: PlacedFault[] = [];
    // One after the other: each may be in the way of the next while it is open.
    for (const [index, { path, model }] of listens.entries()) {
      const { endpoint } = model;
      const key = endpointText(endpoint);
      const address = addresses[index] ?? { written: endpoint, target: endpoint };
      const named = nameFault(address, [...plain, ...addresses.slice(0, index)]);
      if (named !== null) {
        found.push({ path, fault: named });
        continue;
      }
      if (keys.has(key) || openTargets.some((target) => overlap(target, address.target))) continue;
      if (coverOf(endpoint, wide) !== null) continue;
      // oxlint-disable-next-line no-await-in-loop -- see above
      const trial = await tryOne(endpoint);
      if (trial === null) continue;
      const fault = openingFault({ key, ...trial });
      found.push(
        asNotes ? { path, fault: noteOf(fault, trial.code), isNote: true } : { path, fault },
      );
    }
    return found;
  };
}

// Whether both stand for some of the same connections.
function overlap(a: Endpoint, b: Endpoint): boolean {
  if (a.kind !== 'tcp' || b.kind !== 'tcp' || a.port !== b.port) return false;
  return plainHost(a) === plainHost(b) || covers(a, b) || covers(b, a);
}

function isWideTarget({ target }: { readonly target: Endpoint }): boolean {
  return isWide(target);
}

/** Whether the system would open an address now, as `tryPort` and `trySocket` ask it. */
export function tryEndpoint(endpoint: Endpoint): Promise<Trial> {
  return endpoint.kind === 'tcp'
    ? Promise.resolve(tryPort(endpoint.host, endpoint.port))
    : trySocket(endpoint.path);
}

function noteOf(fault: Fault, code: string): Fault {
  if (code !== 'EADDRINUSE') return fault;
  const cure = `All is well if it is the server that runs this configuration. Otherwise: ${fault.cure}`;
  return { ...fault, cure };
}

// The key with the port that was got, where any was asked for.
function targetOf({ key, port }: ServedPort): readonly Endpoint[] {
  const endpoint = parseListen(key);
  if (!('value' in endpoint)) return [];
  return [endpoint.value.kind === 'tcp' ? { ...endpoint.value, port } : endpoint.value];
}
