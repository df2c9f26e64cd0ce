/**
 * Request smuggling: every case goes through Daemun to servers of four makes, and both sides are asked
 * what requests there were. Whoever saw one that the other did not has been led astray.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DEFAULT_H1_LIMITS, EVENT, ResponseParser } from '../support/raw-client.ts';
import { startApache } from '../support/apache.ts';
import { eventually } from '../support/eventually.ts';
import { needs, peerPath } from '../support/needs.ts';
import {
  freePort,
  startDaemun,
  startNginx,
  temporaryDirectory,
  type TestProcess,
} from '../support/process.ts';
import { RawClient } from '../support/raw-client.ts';
import { SMUGGLING_CASES } from '../support/smuggling-cases.ts';
import type { SmugglingCase } from '../support/smuggling-messages.ts';
import { startTomcat } from '../support/tomcat.ts';

interface BackEnd {
  /** Requests seen so far: method and target. */
  seen(): readonly string[];
  /** Whether it tells of them as they come; logs are written when requests are over, each connection by itself. */
  readonly inOrder: boolean;
  stop(): Promise<void>;
}

interface Front {
  readonly port: number;
  readonly log: string;
}

/** What the client saw of one case. */
interface Outcome {
  readonly statuses: readonly number[];
  /** Whether the proxy ended the connection before the client did. */
  readonly closed: boolean;
}

/** `b` buffers request bodies, `s` streams them. */
const ROUTES = ['b', 's'] as const;
const WAYS = ['at once', 'in pieces'] as const;

interface Run {
  readonly smuggling: SmugglingCase;
  readonly title: string;
  readonly route: (typeof ROUTES)[number];
  readonly way: (typeof WAYS)[number];
  readonly id: string;
}

// Who still sends to a connection that was closed as agreed may lose the answer to a reset: at once only.
function waysOf({ behind }: SmugglingCase): readonly Run['way'][] {
  return behind === 'closes' ? ['at once'] : WAYS;
}

const RUNS: readonly Run[] = SMUGGLING_CASES.flatMap((smuggling) =>
  ROUTES.flatMap((route) => waysOf(smuggling).map((way) => ({ smuggling, route, way }))),
).map((run, at) => ({
  ...run,
  title: `${run.smuggling.title} (${run.route === 'b' ? 'buffered' : 'streamed'}, ${run.way})`,
  id: String(at).padStart(4, '0'),
}));

function placed(text: string, { route, id }: Run): string {
  return text.replaceAll('/@/', `/${route}/`).replaceAll('-0000', `-${id}`);
}

/** Requests of a log file with lines of status, method, target and version. */
function loggedRequests(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ').slice(1, 3).join(' '));
}

async function startNodeServer(port: number): Promise<BackEnd> {
  const requests: string[] = [];
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.on('error', () => {});
    request.resume();
    request.on('end', () => {
      for (const name of Object.keys(request.trailers)) {
        if (FRAMING_NAMES.has(name)) requests.push(`trailer ${name} of ${request.url}`);
      }
      response.end('answer');
    });
  });
  server.on('clientError', (error: Error & { rawPacket?: Buffer }, socket) => {
    // A connection that Daemun gave up says nothing; anything else is a request that Node refused.
    const line = error.rawPacket?.toString('latin1').split('\r\n')[0];
    if (line !== undefined && line !== '') requests.push(`refused by Node: ${line}`);
    socket.destroy();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    seen: () => requests,
    inOrder: true,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const FRAMING_NAMES = new Set(['content-length', 'transfer-encoding', 'host', 'authorization']);

function logging(process: TestProcess, log: string): BackEnd {
  return { seen: () => loggedRequests(log), inOrder: false, stop: () => process.stop() };
}

const BACK_ENDS: readonly {
  readonly name: string;
  readonly skip: false | string;
  readonly start: (port: number, logs: string) => Promise<BackEnd>;
}[] = [
  { name: 'a server of Node’s', skip: false, start: startNodeServer },
  {
    name: 'nginx',
    skip: needs('nginx'),
    async start(port, logs) {
      const log = join(logs, 'access.log');
      const nginx = await startNginx(
        peerPath('nginx') ?? 'nginx',
        port,
        `log_format requests '$status $request'; access_log ${log} requests; keepalive_requests 1000000;
         underscores_in_headers on; ignore_invalid_headers off;
         server { listen 127.0.0.1:${port}; location / { return 200 answer; } }`,
      );
      return logging(nginx, log);
    },
  },
  {
    name: 'Apache httpd',
    skip: needs('apache2'),
    async start(port, logs) {
      const log = join(logs, 'access.log');
      const apache = await startApache(
        peerPath('apache2') ?? 'apache2',
        port,
        [],
        `LogFormat "%>s %r" requests\nCustomLog ${log} requests\nKeepAliveTimeout 300`,
      );
      return logging(apache, log);
    },
  },
  {
    name: 'Tomcat',
    skip: needs('tomcat10'),
    async start(port, logs) {
      return logging(await startTomcat(port, { logs }), join(logs, 'access.log'));
    },
  },
];

function startFront(port: number, backPort: number, log: string): Promise<TestProcess> {
  const route = { proxy: 'back', preserveHost: true };
  return startDaemun(port, {
    threads: 1,
    logs: {
      access: {
        path: log,
        format: '$status $fault_code $request_method $request_uri',
        buffer: '0B',
      },
      error: 'off',
    },
    upstreams: { back: { servers: [{ url: `http://127.0.0.1:${backPort}`, maxFails: 0 }] } },
    sites: {
      '*': {
        listen: [`127.0.0.1:${port}`],
        routes: {
          '/b/*': { ...route, requestBody: 'buffer' },
          '/s/*': { ...route, requestBody: 'stream' },
          '/': { respond: 404 },
        },
      },
    },
  });
}

/** Pieces of at most 7 bytes, or of a fiftieth of a text that is long. */
function* piecesOf(bytes: Buffer): Generator<Buffer> {
  const longest = Math.max(7, Math.ceil(bytes.length / 50));
  let at = 0;
  for (let size = 1; at < bytes.length; size = (size * 3 + 1) % (longest + 1) || 1) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function play(port: number, run: Run): Promise<Outcome> {
  const { reaches, behind } = run.smuggling;
  const bytes = Buffer.from(placed(run.smuggling.bytes, run), 'latin1');
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  const parser = new ResponseParser(DEFAULT_H1_LIMITS, false);
  const statuses: number[] = [];
  let status = 0;
  let ended = false;
  const failures: Error[] = [];
  const read = (): void => {
    for (;;) {
      const method = reaches[statuses.length]?.split(' ')[0] ?? 'GET';
      if (status === 0) parser.expect(method, false);
      const event = parser.next();
      if (event === EVENT.head) {
        if (parser.status >= 200) ({ status } = parser);
      } else if (event === EVENT.end) {
        statuses.push(status);
        status = 0;
      } else if (event !== EVENT.data) {
        if (event === EVENT.refused) failures.push(new Error(parser.fault?.message));
        return;
      }
    }
  };
  socket.on('data', (chunk: Buffer) => {
    parser.push(chunk, 0, chunk.length);
    read();
  });
  socket.on('end', () => (ended = true));
  socket.on('error', (error: Error) => {
    failures.push(error);
    ended = true;
  });
  await once(socket, 'connect');
  if (run.way === 'at once') socket.write(bytes);
  else {
    for (const piece of piecesOf(bytes)) {
      socket.write(piece);
      // oxlint-disable-next-line no-await-in-loop -- each piece is to be read by itself
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const stays = behind === 'open' || behind === 'waits';
  await eventually(
    `what ${run.title} leads to; so far ${statuses.join(' ')}`,
    () => ended || failures.length > 0 || (stays && statuses.length >= reaches.length),
  );
  const closed = ended;
  socket.end();
  await eventually(`the end of ${run.title}`, () => ended || failures.length > 0);
  socket.destroy();
  assert.deepEqual(failures, [], run.title);
  return { statuses, closed };
}

// What the client has to see. A body that streams may have been answered before it turned out to be broken.
function checkOutcome({ smuggling, title, route }: Run, { statuses, closed }: Outcome): void {
  const { reaches, behind } = smuggling;
  const answers = statuses.slice(0, reaches.length);
  const rest = statuses.slice(reaches.length);
  const what = `${title}: ${statuses.join(' ')}`;
  assert.equal(answers.length, reaches.length, what);
  switch (behind) {
    case 'open':
      assert.deepEqual(rest, [], what);
      break;
    case 'closes':
      assert.deepEqual(rest, [], what);
      assert.ok(closed, `${title} leaves the connection open`);
      break;
    case 'refused':
      assert.equal(rest.length, 1, what);
      assert.ok(route === 's' || (rest[0] ?? 0) >= 400, what);
      assert.ok(closed, `${title} leaves the connection open`);
      break;
    case 'waits':
      assert.ok(rest.length <= 1, what);
      break;
  }
}

/** Lines by the number of the case that is in them; what has none comes under ''. */
function byCase(lines: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of lines) {
    const id = /-(\d{4})/.exec(line)?.[1] ?? '';
    const same = found.get(id);
    if (same === undefined) found.set(id, [line]);
    else same.push(line);
  }
  return found;
}

/** What is in `lines` besides `expected`; fails, with `what`, where something of that is missing. */
function besides(lines: readonly string[], expected: readonly string[], what: string): string[] {
  const rest = [...lines];
  for (const line of expected) {
    const at = rest.indexOf(line);
    assert.ok(at >= 0, `${what}: ${line} is missing from ${lines.join(', ')}`);
    rest.splice(at, 1);
  }
  return rest;
}

// What both sides have to agree on.
function checkRequests(
  run: Run,
  ours: readonly string[],
  theirs: readonly string[],
  inOrder: boolean,
): void {
  const { smuggling, title, route } = run;
  const reaches = smuggling.reaches.map((line) => placed(line, run));
  const accepted: string[] = [];
  const faulty: string[] = [];
  for (const line of ours) {
    const [, fault, ...request] = line.split(' ');
    (fault === '-' ? accepted : faulty).push(request.join(' '));
  }
  const more = besides(theirs, reaches, `${title}: the server`);
  assert.deepEqual(accepted.slice(0, reaches.length), reaches, `${title}: what Daemun took`);
  if (inOrder) assert.deepEqual(theirs.slice(0, reaches.length), reaches, title);
  if (route === 'b') {
    assert.deepEqual(more, [], `${title}: what the server saw besides`);
    assert.equal(accepted.length, reaches.length, `${title}: Daemun took ${accepted.join(', ')}`);
    return;
  }
  // The head of a streamed request goes on before its body is known to be broken.
  assert.ok(more.length <= 1, `${title}: the server saw ${more.join(', ')} besides`);
  for (const line of more) {
    assert.ok([...accepted.slice(reaches.length), ...faulty].includes(line), `${title}: ${line}`);
    assert.ok(!line.includes('smuggled'), `${title}: ${line}`);
  }
  assert.ok(accepted.length <= theirs.length, `${title}: Daemun answered for the server`);
}

async function playAll(front: Front, backEnd: BackEnd): Promise<string[]> {
  const problems: string[] = [];
  const sentinels = new RawClient(front.port);
  const attempt = async (check: () => void | Promise<void>): Promise<void> => {
    try {
      await check();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  };
  let at = 0;
  for (const run of RUNS) {
    // oxlint-disable no-await-in-loop -- cases share one upstream connection, one after the other
    await attempt(async () => {
      checkOutcome(run, await play(front.port, run));
    });
    // Whatever a case left on the connection to the server would spoil the next request.
    const sentinel = `/b/sentinel?${at++}`;
    await attempt(async () => {
      await sentinels.ask(`GET ${sentinel} HTTP/1.1\r\nHost: site.test\r\n\r\n`);
    });
    // oxlint-enable no-await-in-loop
  }
  sentinels.close();
  const last = `GET /b/sentinel?${at - 1}`;
  await eventually(
    'the last line of both logs',
    () => backEnd.seen().includes(last) && readFileSync(front.log, 'latin1').includes(`${last}\n`),
  );
  return problems;
}

function checkLogs(ours: readonly string[], backEnd: BackEnd): string[] {
  const theirs = backEnd.seen();
  const problems: string[] = [];
  const isSentinel = (line: string): boolean => line.includes('GET /b/sentinel?');
  const expected = RUNS.map((_, at) => `GET /b/sentinel?${at}`);
  const sentinels = theirs.filter(isSentinel);
  if (backEnd.inOrder) assert.deepEqual(sentinels, expected, 'the sentinels at the server');
  else assert.deepEqual(sentinels.toSorted(), expected.toSorted(), 'the sentinels at the server');
  const oursByCase = byCase(ours.filter((line) => !isSentinel(line)));
  const theirsByCase = byCase(theirs.filter((line) => !isSentinel(line)));
  if (theirsByCase.has('')) problems.push(`unknown requests: ${String(theirsByCase.get(''))}`);
  for (const run of RUNS) {
    try {
      checkRequests(
        run,
        oursByCase.get(run.id) ?? [],
        theirsByCase.get(run.id) ?? [],
        backEnd.inOrder,
      );
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return problems;
}

describe('no request is smuggled past Daemun', () => {
  for (const { name, skip, start } of BACK_ENDS) {
    test(`to ${name}`, { skip }, async (t) => {
      const logs = temporaryDirectory();
      const [port, backPort] = [await freePort(), await freePort()];
      const front: Front = { port, log: join(logs, 'front.log') };
      const backEnd = await start(backPort, logs);
      let problems: string[] = [];
      try {
        const daemun = await startFront(port, backPort, front.log);
        try {
          problems = await playAll(front, backEnd);
        } finally {
          await daemun.stop();
        }
      } finally {
        await backEnd.stop();
      }
      // Both have ended: nothing is added to their logs any more.
      const ours = readFileSync(front.log, 'latin1')
        .split('\n')
        .filter((line) => line !== '');
      problems.push(...checkLogs(ours, backEnd));
      rmSync(logs, { recursive: true });
      t.diagnostic(`${SMUGGLING_CASES.length} cases, ${RUNS.length} runs`);
      assert.deepEqual(problems, []);
    });
  }
});
