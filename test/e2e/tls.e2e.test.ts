import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { CliProcess, get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';
import { ServedConfig } from '../support/served-config.ts';

const FOLDER = join(import.meta.dirname, '../support/certificates');
const PAIRS = ['a', 'b', 'rsa', 'renewed'] as const;
const pem = (name: string): string => readFileSync(join(FOLDER, `${name}.pem`), 'latin1');

function directoryWithCertificates(): string {
  const directory = temporaryDirectory();
  for (const name of PAIRS)
    for (const kind of ['pem', 'key'])
      copyFileSync(join(FOLDER, `${name}.${kind}`), join(directory, `${name}.${kind}`));
  return directory;
}

function secure(port: number, name: string): object {
  return {
    address: `127.0.0.1:${port}`,
    tls: { certificate: `${name}.pem`, key: `${name}.key` },
  };
}

async function started(
  t: TestContext,
  config: object,
  directory = directoryWithCertificates(),
): Promise<ServedConfig> {
  const server = await ServedConfig.start(config, {}, directory);
  t.after(async () => {
    await server.stop();
    server.remove();
  });
  return server;
}

/** Two sites on one address, each with a certificate of its own; `a.test` comes first. */
function twoSites(port: number, more: object = {}): object {
  const site = (name: string): object => ({
    listen: [secure(port, name)],
    routes: { '/': { respond: 200, body: `site ${name}\n` } },
  });
  return { threads: 1, ...more, sites: { 'a.test': site('a'), 'b.test': site('b') } };
}

interface Shaken {
  readonly socket: TLSSocket;
  /** Common name of what the server shows. */
  readonly shown: string;
}

function shake(port: number, options: ConnectionOptions): Promise<Shaken> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
    // It stays: a server that ends at the end of a test resets who is still connected.
    socket.on('error', reject);
    socket.once('secureConnect', () => {
      const { subject } = socket.getPeerCertificate();
      resolve({ socket, shown: String(subject.CN) });
    });
  });
}

/** All that comes behind a request until the server closes. */
function answer(socket: TLSSocket, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('end', () => {
      socket.end();
      resolve(text);
    });
    socket.write(request, 'latin1');
  });
}

const request = (host: string, path = '/'): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

test('the name that a client asks for chooses the certificate; without one it is that of the default site', async (t) => {
  const port = await freePort();
  await started(t, twoSites(port));
  const asked: readonly (readonly [string | undefined, string])[] = [
    ['a.test', 'a.test'],
    ['b.test', 'b.test'],
    ['B.Test', 'b.test'],
    ['c.test', 'a.test'],
    [undefined, 'a.test'],
  ];
  for (const [servername, expected] of asked) {
    // oxlint-disable-next-line no-await-in-loop -- five
    const { socket, shown } = await shake(port, servername === undefined ? {} : { servername });
    assert.equal(shown, expected, String(servername));
    const host = servername?.toLowerCase() ?? 'b.test';
    const body = host === 'b.test' ? 'site b' : 'site a';
    // oxlint-disable-next-line no-await-in-loop -- five
    assert.match(await answer(socket, request(host)), new RegExp(`^HTTP/1.1 200 [^]*${body}\n$`));
  }
});

test('a certificate is verified by the client as it stands, in TLS 1.2 and 1.3; what is older is refused', async (t) => {
  const port = await freePort();
  await started(t, twoSites(port));
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    // oxlint-disable-next-line no-await-in-loop -- two
    const { socket } = await shake(port, {
      servername: 'b.test',
      ca: [pem('b')],
      rejectUnauthorized: true,
      minVersion: version,
      maxVersion: version,
      ALPNProtocols: ['http/1.1'],
    });
    assert.deepEqual([socket.getProtocol(), socket.alpnProtocol], [version, 'http/1.1']);
    socket.destroy();
  }
  await assert.rejects(
    shake(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }),
    { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' },
  );
});

test('a big file arrives whole, and several requests go over one connection', async (t) => {
  const port = await freePort();
  const directory = directoryWithCertificates();
  const bytes = Buffer.alloc(3_000_000, 'abcdefghijklmnopqrstuvwxyz0123456789-');
  writeFileSync(join(directory, 'big.bin'), bytes);
  const site = { listen: [secure(port, 'a')], routes: { '/': { files: '.' } } };
  await started(t, { threads: 1, sites: { '*': site } }, directory);
  const { socket } = await shake(port, {});
  const head = 'HEAD /big.bin HTTP/1.1\r\nHost: x\r\n\r\n';
  const text = await answer(socket, head.repeat(3) + request('x', '/big.bin'));
  assert.equal(text.split('HTTP/1.1 200').length, 5);
  const body = text.slice(text.lastIndexOf('\r\n\r\n') + 4);
  assert.ok(Buffer.from(body, 'latin1').equals(bytes));
});

test('a back end and the access log hear that the client came by https', async (t) => {
  const port = await freePort();
  const heard: IncomingHttpHeaders[] = [];
  const behind = createServer((incoming, response) => {
    heard.push(incoming.headers);
    response.end('behind');
  });
  await new Promise<void>((done) => behind.listen(0, '127.0.0.1', done));
  t.after(() => behind.close());
  const at = behind.address();
  assert.ok(at !== null && typeof at !== 'string');
  const server = await started(t, {
    threads: 1,
    upstreams: { u: { servers: [`http://127.0.0.1:${at.port}`] } },
    logs: { access: { path: 'access.log', format: '$scheme $https $request_uri', buffer: '0B' } },
    sites: {
      '*': {
        listen: [secure(port, 'a')],
        routes: { '/': { proxy: 'u' }, '/old': { redirect: '/new', status: 301 } },
      },
    },
  });
  const proxied = await answer((await shake(port, {})).socket, request('x.test'));
  assert.match(proxied, /behind/);
  assert.equal(heard[0]?.['x-forwarded-proto'], 'https');
  const redirected = await answer((await shake(port, {})).socket, request('x.test', '/old'));
  assert.match(redirected, /\r\nlocation: (https:\/\/x\.test:\d+)?\/new\r\n/i);
  const log = (): string => readFileSync(join(server.directory, 'access.log'), 'latin1');
  await eventually('two lines', () => log().split('\n').length === 3);
  assert.equal(log(), 'https on /\nhttps on /old\n');
});

test('who speaks plain HTTP, says nothing or leaves is told in the log, and others are served', async (t) => {
  const port = await freePort();
  const server = await started(
    t,
    twoSites(port, {
      limits: { headTimeout: '300ms' },
      logs: { access: 'off', error: { path: 'error.log', level: 'info' } },
    }),
  );
  const ends = async (send: string): Promise<void> => {
    const socket = connectPlain({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    if (send !== '') socket.write(send);
    socket.resume();
    await new Promise((done) => socket.once('close', done));
  };
  await ends('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await ends('');
  const leaving = connectPlain({ host: '127.0.0.1', port });
  leaving.on('error', () => {});
  leaving.end();
  await new Promise((done) => leaving.resume().once('close', done));
  const lines = (): string => readFileSync(join(server.directory, 'error.log'), 'latin1');
  await eventually('three lines', () => (lines().match(/tls-/g) ?? []).length === 3);
  assert.match(
    lines(),
    /\[info\] .* tls-handshake \(tls\): .*ERR_SSL_HTTP_REQUEST.*client: 127\.0\.0\.1/,
  );
  assert.match(lines(), /tls-timeout \(tls\): .*headTimeout/);
  assert.match(lines(), /tls-handshake \(tls\): .*the client left/);
  assert.equal((await shake(port, {})).shown, 'a.test');
});

test('HUP shows a certificate that was renewed, keeps connections, and refuses a wrong one', async (t) => {
  const port = await freePort();
  const config = twoSites(port);
  const server = await started(t, config);
  const before = await shake(port, { servername: 'a.test' });
  assert.equal(before.shown, 'a.test');
  for (const kind of ['pem', 'key'])
    copyFileSync(join(FOLDER, `renewed.${kind}`), join(server.directory, `a.${kind}`));
  assert.equal((await shake(port, { servername: 'a.test' })).shown, 'a.test');
  assert.deepEqual(await server.reload(config), { taken: true, reasons: '' });
  assert.equal((await shake(port, { servername: 'a.test' })).shown, 'renewed.test');
  assert.equal((await shake(port, { servername: 'b.test' })).shown, 'b.test');
  assert.match(await answer(before.socket, request('a.test')), /site a/);
  copyFileSync(join(FOLDER, 'b.key'), join(server.directory, 'a.key'));
  const { taken, reasons } = await server.reload(config);
  assert.equal(taken, false);
  assert.match(reasons, /sites\["a\.test"\]\.listen\[0\]\.tls\.key.* does not belong/);
  assert.equal((await shake(port, { servername: 'a.test' })).shown, 'renewed.test');
});

test('an address may change from plain HTTP to TLS and back', async (t) => {
  const port = await freePort();
  const plain = {
    threads: 1,
    sites: { '*': { listen: [`127.0.0.1:${port}`], routes: { '/': { respond: 200, body: 'x' } } } },
  };
  const server = await started(t, plain);
  const isPlain = async (): Promise<boolean> => {
    try {
      return (await get(port)).body === 'x';
    } catch {
      return false;
    }
  };
  assert.ok(await isPlain());
  assert.ok((await server.reload(twoSites(port))).taken);
  assert.equal((await shake(port, { servername: 'b.test' })).shown, 'b.test');
  assert.equal(await isPlain(), false);
  assert.ok((await server.reload(plain)).taken);
  assert.ok(await isPlain());
});

test('a hand-over shows the same certificate, and who is connected is answered', async (t) => {
  const port = await freePort();
  const config = twoSites(port);
  const server = await started(t, config);
  const before = await shake(port, { servername: 'b.test' });
  assert.ok((await server.reload({ ...config, threads: 2 })).taken);
  assert.equal((await shake(port, { servername: 'b.test' })).shown, 'b.test');
  assert.match(await answer(before.socket, request('b.test')), /site b/);
});

test('check names the addresses that are TLS, and tells of a certificate that has run out', async (t) => {
  const directory = directoryWithCertificates();
  for (const kind of ['pem', 'key'])
    copyFileSync(join(FOLDER, `old.${kind}`), join(directory, `b.${kind}`));
  writeFileSync(join(directory, 'c.json'), JSON.stringify(twoSites(await freePort())));
  const command = new CliProcess(t, ['check', 'c.json'], directory);
  assert.equal(await command.over(), 0);
  assert.match(command.stdout, /a\.test\n  listens on 127\.0\.0\.1:\d+ \(TLS, default\)\n/);
  assert.match(command.stdout, /b\.test\n  listens on 127\.0\.0\.1:\d+ \(TLS\)\n/);
  assert.match(command.complaint, /The certificate \S+b\.pem ran out on 2001-01-01/);
});

test('a site with another kind of key gets its own certificate, or check says that this Node cannot', async (t) => {
  const port = await freePort();
  const site = (name: string): object => ({
    listen: [secure(port, name)],
    routes: { '/': { respond: 200 } },
  });
  const config = { threads: 1, sites: { 'a.test': site('a'), 'rsa.test': site('rsa') } };
  if (Number(process.versions.node.split('.')[0]) < 24) {
    const directory = directoryWithCertificates();
    writeFileSync(join(directory, 'c.json'), JSON.stringify(config));
    const command = new CliProcess(t, ['check', 'c.json'], directory);
    assert.equal(await command.over(), 1);
    assert.match(command.complaint, /would show clients .* the wrong certificate/);
    return;
  }
  await started(t, config);
  for (const name of ['a', 'rsa', 'a']) {
    // oxlint-disable-next-line no-await-in-loop -- three
    const { socket, shown } = await shake(port, { servername: `${name}.test` });
    assert.equal(shown, `${name}.test`);
    socket.destroy();
  }
});

test('resets and broken records during and after the handshake end their connections alone', async (t) => {
  const port = await freePort();
  const server = await started(
    t,
    twoSites(port, { logs: { access: 'off', error: { path: 'error.log', level: 'info' } } }),
  );
  const over = (socket: { once(event: 'close', act: () => void): unknown }): Promise<void> =>
    new Promise((done) => socket.once('close', done));
  // The beginning of a ClientHello of 512 bytes.
  const part = Buffer.from('16030102000100', 'hex');
  for (let round = 0; round < 20; round++) {
    const leaving = connectPlain({ host: '127.0.0.1', port });
    leaving.on('error', () => {});
    leaving.write(part);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await new Promise((done) => leaving.once('connect', done));
    leaving.resetAndDestroy();
    const below = connectPlain({ host: '127.0.0.1', port });
    below.on('error', () => {});
    // oxlint-disable-next-line no-await-in-loop -- as above
    const { socket } = await shake(port, { socket: below });
    socket.on('error', () => {});
    const closed = over(socket);
    if (round % 2 === 0)
      below.write(Buffer.from('1703030010ffffffffffffffffffffffffffffffff', 'hex'));
    else below.resetAndDestroy();
    // oxlint-disable-next-line no-await-in-loop -- as above
    await closed;
  }
  const { socket } = await shake(port, {});
  assert.match(await answer(socket, request('a.test')), /site a/);
  assert.doesNotMatch(readFileSync(join(server.directory, 'error.log'), 'latin1'), /\[crit\]/);
});

test('a broken record ends a connection whose client goes on sending', async (t) => {
  const port = await freePort();
  await started(t, twoSites(port));
  const below = connectPlain({ host: '127.0.0.1', port, allowHalfOpen: true });
  below.on('error', () => {});
  const closed = new Promise((done) => below.once('close', done));
  // Under the TLS of the client a stream that takes nothing of what the server says once it is over: no alert ends it.
  let isOver = false;
  const between = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      below.write(chunk);
      done();
    },
  });
  below.on('data', (chunk: Buffer) => {
    if (!isOver) between.push(chunk);
  });
  const { socket } = await shake(port, { socket: between });
  socket.on('error', () => {});
  isOver = true;
  const record = Buffer.concat([Buffer.from('1703034000', 'hex'), Buffer.alloc(0x4000, 0xff)]);
  const sending = setInterval(() => below.write(record), 10);
  t.after(() => {
    clearInterval(sending);
    below.destroy();
  });
  await closed;
  assert.equal((await shake(port, {})).shown, 'a.test');
});

test('who uploads too much reads why, also over TLS', async (t) => {
  const port = await freePort();
  const site = { listen: [secure(port, 'a')], bodyLimit: '1KiB', routes: { '/': { files: '.' } } };
  await started(t, { threads: 1, sites: { '*': site } });
  for (let round = 0; round < 10; round++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { socket } = await shake(port, {});
    const length = 2 * 1024 * 1024;
    const head = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;
    // oxlint-disable-next-line no-await-in-loop -- as above
    assert.match(await answer(socket, head + 'x'.repeat(length)), /^HTTP\/1\.1 4(13|05) /);
  }
});
