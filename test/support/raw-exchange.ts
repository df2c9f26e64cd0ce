/** A client that reads whatever it is answered, broken answers too, and tells how the body was delimited. */
import { connect, type Socket } from 'node:net';

/** How the body of an answer ended: by its length, by the last chunk, with the connection; or it has none. */
export type Framing = 'length' | 'chunked' | 'close' | 'none';

/** An answer as it was read. */
export interface Exchanged {
  readonly status: number;
  /** Names in small letters, in their order. */
  readonly fields: readonly (readonly [string, string])[];
  /** In latin1. */
  readonly body: string;
  readonly framing: Framing;
  /** False where the connection ended before the body did. */
  readonly isWhole: boolean;
  /** Whether the server neither went on nor ended the connection. */
  readonly isSilent: boolean;
}

type Body = Pick<Exchanged, 'body' | 'framing' | 'isWhole'>;

const PATIENCE = 5000;

/** What a server says that closes the connection instead of an answer. */
export const UNANSWERED: Exchanged = {
  status: 0,
  fields: [],
  body: '',
  framing: 'none',
  isWhole: false,
  isSilent: false,
};

/** One connection at a time, opened anew when the server closed it. */
export class RawExchange {
  readonly #port: number;
  #socket: Socket | null = null;
  #received = '';
  #ended = false;
  #isSilent = false;
  #wake: (() => void) | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a request, latin1, and reads its answer. */
  async ask(text: string): Promise<Exchanged> {
    const isNew = this.#socket === null || this.#ended;
    if (isNew) this.#open();
    this.#socket?.write(text, 'latin1');
    const head = await this.#head();
    if (head === null) {
      this.close();
      // The server may have closed a connection that was idle for long, or behind its last answer, unannounced.
      if (!isNew && !this.#isSilent && this.#received === '') return this.ask(text);
      return { ...UNANSWERED, isSilent: this.#isSilent };
    }
    const [line = '', ...lines] = head.split('\r\n');
    const status = Number(/^HTTP\/1\.1 (-?[0-9]+)(?: |$)/.exec(line)?.[1]);
    if (Number.isNaN(status)) throw new Error(`No answer: ${head}`);
    const fields = lines.map((field) => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const;
    });
    const field = (name: string): string | null =>
      fields.find(([other]) => other === name)?.[1] ?? null;
    const hasBody = !text.startsWith('HEAD ') && status !== 204 && status !== 304;
    const length = field('content-length');
    const coding = field('transfer-encoding');
    const isClosing = /close/i.test(field('connection') ?? '');
    const answer = await this.#body(hasBody, length, coding);
    if (isClosing || !answer.isWhole || answer.framing === 'close') this.close();
    return { status, fields, ...answer, isSilent: this.#isSilent };
  }

  /** The head of the answer, behind those of interim ones; null where there is none. */
  async #head(): Promise<string | null> {
    const head = await this.#until((received) => {
      const end = received.indexOf('\r\n\r\n');
      return end < 0 ? null : received.slice(0, end);
    });
    if (head === null) return null;
    this.#received = this.#received.slice(head.length + 4);
    return /^HTTP\/1\.1 1[0-9]{2}(?: |\r)/.test(`${head}\r`) ? this.#head() : head;
  }

  async #body(hasBody: boolean, length: string | null, coding: string | null): Promise<Body> {
    if (!hasBody) return { body: '', framing: 'none', isWhole: true };
    if (coding === 'chunked') return this.#chunks();
    if (length === null) return { body: await this.#rest(), framing: 'close', isWhole: true };
    const body = await this.#take(Number(length));
    return body === null
      ? { body: await this.#rest(), framing: 'length', isWhole: false }
      : { body, framing: 'length', isWhole: true };
  }

  async #chunks(): Promise<Body> {
    let body = '';
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one chunk behind the other
      const line = await this.#until((received) => /^([0-9a-f]+)\r\n/i.exec(received)?.[1] ?? null);
      if (line === null) return { body, framing: 'chunked', isWhole: false };
      const size = Number.parseInt(line, 16);
      // oxlint-disable-next-line no-await-in-loop -- as above
      const chunk = await this.#take(line.length + 2 + size + 2);
      if (chunk === null) return { body, framing: 'chunked', isWhole: false };
      if (size === 0) return { body, framing: 'chunked', isWhole: true };
      body += chunk.slice(line.length + 2, -2);
    }
  }

  async #take(length: number): Promise<string | null> {
    const taken = await this.#until((received) =>
      received.length < length ? null : received.slice(0, length),
    );
    if (taken !== null) this.#received = this.#received.slice(length);
    return taken;
  }

  async #rest(): Promise<string> {
    await this.#until(() => null);
    const rest = this.#received;
    this.#received = '';
    return rest;
  }

  /** What `find` finds in what has come; null where the connection ended before. */
  async #until<T>(find: (received: string) => T | null): Promise<T | null> {
    for (;;) {
      const found = find(this.#received);
      if (found !== null || this.#ended) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(() => {
        this.#isSilent = true;
        this.#ended = true;
        resolve();
      }, PATIENCE);
      // oxlint-disable-next-line no-await-in-loop -- until enough has come
      await promise;
      clearTimeout(timer);
    }
  }

  #open(): void {
    const socket = connect(this.#port, '127.0.0.1');
    this.#socket = socket;
    this.#received = '';
    this.#ended = false;
    this.#isSilent = false;
    const end = (): void => {
      if (this.#socket !== socket) return;
      this.#ended = true;
      this.#wake?.();
    };
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      if (this.#socket !== socket) return;
      this.#received += chunk.toString('latin1');
      this.#wake?.();
    });
    socket.on('end', end);
    socket.on('close', end);
    socket.on('error', end);
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }
}
