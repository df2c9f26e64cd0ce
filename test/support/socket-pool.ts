/** A pool of client connections over real sockets, asked one thing at a time. */
import { Deadlines, type Fault, MemoryBudget, systemClock } from '../../src/base/index.ts';
import { DEFAULT_H1_LIMITS, H1ClientProtocol } from '../../src/http/h1/index.ts';
import { type Fields, NO_FIELDS, type ResponseReceiver } from '../../src/http/message/index.ts';
import {
  type DescriptorRoom,
  IdleConnections,
  PeerTransport,
  Turn,
  TurnClock,
} from '../../src/net/index.ts';

const TIMEOUTS = { connect: 5000, send: 5000, read: 5000 };

/** A transport to one peer with everything that a test looks at behind it. */
export interface Pool {
  readonly peer: PeerTransport;
  readonly idle: IdleConnections;
  readonly defects: unknown[];
  readonly deadlines: Deadlines;
}

/** Makes a pool to a port of the loopback address, on the machine's own clock. */
export function poolTo(
  port: number,
  options: {
    readonly maxConnections?: number;
    readonly keep?: number;
    readonly descriptors?: DescriptorRoom;
  } = {},
): Pool {
  const defects: unknown[] = [];
  const deadlines = new Deadlines();
  const budget = new MemoryBudget(1 << 24);
  const idle = new IdleConnections(options.keep ?? 64);
  const peer = new PeerTransport({
    endpoint: { kind: 'tcp', host: '127.0.0.1', port },
    thread: {
      turn: new Turn(new TurnClock(systemClock), (error) => defects.push(error)),
      clock: systemClock,
      deadlines,
      budget,
      ...(options.descriptors === undefined ? {} : { descriptors: options.descriptors }),
    },
    protocol: new H1ClientProtocol({
      clock: systemClock,
      budget,
      limits: DEFAULT_H1_LIMITS,
      lenientLineEnds: false,
      keepAlive: true,
      idleTimeout: 60_000,
      interimLimit: 10,
      onDefect: (error) => defects.push(error),
    }),
    idle,
    maxConnections: options.maxConnections ?? 0,
  });
  return { peer, idle, defects, deadlines };
}

/** How a call ended: with an answer, or with a fault. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly fault: Fault | null;
}

/** Asks for `/`, and waits for the end of the call. */
export function ask(pool: Pool, method = 'GET', body = ''): Promise<Answer> {
  return new Promise((resolve) => {
    let status = 0;
    let text = '';
    const receiver: ResponseReceiver = {
      onInform: () => {},
      onHead: (code: number, _reason: string, _fields: Fields) => {
        status = code;
      },
      onData: (chunk, start, end) => {
        text += Buffer.from(chunk).toString('latin1', start, end);
      },
      onEnd: () => {
        resolve({ status, body: text, fault: null });
      },
      onWhole: (code, _reason, _fields, whole) => {
        resolve({ status: code, body: whole, fault: null });
      },
      onAbort: (fault) => {
        resolve({ status, body: text, fault });
      },
      onDrain: () => {},
    };
    const call = pool.peer.open(
      {
        method,
        target: '/',
        authority: 'localhost',
        fields: NO_FIELDS,
        length: body.length,
        upgrade: null,
        client: null,
      },
      receiver,
      TIMEOUTS,
    );
    if (body !== '') {
      call.write(Buffer.from(body), 0, body.length);
      call.end(null);
    }
  });
}
