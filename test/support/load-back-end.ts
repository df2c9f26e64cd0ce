import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const STEP_MS = 10;
const CHUNK = 1500;

/** What a download consists of: no two places near each other are alike. */
export function patternAt(position: number): number {
  return (position ^ (position >>> 8) ^ (position >>> 16)) & 0xff;
}

/** What a download sends between two places, also as the content of a file that is read like one. */
export function patternBytes(position: number, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => patternAt(position + at)));
}

/**
 * A server behind the proxy whose answers take as long as its user likes. The last part of the path says
 * what is done: `hello`, `echo`, `upload`, `download`; an upgrade is echoed. A download ends with all of them, or
 * after the milliseconds that the part before says.
 */
export class LoadBackEnd {
  /** Downloads under way end when this is set. */
  finishing = false;
  /** Bytes of downloads that were sent to their end, by path. */
  readonly downloaded = new Map<string, number>();
  port = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response);
    });
    this.#server.on('upgrade', (_request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n');
      socket.write('Upgrade: websocket\r\n\r\n');
      socket.write(head);
      socket.pipe(socket);
    });
  }

  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        this.port = address === null || typeof address === 'string' ? 0 : address.port;
        resolve();
      });
    });
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    switch (path.slice(path.lastIndexOf('/') + 1)) {
      case 'hello':
        response.end('hello from behind');
        return;
      case 'echo':
        request.pipe(response);
        return;
      case 'upload': {
        const hash = createHash('sha256');
        let length = 0;
        request.on('data', (chunk: Buffer) => {
          hash.update(chunk);
          length += chunk.length;
        });
        request.on('end', () => response.end(`${length} ${hash.digest('hex')}`));
        return;
      }
      case 'download':
        this.#download(path, response);
        return;
      default:
        response.writeHead(404).end();
    }
  }

  #download(path: string, response: ServerResponse): void {
    let sent = 0;
    const lasts = Number(path.split('/').at(-2));
    const began = performance.now();
    const timer = setInterval(() => {
      if (sent > 0 && (this.finishing || performance.now() - began >= lasts)) {
        clearInterval(timer);
        this.downloaded.set(path, sent);
        response.end();
      } else if (!response.writableNeedDrain) {
        response.write(patternBytes(sent, CHUNK));
        sent += CHUNK;
      }
    }, STEP_MS);
    response.on('close', () => {
      clearInterval(timer);
    });
  }
}
