/**
 * The listening sockets of a server, which outlive its processes.
 *
 * An address has a socket for each web thread (SO_REUSEPORT), so that the system spreads connections over them. A
 * socket is not closed while its address is served: that would reset the connections that wait in its queue. So where
 * threads become fewer, the sockets stay and are spread over the threads that are left, and a socket that a wider
 * address of the next configuration covers goes on under that one.
 */
import { closeSync } from 'node:fs';
import { covers, isWide, plainHost, type SocketAddress } from '../config/index.ts';
import type { SocketGrant } from '../server/port.ts';
import { type Endpoint, endpointText } from '../schema/index.ts';
import { openError, tryPort } from './address-trial.ts';
import { bindTcp, type BoundSocket } from './bound-socket.ts';
import { namedAddress } from './named-address.ts';
import type { OpenFault } from './open-fault.ts';
import { openUnixSocket, withFile } from './unix-socket.ts';

/** Rights of a unix socket that is served, as nginx gives them: its directory says who may reach it. */
const SERVED_MODE = 0o666;

/** What of an address decides about its sockets. */
export type Asked = Pick<SocketAddress, 'key' | 'target'>;

/** A socket that is open. */
interface OpenSocket {
  readonly bound: BoundSocket;
  /** Where it listens: no name, and the port that it got. */
  readonly endpoint: Endpoint;
  /** Whether there may be others on the same address; else all threads share this one. */
  readonly reusesPort: boolean;
  readonly owner?: SocketOwner;
}

/** An address at work. */
interface OpenAddress {
  /** Without a name, and with the port that it got. */
  readonly endpoint: Endpoint;
  /** Some of them may listen on a part of the address only. */
  readonly sockets: readonly OpenSocket[];
}

/** The sockets of one configuration, of which some may be new. */
export interface SocketPlan {
  /** By the text of the address. */
  readonly addresses: ReadonlyMap<string, OpenAddress>;
  readonly added: readonly OpenSocket[];
}

/** See the head of this file. */
export class ListenSockets {
  readonly #mode: number;
  #addresses: SocketPlan['addresses'] = new Map();
  #shared: ReadonlySet<OpenSocket> = new Set();

  /** `mode` are the rights of unix sockets. */
  constructor(mode: number = SERVED_MODE) {
    this.#mode = mode;
  }

  /** Opens what a configuration needs beside what is open. Nothing stays open of one that is refused. */
  async open(
    addresses: readonly Asked[],
    threads: number,
  ): Promise<SocketPlan | readonly OpenFault[]> {
    const keys = new Set(addresses.map(({ key }) => key));
    const left = [...this.#addresses].filter(([key]) => !keys.has(key));
    const free = new Set(left.flatMap(([, { sockets }]) => sockets));
    const opened = new Map<string, OpenAddress>();
    const added: OpenSocket[] = [];
    const faults: OpenFault[] = [];
    // Narrow ones first: a socket that is one of theirs is not for a wider one to take over.
    for (const { key, target } of addresses.toSorted(byWidth)) {
      const open = this.#addresses.get(key);
      try {
        // oxlint-disable-next-line no-await-in-loop -- each may be in the way of the next
        const endpoint = open?.endpoint ?? (await namedAddress(target)).target;
        const taken = [...free].filter((socket) => takes(endpoint, socket.endpoint));
        for (const socket of taken) free.delete(socket);
        const own = [...(open?.sockets ?? []), ...taken];
        // oxlint-disable-next-line no-await-in-loop -- as above
        const missing = await this.#openMissing(endpoint, own, threads);
        added.push(...missing);
        const [first] = missing;
        opened.set(key, {
          endpoint: open?.endpoint ?? first?.endpoint ?? endpoint,
          sockets: [...own, ...missing],
        });
      } catch (error) {
        faults.push({ key, ...openError(error) });
      }
    }
    if (faults.length === 0) return { addresses: opened, added };
    for (const { bound } of added) bound.close();
    return faults;
  }

  async #openMissing(
    endpoint: Endpoint,
    own: readonly OpenSocket[],
    threads: number,
  ): Promise<readonly OpenSocket[]> {
    if (endpoint.kind === 'unix') {
      if (own.length > 0) return [];
      const bound = await openUnixSocket(endpoint.path, this.#mode);
      return [{ bound, endpoint, reusesPort: false }];
    }
    const there = own.filter((socket) => isSame(socket.endpoint, endpoint));
    if (there.some(({ reusesPort }) => !reusesPort)) return [];
    if (there.length === 0) this.#mustBeFree(endpoint);
    const opened: OpenSocket[] = [];
    let place = endpoint;
    try {
      for (let have = there.length; have < threads; have++) {
        const bound = bindTcp(place.host, place.port, CAN_REUSE_PORT);
        place = { ...place, port: bound.port };
        opened.push({ bound, endpoint: place, reusesPort: CAN_REUSE_PORT });
        if (!CAN_REUSE_PORT) break;
      }
    } catch (error) {
      for (const { bound } of opened) bound.close();
      throw error;
    }
    return opened;
  }

  // With SO_REUSEPORT a second server of the same user would share the port without a word. Beside a socket of our own
  // that shows only where the other program did not ask for sharing.
  #mustBeFree(endpoint: Extract<Endpoint, { kind: 'tcp' }>): void {
    if (endpoint.port === 0) return;
    const beside = [...this.#open()].some(
      (own) => covers(own.endpoint, endpoint) || covers(endpoint, own.endpoint),
    );
    const trial = beside ? null : tryPort(endpoint.host, endpoint.port);
    if (trial !== null) throw Object.assign(new Error(trial.message), { code: trial.code });
  }

  *#open(): Generator<OpenSocket> {
    for (const { sockets } of this.#addresses.values()) yield* sockets;
  }

  /** Another supervisor has what is open now as well, or no longer: what is closed meanwhile leaves its file to that one. */
  share(on: boolean): void {
    this.#shared = new Set(on ? this.#open() : []);
  }

  /**
   * These sockets are those of the server from now on; the others are closed. Returns the addresses that the service
   * manager keeps open all the same, whose clients wait for nobody.
   */
  keep(plan: SocketPlan): readonly string[] {
    const forsaken = new Set<string>();
    const before = [...this.#open()];
    this.#addresses = plan.addresses;
    const kept = new Set(this.#open());
    for (const socket of before) {
      if (kept.has(socket)) continue;
      if (this.#shared.has(socket)) socket.bound.release();
      else socket.bound.close();
      if (socket.owner === 'service-manager') forsaken.add(endpointText(socket.endpoint));
    }
    return [...forsaken];
  }

  /** Closes what was opened for a configuration that is not served in the end. */
  discard(plan: SocketPlan): void {
    for (const { bound } of plan.added) bound.close();
  }

  /** Takes sockets over that are open already: of another supervisor, or of the system. Before the first plan. */
  adopt(sockets: readonly InheritedSocket[]): void {
    const adopted = new Map<string, OpenAddress>();
    for (const { fd, endpoint, reusesPort, owner } of sockets) {
      const release = (): void => {
        closeSync(fd);
      };
      const bound =
        endpoint.kind === 'unix'
          ? withFile(fd, endpoint.path, release, () => isOfAnother(owner))
          : { fd, port: endpoint.port, close: release, release };
      const key = endpointText(endpoint);
      const before = adopted.get(key)?.sockets ?? [];
      adopted.set(key, {
        endpoint,
        sockets: [
          ...before,
          { bound, endpoint, reusesPort, ...(owner === undefined ? {} : { owner }) },
        ],
      });
    }
    this.#addresses = adopted;
  }

  /** What another supervisor adopts; its descriptors are those of this process. */
  inheritance(): readonly InheritedSocket[] {
    return Array.from(this.#open(), ({ bound, endpoint, reusesPort, owner }) => ({
      fd: bound.fd,
      endpoint,
      reusesPort,
      ...(owner === 'service-manager' ? { owner } : {}),
    }));
  }

  /** Closes all; what `release` leaves to another supervisor, without a trace. */
  close(release = false): void {
    if (!release) {
      this.keep({ addresses: new Map(), added: [] });
      return;
    }
    for (const { bound } of this.#open()) bound.release();
    this.#addresses = new Map();
  }
}

/** See `InheritedSocket.owner`. */
type SocketOwner = number | 'service-manager';

// Whether the file of a unix socket is another's to remove.
function isOfAnother(owner: SocketOwner | undefined): boolean {
  return owner === 'service-manager' || owner === process.ppid;
}

/** A socket that is open before there is a plan. */
export interface InheritedSocket {
  readonly fd: number;
  readonly endpoint: Endpoint;
  /** Whether there may be others on the same address. */
  readonly reusesPort: boolean;
  /** Whether it is that of the administration. */
  readonly admin?: true;
  /**
   * Who else has it open: the service manager, whose file the path of a unix socket is for good, or the supervisor of this
   * number, whose it is while that runs and is the parent of this process. Nobody unless said.
   */
  readonly owner?: SocketOwner;
}

/** The ports of addresses, also where the configuration says 0; 0 for a unix socket. */
export function portsOf({ addresses }: SocketPlan): ReadonlyMap<string, number> {
  return new Map(
    Array.from(addresses, ([key, { endpoint }]) => [
      key,
      endpoint.kind === 'tcp' ? endpoint.port : 0,
    ]),
  );
}

/** Linux and the BSDs spread connections over sockets that share a port; where Node cannot ask for it, threads share one. */
const CAN_REUSE_PORT = process.platform === 'linux' || process.platform === 'freebsd';

/** Whether an address is served by sockets that listen there: they are on the same, or on a part of it. */
function takes(endpoint: Endpoint, open: Endpoint): boolean {
  return isSame(endpoint, open) || covers(endpoint, open);
}

// The system shows a socket on every address of the machine as one on `::`.
function isSame(a: Endpoint, b: Endpoint): boolean {
  return endpointText(anyAddress(a)) === endpointText(anyAddress(b));
}

function anyAddress(endpoint: Endpoint): Endpoint {
  return endpoint.kind === 'tcp' && plainHost(endpoint) === '::'
    ? { ...endpoint, host: '*' }
    : endpoint;
}

// A wide address behind those that it covers.
function byWidth(a: Asked, b: Asked): number {
  return Number(isWide(a.target)) - Number(isWide(b.target));
}

/**
 * What a server process inherits: descriptors in the order in which it gets them, and which of them belong to which
 * address and thread. `first` is the number of the first of them there.
 */
export function grantsOf(
  { addresses }: SocketPlan,
  threads: number,
  first: number,
): { readonly inherited: readonly number[]; readonly grants: readonly SocketGrant[] } {
  const inherited: number[] = [];
  const grants: SocketGrant[] = [];
  for (const [key, { endpoint, sockets }] of addresses) {
    const port = endpoint.kind === 'tcp' ? endpoint.port : 0;
    const descriptors: number[][] = Array.from({ length: threads }, () => []);
    const spares: number[][] = Array.from({ length: threads }, () => []);
    // No two threads may have the same number: closing it in one would close it in both.
    const grant = (to: number[] | undefined, { bound }: OpenSocket): void => {
      to?.push(first + inherited.length);
      inherited.push(bound.fd);
    };
    for (const [index, socket] of sockets.entries()) {
      if (socket.reusesPort) {
        grant(descriptors[index % threads], socket);
        if (threads > 1) grant(spares[index % threads], socket);
      } else for (const own of descriptors) grant(own, socket);
    }
    grants.push({ key, port, descriptors, spares });
  }
  return { inherited, grants };
}
