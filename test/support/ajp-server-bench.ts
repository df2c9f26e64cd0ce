import { ManualClock, MemoryBudget, NEVER, Secret } from '../../src/base/index.ts';
import { type ExchangeHandler, Fields, NO_FIELDS } from '../../src/http/message/index.ts';
import {
  AjpServerConnection,
  type AjpRequest,
  type AjpServerSettings,
  type ContainerMessage,
  forwardRequest,
  PacketReader,
  readContainerMessage,
  requestBodyHead,
  TO_SERVER,
} from '../../src/wire/ajp/index.ts';
import { ajpTestSettings } from '../conformance/ajp-front.ts';
import { MemoryWire } from '../conformance/memory-wire.ts';
import { Recorder } from '../conformance/recorder.ts';
import { memoryConnection } from './memory-exchange.ts';

/** A request as a web server tells of it. */
export const REQUEST: AjpRequest = {
  method: 'GET',
  protocol: 'HTTP/1.1',
  uri: '/a',
  remoteAddress: '192.0.2.7',
  remoteHost: null,
  serverName: 'x.test',
  serverPort: 80,
  secure: false,
  fields: Fields.of(['Host', 'x.test']),
  attributes: {},
  keySize: 0,
  named: [],
};

/** What may be different in a bench. */
export interface AjpServerSetting {
  readonly secret?: string;
  readonly settings?: Partial<AjpServerSettings>;
  /** What is done with an exchange as soon as it is there. */
  readonly act?: (recorder: Recorder) => void;
}

/** The container's end of a connection, its wire, and the exchanges that came of it. */
export class AjpServerBench {
  readonly wire = new MemoryWire();
  readonly clock = new ManualClock();
  readonly budget = new MemoryBudget(1 << 20);
  readonly defects: unknown[] = [];
  readonly recorders: Recorder[] = [];
  readonly connection: AjpServerConnection;
  readonly #reader = new PacketReader(TO_SERVER, 65_536);
  #read = 0;

  constructor({ secret, settings, act }: AjpServerSetting = {}) {
    const handler: ExchangeHandler = {
      onExchange: (exchange) => {
        const recorder = new Recorder(exchange);
        this.recorders.push(recorder);
        act?.(recorder);
      },
    };
    const known = secret === undefined ? null : new Secret(secret);
    const own = ajpTestSettings(handler, this.clock, this.budget, this.defects, known);
    // As they are: one may be asked anew each time.
    const all = Object.defineProperties(own, Object.getOwnPropertyDescriptors(settings ?? {}));
    this.connection = new AjpServerConnection(this.wire, memoryConnection({ requests: 0 }), all);
    this.wire.protocol = this.connection;
  }

  /** The exchange that came last. */
  get last(): Recorder {
    const recorder = this.recorders.at(-1);
    if (recorder === undefined) throw new Error('no exchange came');
    return recorder;
  }

  /** Bytes of the web server come, in a buffer that is used again. */
  comes(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.connection.onBytes(bytes, 0, bytes.length);
    bytes.fill('!');
  }

  ask(request: Partial<AjpRequest> = {}): void {
    this.comes(packetOf(request));
  }

  /** Bytes that were written since the last look, as latin1. */
  sent(): string {
    this.wire.turn();
    const text = this.wire.taken.toString('latin1', this.#read);
    this.#read = this.wire.taken.length;
    return text;
  }

  /** What the packets say that were written since the last look. */
  told(): readonly (Exclude<ContainerMessage, { type: 'body' }> | string)[] {
    const bytes = Buffer.from(this.sent(), 'latin1');
    const found: (Exclude<ContainerMessage, { type: 'body' }> | string)[] = [];
    this.#reader.push(bytes, 0, bytes.length);
    while (this.#reader.next()) {
      const message = readContainerMessage(
        this.#reader.bytes,
        this.#reader.start,
        this.#reader.end,
      );
      if (message === null) throw new Error('a packet that means nothing was sent');
      found.push(
        message.type === 'body' ? bytes.toString('latin1', message.start, message.end) : message,
      );
    }
    return found;
  }

  /** Time passes; the deadline is looked at as a sweep does. */
  pass(ms: number): void {
    this.clock.advance(ms);
    if (this.connection.deadline > this.clock.monotonic()) return;
    this.connection.deadline = NEVER;
    this.connection.onDeadline(this.clock.monotonic());
  }

  get ended(): 'open' | 'closed' | 'lingers' | 'destroyed' {
    if (this.wire.destroyed) return 'destroyed';
    if (!this.wire.closed) return 'open';
    return this.wire.lingers ? 'lingers' : 'closed';
  }
}

/** What a web server sends first: `REQUEST`, but for what is given. Throws where that is more than `largest` bytes. */
export function packetOf(request: Partial<AjpRequest>, largest = 8192): string {
  const packet = forwardRequest({ ...REQUEST, ...request }, largest);
  if (packet === null) throw new Error('it does not fit');
  return packet;
}

/** Answers with a word, or with the status of what the request was refused for. */
export function hello({ exchange }: Recorder): void {
  exchange.send(exchange.refusal?.kind.status ?? 200, NO_FIELDS, 'hello');
}

/** A bench to which a request came. */
export function asked(
  request: Partial<AjpRequest>,
  setting: AjpServerSetting = {},
): AjpServerBench {
  const bench = new AjpServerBench(setting);
  bench.ask(request);
  return bench;
}

/** A bench to which a request with a body came, of which nothing was sent yet. */
export function posted(
  framing: number | 'unknown',
  setting: AjpServerSetting = {},
): AjpServerBench {
  const field: readonly [string, string] =
    framing === 'unknown' ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(framing)];
  return asked({ method: 'POST', fields: Fields.of(['Host', 'x.test'], field) }, setting);
}

/** A packet with bytes of a body that the web server sends. */
export function bodySent(text: string): string {
  return requestBodyHead(text.length) + text;
}
