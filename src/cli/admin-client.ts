/** Asks a running server, over the socket or the address of its administration. */
import { type ClientRequest, type IncomingMessage, request, type RequestOptions } from 'node:http';
import {
  ADMIN_PATHS,
  type ConnectionReport,
  type ReloadReport,
  type StatusReport,
  type StopReport,
} from '../admin/contract.ts';

/** Where a server is administrated. */
export type AdminAddress =
  /** A unix socket; its file's rights decide. */
  | { readonly socketPath: string }
  /** `http://` with host and port, and what the server asks for. */
  | { readonly url: string; readonly token: string };

/**
 * Why there was no answer: `absent`, nobody listens; `forbidden`, the socket or the server refuses who asks; `silent`,
 * it took too long; `broken`, anything else.
 */
export type AdminErrorKind = 'absent' | 'forbidden' | 'silent' | 'broken';

/** A question that was not answered, or an order that was not followed. The message says what helps, too. */
export class AdminError extends Error {
  override readonly name = 'AdminError';
  readonly kind: AdminErrorKind;

  constructor(kind: AdminErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** How long an answer may take, in milliseconds. */
export interface Patience {
  /** For questions and for orders that are only taken. */
  readonly answer: number;
  /** For a configuration to be loaded and, maybe, a process to be started. */
  readonly reload: number;
}

const PATIENCE: Patience = { answer: 5000, reload: 120_000 };

/** See the head of this file. Each method rejects with an `AdminError`. */
export class AdminClient {
  readonly #address: AdminAddress;
  readonly #patience: Patience;

  /** Waits 5 s for an answer, and 2 min for a reload, unless told otherwise. */
  constructor(address: AdminAddress, patience: Partial<Patience> = {}) {
    this.#address = address;
    this.#patience = { ...PATIENCE, ...patience };
  }

  async status(): Promise<StatusReport> {
    const reply = await this.#ask('GET', ADMIN_PATHS.status);
    return this.#json(reply, [200]) as StatusReport;
  }

  async connections(): Promise<readonly ConnectionReport[]> {
    const reply = await this.#ask('GET', ADMIN_PATHS.connections);
    return this.#json(reply, [200]) as readonly ConnectionReport[];
  }

  async reload(): Promise<ReloadReport> {
    // Where nobody answers at all, that is known long before a configuration would be loaded.
    await this.#ask('GET', ADMIN_PATHS.live);
    const reply = await this.#ask('POST', ADMIN_PATHS.reload, this.#patience.reload);
    return this.#json(reply, [200, 409]) as ReloadReport;
  }

  /** Tells the server to end within `limit` milliseconds; resolves to what it has heard. */
  async drain(limit: number): Promise<StopReport> {
    const reply = await this.#ask('POST', `${ADMIN_PATHS.drain}?limit=${limit}ms`);
    return this.#json(reply, [202]) as StopReport;
  }

  /** Tells the server to end at once; resolves to what it has heard. */
  async stop(): Promise<StopReport> {
    return this.#json(await this.#ask('POST', ADMIN_PATHS.stop), [202]) as StopReport;
  }

  get #place(): string {
    return 'url' in this.#address ? this.#address.url : this.#address.socketPath;
  }

  #json({ status, text }: Reply, expected: readonly number[]): unknown {
    if (status === 401) {
      throw new AdminError(
        'forbidden',
        `The server at ${this.#place} does not know this token: use the one that it was configured with.`,
      );
    }
    if (expected.includes(status)) {
      try {
        const value: unknown = JSON.parse(text);
        if (typeof value === 'object' && value !== null) return value;
      } catch {
        // said below
      }
    } else if (text !== '' && text.length < 2000 && !text.includes('<')) {
      const kind = status === 403 || status === 421 ? 'forbidden' : 'broken';
      throw new AdminError(kind, `The server refuses with status ${status}: ${text.trimEnd()}`);
    }
    throw new AdminError(
      'broken',
      `What answers at ${this.#place} is no administration of Daemun: name another address.`,
    );
  }

  #ask(method: string, path: string, patience = this.#patience.answer): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    let asked: ClientRequest;
    try {
      asked = this.#request(method, path, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, text });
        });
        response.on('error', fail);
      });
    } catch (error) {
      // An address that is none, a token that no field can carry.
      return Promise.reject(this.#errorOf(error));
    }
    const timer = setTimeout(() => {
      reject(this.#silence(patience));
      asked.destroy();
    }, patience);
    asked.on('error', fail);
    asked.on('close', () => {
      clearTimeout(timer);
      // Where it closed without an error and without an end, the answer broke off.
      fail(new Error('the connection was closed'));
    });
    asked.end();
    const errorOf = (error: unknown): AdminError => this.#errorOf(error);
    function fail(error: unknown): void {
      reject(errorOf(error));
    }
    return promise;
  }

  #request(method: string, path: string, take: (response: IncomingMessage) => void): ClientRequest {
    const options: RequestOptions = { method, agent: false };
    if ('socketPath' in this.#address) {
      const { socketPath } = this.#address;
      // Else Node connects to a port of this machine.
      if (socketPath === '') throw new TypeError('the path of the socket is empty');
      return request({ ...options, socketPath, path }, take);
    }
    const { url, token } = this.#address;
    const headers = { Authorization: `Bearer ${token}` };
    return request(new URL(path, url), { ...options, headers }, take);
  }

  #silence(patience: number): AdminError {
    const waited = `${patience / 1000} s`;
    return new AdminError(
      'silent',
      `The server does not answer: nothing came from ${this.#place} within ${waited}. ` +
        'Look into its error log. After WINCH it rests until HUP; otherwise "kill" ends it.',
    );
  }

  #errorOf(error: unknown): AdminError {
    const place = this.#place;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    switch (code) {
      case 'ENOENT':
        return new AdminError('absent', `No server runs here: there is no ${place}. ${START}`);
      case 'ECONNREFUSED':
        return new AdminError(
          'absent',
          `No server runs here: nobody listens on ${place}. ${START}`,
        );
      case 'EACCES':
      case 'EPERM':
        return new AdminError(
          'forbidden',
          `You may not use ${place}: run it as the user who started the server.`,
        );
      case undefined:
      default:
        return new AdminError(
          'broken',
          `The server at ${place} cannot be asked: ${messageOf(error)}. Try again, or look into its error log.`,
        );
    }
  }
}

const START = 'Start one with "daemun run".';

// Node's text for several addresses that failed is empty.
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? error.name : error.message;
}
