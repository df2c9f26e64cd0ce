// Clients of a server whose configuration changes under them. Each of them notes what is not as it should be.
import { createHash, randomBytes } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { patternAt } from './load-back-end.ts';

/** A request whose connection was refused, or ended before its answer did. */
export interface Loss {
  readonly what: string;
  /** The system's code, such as `ECONNREFUSED`; `closed` where the connection ended without one. */
  readonly code: string;
  /** `performance.now()` when its connection was begun, and when it was lost. */
  readonly begun: number;
  readonly lost: number;
  /** Port of the client; 0 where it had none. */
  readonly port: number;
}

/** What all clients of one run count, and what they found wrong. */
export class LoadTally {
  /** Requests that were begun, all of them. */
  requests = 0;
  /** Connections that were opened for them. */
  connections = 0;
  bytes = 0;
  /** Longest time from the begin of a connection until its first request was answered, in milliseconds. */
  longestWait = 0;
  /** What was wrong, the losses among it. */
  readonly failures: string[] = [];
  readonly losses: Loss[] = [];
  /** Generation of the configuration that is served at least by now. */
  served = 0;
  /** Generation of the configuration that may be served already. */
  offered = 0;

  /** What was wrong with answers that came. */
  readonly wrong: string[] = [];

  /** Notes an answer that is not as it should be. */
  fail(what: string): void {
    this.wrong.push(what);
    this.failures.push(what);
  }

  /** Notes that the connection of a request is gone; `error` is why, where it was told. */
  lose(what: string, error: Error | null, way: Way): void {
    const code = error !== null && 'code' in error ? String(error.code) : 'closed';
    const { begun, port } = way;
    this.losses.push({ what, code, begun, lost: performance.now(), port });
    this.failures.push(`${what}: ${error === null ? 'closed before its time' : String(error)}`);
  }
}

/** The connection of a request, as far as it is known. */
interface Way {
  begun: number;
  port: number;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function newWay(): Way {
  return { begun: performance.now(), port: 0 };
}

// Of connections that serve several requests.
const ways = new WeakMap<Socket, Way>();

/** Where a request goes, and what must come back. */
export interface Errand {
  readonly host: string;
  readonly path: string;
  readonly answer: string;
  /** Body of a POST; a GET without. */
  readonly body?: string;
  /** Whether the answer carries the generation of the configuration. */
  readonly tagged: boolean;
}

/** Header field that carries the generation. */
export const GENERATION = 'x-generation';

interface Received {
  readonly status: number;
  readonly tag: string | undefined;
  readonly body: string;
  /** Whether the answer asks the client to come again on another connection. */
  readonly isLast: boolean;
}

function send(
  port: number,
  errand: Errand,
  agent: Agent,
  onWay: (way: Way, isNew: boolean) => void,
): Promise<Received> {
  const { host, path, body } = errand;
  const headers: Record<string, string> = { host };
  if (body !== undefined) headers['content-length'] = String(body.length);
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      response.on('error', reject);
      response.on('end', () => {
        const tag = response.headers[GENERATION];
        resolve({
          status: response.statusCode ?? 0,
          tag: typeof tag === 'string' ? tag : undefined,
          body: text,
          isLast: response.headers.connection === 'close',
        });
      });
    });
    asked.on('socket', (socket) => {
      const known = ways.get(socket);
      const way = known ?? newWay();
      onWay(way, known === undefined);
      if (known !== undefined) return;
      ways.set(socket, way);
      socket.once('connect', () => (way.port = socket.localPort ?? 0));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** What an errand was on its connection; it may have been both. */
export interface Ran {
  readonly isFirst: boolean;
  /** The answer said so, or there was none. */
  readonly isLast: boolean;
}

/** Runs one errand and notes what is wrong with its answer. */
export async function run(
  port: number,
  errand: Errand,
  agent: Agent,
  tally: LoadTally,
): Promise<Ran> {
  const { host, path, answer, tagged } = errand;
  const earliest = tally.served;
  tally.requests++;
  const on = { isFirst: false, way: newWay() };
  const onWay = (way: Way, isFirst: boolean): void => {
    Object.assign(on, { way, isFirst });
    if (isFirst) tally.connections++;
  };
  try {
    const { status, tag, body, isLast } = await send(port, errand, agent, onWay);
    if (on.isFirst)
      tally.longestWait = Math.max(tally.longestWait, performance.now() - on.way.begun);
    if (status !== 200) tally.fail(`${host}${path}: status ${status}`);
    if (body !== answer) tally.fail(`${host}${path}: ${body.length} other bytes`);
    const generation = Number(tag);
    if (tagged ? !(generation >= earliest && generation <= tally.offered) : tag !== undefined) {
      tally.fail(`${host}${path}: generation ${tag} outside ${earliest}–${tally.offered}`);
    }
    tally.bytes += body.length;
    return { isFirst: on.isFirst, isLast };
  } catch (error) {
    tally.lose(`${host}${path}`, asError(error), on.way);
    return { isFirst: on.isFirst, isLast: true };
  }
}

/** Requests on one connection behind which a server closes it, unless its configuration says otherwise. */
const KEEP_ALIVE_REQUESTS = 1000;

/**
 * Runs errands in turn until `over`: on one connection that stays, or each on its own. A hand-over to another process
 * asks the client to come again, once; no connection ends unasked.
 */
export async function visit(
  port: number,
  errands: readonly Errand[],
  keepAlive: boolean,
  tally: LoadTally,
  over: () => boolean,
  handOvers: () => number,
): Promise<void> {
  const agent = new Agent({ keepAlive, maxSockets: 1 });
  const own = { requests: 0, connections: 0 };
  let wasLast = true;
  for (let at = 0; !over(); at++) {
    const errand = errands[at % errands.length];
    if (errand === undefined) continue;
    // oxlint-disable no-await-in-loop -- one after the other is what a connection is about
    const { isFirst, isLast } = await run(port, errand, agent, tally);
    if (isFirst) own.connections++;
    if (isFirst && !wasLast && keepAlive && Number.isFinite(handOvers()))
      tally.fail(`${errand.host}${errand.path}: the connection of before ended unasked`);
    wasLast = isLast;
    own.requests++;
    await delay(2);
    // oxlint-enable no-await-in-loop
  }
  agent.destroy();
  const needed = keepAlive ? Math.ceil(own.requests / KEEP_ALIVE_REQUESTS) : own.requests;
  const most = keepAlive ? needed + handOvers() : needed;
  if (own.connections < needed || own.connections > most) {
    tally.fail(`${own.connections} connections for ${own.requests} requests`);
  }
}

/** A request that stays for long, on a connection of its own. */
interface Begun {
  readonly socket: Socket;
  readonly way: Way;
  /** Why the connection ended, where it was told. */
  error: Error | null;
}

function begin(port: number, head: string, tally: LoadTally): Begun {
  tally.requests++;
  tally.connections++;
  const socket = connect(port, '127.0.0.1');
  const begun: Begun = { socket, way: newWay(), error: null };
  socket.setNoDelay(true);
  socket.on('error', (error) => (begun.error = error));
  socket.once('connect', () => (begun.way.port = socket.localPort ?? 0));
  socket.write(head);
  return begun;
}

/** Keeps a tunnel open until `over`, sends through it, and compares every byte that comes back. */
export async function tunnel(
  port: number,
  host: string,
  path: string,
  tally: LoadTally,
  over: () => boolean,
): Promise<void> {
  const what = `tunnel ${host}${path}`;
  const begun = begin(
    port,
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
    tally,
  );
  const { socket } = begun;
  const [sent, back] = [createHash('sha256'), createHash('sha256')];
  const state = { head: '', open: false, closed: false, sent: 0, back: 0 };
  socket.on('data', (chunk: Buffer) => {
    let echoed = chunk;
    if (!state.open) {
      state.head += chunk.toString('latin1');
      const end = state.head.indexOf('\r\n\r\n');
      if (end < 0) return;
      state.open = true;
      if (!state.head.startsWith('HTTP/1.1 101 ')) tally.fail(`${what}: ${state.head}`);
      echoed = Buffer.from(state.head.slice(end + 4), 'latin1');
    }
    back.update(echoed);
    state.back += echoed.length;
  });
  socket.on('close', () => (state.closed = true));
  while ((!over() || state.sent === 0) && !state.closed) {
    if (state.open) {
      const bytes = randomBytes(512);
      sent.update(bytes);
      state.sent += bytes.length;
      socket.write(bytes);
    }
    // oxlint-disable-next-line no-await-in-loop -- a pause between two sends
    await delay(5);
  }
  for (let i = 0; i < 1000 && state.back < state.sent && !state.closed; i++) {
    // oxlint-disable-next-line no-await-in-loop -- until all is back
    await delay(5);
  }
  tally.bytes += state.back;
  if (state.closed) {
    tally.lose(what, begun.error, begun.way);
    return;
  }
  socket.destroy();
  if (state.sent === 0) tally.fail(`${what}: nothing was sent`);
  if (state.back !== state.sent || sent.digest('hex') !== back.digest('hex')) {
    tally.fail(`${what}: ${state.sent} bytes there, ${state.back} back`);
  }
}

/** Sends a chunked body, a little at a time until `over`; the back end must tell its length and digest. */
export async function upload(
  port: number,
  host: string,
  path: string,
  tally: LoadTally,
  over: () => boolean,
): Promise<void> {
  const what = `upload ${host}${path}`;
  const begun = begin(
    port,
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`,
    tally,
  );
  const { socket } = begun;
  const hash = createHash('sha256');
  const state = { answer: '', closed: false, sent: 0 };
  socket.on('data', (chunk: Buffer) => (state.answer += chunk.toString('latin1')));
  const ended = new Promise<void>((resolve) => {
    socket.on('close', () => {
      state.closed = true;
      resolve();
    });
  });
  while (!over() && !state.closed) {
    const bytes = randomBytes(1000);
    hash.update(bytes);
    state.sent += bytes.length;
    socket.write(`${bytes.length.toString(16)}\r\n`);
    socket.write(bytes);
    socket.write('\r\n');
    // oxlint-disable-next-line no-await-in-loop -- a slow body
    await delay(10);
  }
  socket.write('0\r\n\r\n');
  await ended;
  tally.bytes += state.sent;
  if (state.answer === '') {
    tally.lose(what, begun.error, begun.way);
    return;
  }
  const told = `${state.sent} ${hash.digest('hex')}`;
  if (!state.answer.startsWith('HTTP/1.1 200 ') || !state.answer.includes(told)) {
    tally.fail(`${what}: ${told} was answered by ${JSON.stringify(state.answer)}`);
  }
}

/**
 * Reads an answer that consists of the pattern; `pause` milliseconds behind each piece. `expected` says how
 * long it must have been, once it is over.
 */
export async function download(
  port: number,
  host: string,
  path: string,
  pause: number,
  expected: () => number | undefined,
  tally: LoadTally,
): Promise<void> {
  const what = `download ${host}${path}`;
  tally.requests++;
  tally.connections++;
  const way = newWay();
  let length = 0;
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const where = { host: '127.0.0.1', port, path, headers: { host }, agent: false } as const;
      const asked = request(where, resolve).on('error', reject);
      asked.on('socket', (socket) => {
        socket.once('connect', () => (way.port = socket.localPort ?? 0));
      });
      asked.end();
    });
    if (response.statusCode !== 200) tally.fail(`${what}: status ${response.statusCode}`);
    for await (const chunk of response as AsyncIterable<Buffer>) {
      for (const byte of chunk) {
        if (byte !== patternAt(length++)) {
          tally.fail(`${what}: another byte at ${length - 1}`);
          return;
        }
      }
      if (pause > 0) await delay(pause);
    }
    if (!response.complete) tally.lose(what, null, way);
    else if (length !== expected() || length === 0)
      tally.fail(`${what}: ${length} bytes of ${expected()}`);
  } catch (error) {
    tally.lose(what, asError(error), way);
  }
  tally.bytes += length;
}
