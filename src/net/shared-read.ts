/**
 * Reading all connections of a thread into one buffer. By default Node allocates 64 KiB for each read and
 * gives most of it back, which costs more than parsing the request that was read. Sockets that connect have
 * the `onread` option for this; accepted ones can only get it by handing their handle to a socket that was
 * made with it (docs/decisions/0005-shared-read-buffer.md).
 */
import { Socket } from 'node:net';

/** As much as Node asks the operating system for at once. */
const READ_BYTES = 64 * 1024;

// One for each thread: modules are.
const buffer = Buffer.allocUnsafeSlow(READ_BYTES);

// What is used of a socket beyond Node's documentation.
interface Inside {
  _handle: { readonly useUserBuffer?: unknown } | null;
}

/** What a socket reads; the receiver is set when there is one. */
export class SharedReader {
  /** Hears of bytes at the beginning of `shared`; they are there until it returns. */
  onRead: ((shared: Buffer, bytes: number) => void) | null = null;

  /** The option of a new socket (`net.connect`) that makes it read for this reader. */
  readonly option = {
    buffer,
    callback: (bytes: number): boolean => {
      this.onRead?.(buffer, bytes);
      return true;
    },
  };
}

/** A connection that is read into the buffer of the thread. */
export interface SharedConnection {
  readonly socket: Socket;
  readonly reader: SharedReader;
}

/**
 * Moves the connection of `accepted`, which must not have been read from, to a socket that reads into the
 * buffer of the thread. Null where this Node does not allow it: then `accepted` is as it was.
 */
export function readShared(accepted: Socket): SharedConnection | null {
  const inside = accepted as unknown as Inside; // Node's types do not show the handle
  const handle = inside._handle; // oxlint-disable-line no-underscore-dangle -- as above
  if (handle === null || typeof handle.useUserBuffer !== 'function') return null;
  inside._handle = null; // oxlint-disable-line no-underscore-dangle -- as above
  accepted.on('error', () => {});
  accepted.destroy();
  const reader = new SharedReader();
  const options = { handle, allowHalfOpen: true, onread: reader.option };
  const socket = new Socket(options as unknown as ConstructorParameters<typeof Socket>[0]); // as above
  return { socket, reader };
}
