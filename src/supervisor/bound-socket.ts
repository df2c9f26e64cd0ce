/**
 * Sockets that are bound and do not accept: the supervisor has them open, and server processes listen on duplicates.
 *
 * Node has `net.BoundSocket` for this from 26.4 on. Before, the function by which its `cluster` module opens sockets
 * does the same; it is not documented, so it is looked for first (docs/decisions/0007-process-model.md).
 */
import * as net from 'node:net';
import { isIP } from 'node:net';
import { getSystemErrorName } from 'node:util';

/** See the head of this file. */
export interface BoundSocket {
  readonly fd: number;
  /** The port that it got; 0 for a unix socket. */
  readonly port: number;
  /** Closes this descriptor; a server process may have others of the same socket. A unix socket loses its file. */
  close(): void;
  /** Closes this descriptor alone: another supervisor has the socket now. */
  release(): void;
}

// What is used of a handle beyond Node's documentation.
interface Handle {
  readonly fd: number;
  getsockname(out: { port?: number }): number;
  close(): void;
}
type CreateHandle = (
  address: string | null,
  port: number,
  addressType: number,
  fd: number | null,
  flags: number,
) => Handle | number;

interface NodeNet {
  readonly BoundSocket?: typeof net.BoundSocket;
  readonly _createServerHandle?: CreateHandle;
}

/** `UV_TCP_REUSEPORT` of libuv. */
const REUSE_PORT = 2;

/**
 * Binds a TCP address; `*` is every address of the machine, by IPv6 and IPv4 where it has both. Throws the system's
 * error, whose `code` is `EADDRINUSE`, `EACCES` and the like. `node` is the part of Node that does it.
 */
export function bindTcp(
  host: string,
  port: number,
  reusePort: boolean,
  node: NodeNet = net,
): BoundSocket {
  if (host !== '*') return bindAddress(host, port, reusePort, node);
  try {
    return bindAddress('::', port, reusePort, node);
  } catch (error) {
    // A machine without IPv6.
    if (codeOf(error) !== 'EAFNOSUPPORT' && codeOf(error) !== 'EADDRNOTAVAIL') throw error;
    return bindAddress('0.0.0.0', port, reusePort, node);
  }
}

function bindAddress(host: string, port: number, reusePort: boolean, node: NodeNet): BoundSocket {
  if (node.BoundSocket !== undefined) {
    const bound = new node.BoundSocket({ host, port, reusePort });
    return held(bound.fd(), bound.address().port, () => {
      bound.close();
    });
  }
  const handle = create(node, host, port, isIP(host) === 6 ? 6 : 4, reusePort ? REUSE_PORT : 0);
  const address: { port?: number } = {};
  // An address in use shows only now.
  const failure = handle.getsockname(address);
  if (failure !== 0) {
    handle.close();
    throw systemError(failure);
  }
  return held(handle.fd, address.port ?? 0, () => {
    handle.close();
  });
}

/** Binds a unix socket, whose file must not be there. Closing it leaves the file. Throws the system's error. */
export function bindUnix(path: string, node: NodeNet = net): BoundSocket {
  // Node's own class takes paths only in its latest versions.
  const handle = create(node, path, -1, -1, 0);
  return held(handle.fd, 0, () => {
    handle.close();
  });
}

function create(node: NodeNet, address: string, port: number, type: number, flags: number): Handle {
  const make = node._createServerHandle; // oxlint-disable-line no-underscore-dangle -- see the head of this file
  if (make === undefined)
    throw new Error('This version of Node cannot bind a socket for another process');
  const handle = make(address, port, type, null, flags);
  if (typeof handle === 'number') throw systemError(handle);
  return handle;
}

function held(fd: number, port: number, close: () => void): BoundSocket {
  return { fd, port, close, release: close };
}

function systemError(number: number): Error {
  const code = getSystemErrorName(number);
  return Object.assign(new Error(`bind ${code}`), { code });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
