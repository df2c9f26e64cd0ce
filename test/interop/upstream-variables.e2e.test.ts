/** `$upstream_…` variables: the same dead, silent and living servers behind nginx and behind us, the same log lines. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { needs, peerPath } from '../support/needs.ts';
import { freePort, startDaemun, startNginx, type TestProcess } from '../support/process.ts';
import { RawClient } from '../support/raw-client.ts';

const NAMES = [
  'addr',
  'status',
  'connect_time',
  'header_time',
  'response_time',
  'response_length',
  'bytes_received',
  'http_server',
  'http_x_accel_limit_rate',
  'http_x_none',
];
const FORMAT = `$uri ${NAMES.map((name) => `${name}=[$upstream_${name}]`).join(' ')} $status`;

const HEAD = 'Server: inner\r\nX-Accel-Limit-Rate: 1000000\r\nContent-Length: 5\r\n\r\n';
const ANSWERS: ReadonlyMap<string, string> = new Map([
  ['/503', `HTTP/1.1 503 No\r\n${HEAD}sorry`],
  ['/silent', ''],
]);

/** Answers by path, and only where the bytes are all there is to say: nothing of it depends on who asks. */
function backEnd(): Server {
  return createServer((socket) => {
    socket.on('error', () => {});
    let asked = '';
    socket.on('data', (chunk: Buffer) => {
      asked += chunk.toString('latin1');
      if (!asked.includes('\r\n\r\n')) return;
      const path = asked.split(' ')[1] ?? '';
      asked = '';
      if (path === '/cut') socket.destroy();
      else socket.write(ANSWERS.get(path) ?? `HTTP/1.1 200 OK\r\n${HEAD}hello`);
    });
  });
}

interface BackServer {
  readonly port: () => number;
  readonly backup?: boolean;
  readonly down?: boolean;
}

describe('upstream variables as nginx has them', { skip: needs('nginx') }, () => {
  const sockets = new Set<Socket>();
  const living = backEnd().on('connection', (socket: Socket) => sockets.add(socket));
  const ports = { living: 0, dead: 0, gone: 0, silent: 0 };
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.resume();
  });
  const dead: BackServer = { port: () => ports.dead };
  const alive: BackServer = { port: () => ports.living };
  const upstreams: Readonly<Record<string, readonly BackServer[]>> = {
    one: [alive],
    refused: [dead, { ...alive, backup: true }],
    nobody: [dead, { port: () => ports.gone }],
    slow: [{ port: () => ports.silent }, { ...alive, backup: true }],
    single: [{ port: () => ports.silent }],
    out: [dead, { ...alive, down: true }],
    busy: [alive, { ...dead, backup: true }],
    page: [dead],
    // nginx counts a connection that was ended while it was idle as a try of its own; here none is idle.
    cut: [alive],
  };
  const routes: Readonly<Record<string, readonly [string, string]>> = {
    '/one': ['one', '/'],
    '/cut': ['cut', '/cut'],
    '/503': ['one', '/503'],
    '/refused': ['refused', '/'],
    '/nobody': ['nobody', '/'],
    '/slow': ['slow', '/'],
    '/single': ['single', '/'],
    '/out': ['out', '/'],
    '/busy': ['busy', '/503'],
    '/page': ['page', '/'],
  };
  let nginx: TestProcess;
  let daemun: TestProcess;
  let clients: readonly RawClient[] = [];

  const nginxConfig = (port: number): string => {
    const groups = Object.entries(upstreams).map(([name, servers]) => {
      const lines = servers.map(
        ({ port: of, backup, down }) =>
          `server 127.0.0.1:${of()}${backup === true ? ' backup' : ''}${down === true ? ' down' : ''};`,
      );
      return `upstream ${name} { ${lines.join(' ')} keepalive 8; }`;
    });
    const locations = Object.entries(routes).map(
      ([path, [name, uri]]) => `location = ${path} { proxy_pass http://${name}${uri};
        ${path === '/page' ? 'error_page 502 /one;' : ''} }`,
    );
    return `log_format t '${FORMAT}'; access_log {dir}/lines.log t;
      ${groups.join('\n')}
      server { listen 127.0.0.1:${port}; proxy_http_version 1.1; proxy_set_header Connection "";
        proxy_read_timeout 600ms; proxy_next_upstream error timeout http_503;
        location / { return 204; } ${locations.join('\n')} }`;
  };

  const daemunConfig = (port: number): object => ({
    threads: 1,
    upstreams: Object.fromEntries(
      Object.entries(upstreams).map(([name, servers]) => [
        name,
        {
          servers: servers.map(({ port: of, ...more }) => ({
            url: `http://127.0.0.1:${of()}`,
            ...more,
          })),
        },
      ]),
    ),
    logs: { access: { path: 'lines.log', format: FORMAT, buffer: '1B' } },
    sites: {
      '*': {
        listen: [`127.0.0.1:${port}`],
        routes: {
          '/': { respond: 204 },
          ...Object.fromEntries(
            Object.entries(routes).map(([path, [proxy, uri]]) => [
              path,
              {
                proxy,
                uri,
                readTimeout: '600ms',
                nextUpstream: { conditions: ['error', 'timeout', 'http-503'] },
                ...(path === '/page' ? { errorPages: { 502: '/one' } } : {}),
              },
            ]),
          ),
        },
      },
    },
  });

  before(async () => {
    const listening = (server: Server): Promise<number> =>
      new Promise((done) => {
        server.listen(0, '127.0.0.1', () => {
          const address = server.address();
          assert.ok(address !== null && typeof address === 'object');
          done(address.port);
        });
      });
    ports.living = await listening(living);
    ports.silent = await listening(silent);
    ports.dead = await freePort();
    ports.gone = await freePort();
    const [theirs, ours] = [await freePort(), await freePort()];
    nginx = await startNginx(peerPath('nginx') ?? 'nginx', theirs, nginxConfig(theirs));
    daemun = await startDaemun(ours, daemunConfig(ours));
    clients = [new RawClient(theirs, { closesUnannounced: true }), new RawClient(ours)];
  });

  after(async () => {
    for (const client of clients) client.close();
    for (const socket of sockets) socket.destroy();
    living.close();
    silent.close();
    await Promise.all([nginx.stop(), daemun.stop()]);
  });

  let lines = 0;

  /** Asks both, and returns what nginx logged; ours is the same but for the digits of times. */
  async function sameLine(path: string): Promise<string> {
    const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    await Promise.all(clients.map((client) => client.ask(request)));
    lines++;
    const [theirs = '', ours = ''] = await Promise.all(
      [nginx, daemun].map(async ({ directory }) => {
        let line = '';
        await eventually(`line ${lines} of the log`, () => {
          const all = readFileSync(join(directory, 'lines.log'), 'latin1').split('\n');
          line = all[lines - 1] ?? '';
          return all.length > lines;
        });
        return line;
      }),
    );
    assert.equal(shape(ours), shape(theirs), path);
    return theirs;
  }

  function shape(line: string): string {
    const named = Object.entries(ports).reduce(
      (text, [name, port]) => text.replaceAll(`127.0.0.1:${port}`, name),
      line,
    );
    // A time is there or not, and is about nothing or about the time-out.
    return named.replaceAll(/\d+\.\d{3}/g, (time) => (Number(time) < 0.5 ? 'short' : 'long'));
  }

  const field = (line: string, name: string): string =>
    new RegExp(` ${name}=\\[([^\\]]*)\\]`).exec(shape(line))?.[1] ?? '';

  for (const [what, path, addresses, statuses] of [
    ['a server that answers', '/one', 'living', '200'],
    ['a connection that is used again', '/one', 'living', '200'],
    ['a server that answers with an error', '/503', 'living', '503'],
    ['a server that closes the connection', '/cut', 'living', '502'],
    ['a server that refuses, and another one', '/refused', 'dead, living', '502, 200'],
    ['servers that all refuse', '/nobody', 'dead, gone', '502, 502'],
    ['servers that are all put aside', '/nobody', 'nobody', '502'],
    ['a server that is too slow, and another one', '/slow', 'silent, living', '504, 200'],
    ['the only server, which is too slow', '/single', 'silent', '504'],
    ['a server that refuses, and another that is down', '/out', 'dead', '502'],
    ['a server that was put aside, and another that is down', '/out', 'out', '502'],
    [
      'an answer that is passed over, and a server that refuses',
      '/busy',
      'living, dead',
      '503, 502',
    ],
    ['an error page from another upstream', '/page', 'dead : living', '502 : 200'],
    ['no server at all', '/none', '-', '-'],
  ] as const) {
    test(`${what}: ${addresses}`, async () => {
      const line = await sameLine(path);
      assert.equal(field(line, 'addr'), addresses);
      assert.equal(field(line, 'status'), statuses);
    });
  }
});
