import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CliProcess, get, refuses } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { makePipe } from '../support/make-pipe.ts';
import { RawClient } from '../support/raw-client.ts';
import { freePort } from '../support/process.ts';

interface Options {
  readonly threads?: number;
  readonly body?: string;
  readonly listen?: readonly unknown[];
  readonly more?: object;
  readonly site?: object;
}

/** A server on a configuration of its own that a test changes while it runs. */
class Reloaded {
  readonly directory: string;
  readonly command: CliProcess;
  readonly #file: string;
  readonly #threads: number;
  #loads = 0;
  #refusals = 0;

  constructor(t: TestContext, options: Options) {
    this.directory = mkdtempSync(join(tmpdir(), 'daemun-reload-'));
    this.#file = join(this.directory, 'c.json');
    this.#threads = options.threads ?? 1;
    this.write(options);
    this.command = new CliProcess(t, ['run', 'c.json'], this.directory);
    t.after(() => {
      rmSync(this.directory, { recursive: true });
    });
  }

  write({ body = 'first', listen = ['127.0.0.1:0'], more = {}, site = {} }: Options): void {
    const sites = { '*': { listen, routes: { '/': { respond: 200, body } }, ...site } };
    const logs = { access: 'off' };
    writeFileSync(this.#file, JSON.stringify({ threads: this.#threads, logs, ...more, sites }));
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Loads what was written, which must be taken. */
  async load(options: Options): Promise<void> {
    this.write(options);
    this.command.signal('SIGHUP');
    this.#loads++;
    await this.command.says(new RegExp(`(?:loaded again[^]*){${this.#loads}}`));
  }

  /** Loads what was written, which must be refused; resolves to what is said of it. */
  async refuse(text: string): Promise<string> {
    writeFileSync(this.#file, text);
    const before = this.command.complaint.length;
    this.command.signal('SIGHUP');
    this.#refusals++;
    await this.command.complains(
      new RegExp(`(?:was not changed.*[0-9]+ problem.*){${this.#refusals}}`),
    );
    return this.command.complaint.slice(before);
  }
}

for (const threads of [1, 2]) {
  test(`HUP serves a good change on the port of before, to connections of before (${threads} threads)`, async (t) => {
    const server = new Reloaded(t, { threads });
    const port = await server.command.port();
    const client = new RawClient(port);
    t.after(() => {
      client.close();
    });
    const ask = async (): Promise<string> =>
      (await client.ask('GET / HTTP/1.1\r\nHost: x\r\n\r\n')).body.toString('latin1');
    assert.equal(await ask(), 'first');
    await server.load({ body: 'second' });
    assert.equal((await get(port)).body, 'second');
    assert.equal(await ask(), 'second');
    await server.load({ body: 'third' });
    for (let i = 0; i < 8; i++) {
      // oxlint-disable-next-line no-await-in-loop -- each connection may reach another thread
      assert.equal((await get(port)).body, 'third');
    }
    assert.equal(server.command.stderr, '');
  });

  test(`HUP with a bad change says why, and goes on with the configuration of before (${threads} threads)`, async (t) => {
    const server = new Reloaded(t, { threads });
    const port = await server.command.port();
    assert.match(await server.refuse('{'), /was not changed: c\.json:1:/);
    assert.equal((await get(port)).body, 'first');
    const unknown = '{"sites":{"*":{"listen":[80],"routes":{"/":{"files":"./none"}}}},"x":1}';
    const told = await server.refuse(unknown);
    assert.match(told, /c\.json:1:.* Unknown key "x" → /);
    assert.match(told, /There is no directory .*none → Create/);
    const site = { '*': { listen: ['127.0.0.1:0'], routes: { '/': { redirect: '/$nothing' } } } };
    const built = JSON.stringify({ threads, sites: site });
    assert.match(await server.refuse(built), /routes\["\/"\].*nothing/);
    assert.equal((await get(port)).body, 'first');
    await server.load({ body: 'mended' });
    assert.equal((await get(port)).body, 'mended');
  });

  test(`HUP opens new addresses and closes those that are gone (${threads} threads)`, async (t) => {
    const server = new Reloaded(t, { threads });
    const port = await server.command.port();
    const other = await freePort();
    const socket = server.path('x.sock');
    const added = `127.0.0.1:${other}`;
    await server.load({ body: 'more', listen: ['127.0.0.1:0', added, `unix:${socket}`] });
    for (const where of [port, other, socket]) {
      // oxlint-disable-next-line no-await-in-loop -- three
      assert.equal((await get(where)).body, 'more');
    }
    await server.load({ body: 'less', listen: [added] });
    assert.equal((await get(other)).body, 'less');
    assert.ok(await refuses(port));
    assert.equal(existsSync(socket), false);
  });

  test(`HUP to an address that another program has changes nothing at all (${threads} threads)`, async (t) => {
    const server = new Reloaded(t, { threads });
    const taken = new Reloaded(t, { body: 'taken' });
    const [port, theirs] = [await server.command.port(), await taken.command.port()];
    const listen = ['127.0.0.1:0', `127.0.0.1:${await freePort()}`, `127.0.0.1:${theirs}`];
    const routes = { '/': { respond: 200, body: 'new' } };
    const text = JSON.stringify({ threads, sites: { '*': { listen, routes } } });
    assert.match(await server.refuse(text), /Another program listens on this address/);
    assert.equal((await get(port)).body, 'first');
    assert.equal((await get(theirs)).body, 'taken');
    assert.ok(await refuses(Number(listen[1]?.split(':')[1])), 'what was opened is closed again');
  });
}

for (const site of [{}, { errorLog: 'stderr' }]) {
  const used = 'errorLog' in site ? 'no site uses' : 'sites use';
  test(`HUP to an error log that ${used} and that cannot be opened is refused, and the next is loaded`, async (t) => {
    const server = new Reloaded(t, { site });
    const port = await server.command.port();
    const listen = ['127.0.0.1:0'];
    const sites = { '*': { listen, routes: { '/': { respond: 200, body: 'second' } }, ...site } };
    // What only opening it shows: that nobody reads a pipe.
    makePipe(server.path('error.log'));
    const logs = { access: 'off', error: server.path('error.log') };
    const said = await server.refuse(JSON.stringify({ threads: 1, logs, sites }));
    assert.match(said, /The log cannot be opened/);
    assert.equal((await get(port)).body, 'first');
    await server.load({ body: 'third', site });
    assert.equal((await get(port)).body, 'third');
  });
}

test('HUP changes what an address takes, and the limits of its connections', async (t) => {
  const server = new Reloaded(t, {});
  const port = await server.command.port();
  const bare = (): Promise<string> =>
    exchange(port, 'GET / HTTP/1.1\nHost: x\nConnection: close\n\n');
  assert.match(await bare(), /^HTTP\/1\.1 400 /);
  const lenient = { address: '127.0.0.1', port: 0, lenientLineEnds: true };
  await server.load({ listen: [lenient], more: { limits: { maxConnections: 1 } } });
  assert.match(await bare(), /^HTTP\/1\.1 200 /);
  const idle = connect(port, '127.0.0.1');
  t.after(() => idle.destroy());
  await new Promise((resolve) => idle.once('connect', resolve));
  assert.ok(await refuses(port), 'the one connection is taken');
  await server.load({ listen: [lenient], more: { limits: { maxConnections: 2 } } });
  assert.equal((await get(port)).body, 'first');
});

test('HUP moves the error log of addresses that stay', async (t) => {
  const before = { logs: { access: 'off', error: { path: './a.log', level: 'info' } } };
  const after = { logs: { access: 'off', error: { path: './b.log', level: 'info' } } };
  const limits = { maxConnections: 1 };
  const server = new Reloaded(t, { more: { ...before, limits } });
  const port = await server.command.port();
  const idle = connect(port, '127.0.0.1');
  t.after(() => idle.destroy());
  await new Promise((resolve) => idle.once('connect', resolve));
  const text = (name: string): string =>
    existsSync(server.path(name)) ? readFileSync(server.path(name), 'latin1') : '';
  assert.ok(await refuses(port));
  await eventually('a line in the first log', () =>
    text('a.log').includes('connections-per-thread'),
  );
  const { length } = text('a.log');
  await server.load({ more: { ...after, limits } });
  assert.ok(await refuses(port));
  await eventually('a line in the second log', () =>
    text('b.log').includes('connections-per-thread'),
  );
  assert.equal(text('a.log').length, length);
});

test('signals that come together are dealt with one after the other; the last file counts', async (t) => {
  const server = new Reloaded(t, { threads: 2 });
  const port = await server.command.port();
  for (const body of ['a', 'b', 'c', 'd']) {
    server.write({ body });
    server.command.signal('SIGHUP');
  }
  await server.load({ body: 'last' });
  let body = '';
  for (let tries = 0; body !== 'last' && tries < 1000; tries++) {
    // oxlint-disable-next-line no-await-in-loop -- asked again and again
    ({ body } = await get(port));
  }
  assert.equal(body, 'last');
  assert.equal(server.command.status, undefined);
});

test('USR1 opens a renamed access log again', async (t) => {
  const more = { logs: { access: { path: './access.log', format: '$request_uri' } } };
  const server = new Reloaded(t, { threads: 2, more });
  const port = await server.command.port();
  const [log, old] = [server.path('access.log'), server.path('access.log.1')];
  const text = (path: string): string => (existsSync(path) ? readFileSync(path, 'latin1') : '');
  await get(port, '/one');
  await eventually('the first line', () => text(log) === '/one\n');
  renameSync(log, old);
  server.command.signal('SIGUSR1');
  await eventually('a new file', () => existsSync(log));
  // Every thread has opened it when each has dealt with a signal that was sent later.
  await server.load({ more });
  for (let i = 0; i < 4; i++) {
    // oxlint-disable-next-line no-await-in-loop -- each connection may reach another thread
    await get(port, '/two');
  }
  await eventually('the lines behind', () => text(log) === '/two\n'.repeat(4));
  assert.equal(text(old), '/one\n');
});

test('serve answers HUP with a line, and goes on', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'daemun-reload-'));
  const command = new CliProcess(t, ['serve', '.', '--listen', '127.0.0.1:0'], directory);
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  const port = await command.port();
  command.signal('SIGHUP');
  await command.complains(/no configuration file to load again/);
  assert.equal((await get(port, '/none')).status, 404);
});

/** Sends latin1 text and resolves to everything that comes until the connection ends. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((done, failed) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.on('end', () => {
      done(answer);
    });
    socket.on('error', failed);
    socket.write(text, 'latin1');
  });
}
