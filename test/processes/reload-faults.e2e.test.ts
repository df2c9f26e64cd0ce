import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { get, refuses } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { ThreadFaults } from '../support/faulty-threads.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';
import { ServedConfig } from '../support/served-config.ts';

/** A server whose threads can be made to fail, and the configurations that it is given. */
class Faulty {
  readonly faults: ThreadFaults;
  readonly server: ServedConfig;
  readonly threads: number;

  private constructor(faults: ThreadFaults, server: ServedConfig, threads: number) {
    this.faults = faults;
    this.server = server;
    this.threads = threads;
  }

  static async start(t: TestContext, threads: number): Promise<Faulty> {
    const directory = temporaryDirectory();
    const faults = new ThreadFaults(directory);
    const config = configOf(threads, 'first', []);
    const server = await ServedConfig.start(config, faults.environment, directory);
    t.after(async () => {
      faults.mend();
      await server.stop();
      server.remove();
    });
    return new Faulty(faults, server, threads);
  }

  reload(body: string, ...more: readonly number[]): ReturnType<ServedConfig['reload']> {
    return this.server.reload(configOf(this.threads, body, more));
  }

  /** Every connection that is made from now on is answered with `body`, whatever thread it reaches. */
  async serves(body: string, port = this.server.port): Promise<void> {
    for (let i = 0; i < 16; i++) {
      // oxlint-disable-next-line no-await-in-loop -- each connection may reach another thread
      assert.equal((await get(port)).body, body);
    }
  }

  /** How often the end of a thread was told, and of which, with the reason. */
  get losses(): readonly string[] {
    const told =
      /Web thread ([0-9]+) is lost and will be replaced: "commit" failed: RangeError: an injected fault/g;
    return Array.from(this.server.complaint.matchAll(told), ([, thread]) => thread ?? '');
  }
}

function configOf(threads: number, body: string, more: readonly number[]): object {
  const listen = ['127.0.0.1:0', ...more.map((port) => `127.0.0.1:${port}`)];
  const routes = { '/': { respond: 200, body } };
  return { threads, logs: { access: 'off' }, sites: { '*': { listen, routes } } };
}

/** How many sockets listen on a port of 127.0.0.1; each thread has one. */
function listening(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'latin1').split('\n');
  return lines.filter((line) => line.includes(`: ${local} `) && / 0A /.test(line)).length;
}

test('a thread that fails while it takes a configuration over is told, and its place taken by one that serves all of it', async (t) => {
  const server = await Faulty.start(t, 2);
  const added = await freePort();
  server.faults.fail(2, 'commit', true);
  assert.equal((await server.reload('second')).taken, true);
  await eventually('the loss', () => server.losses.length > 0);
  await server.serves('second');
  assert.equal((await server.reload('third', added)).taken, true);
  await server.serves('third', added);
  await server.serves('third');
  assert.deepEqual(server.losses, ['2']);
});

test('a configuration that one thread of another process cannot take over is refused, and no thread of that process is told as lost', async (t) => {
  const server = await Faulty.start(t, 2);
  const added = await freePort();
  server.faults.fail(2, 'commit', true);
  const { taken, reasons } = await server.reload('second', added);
  assert.equal(taken, false);
  assert.match(reasons, /"commit" failed: RangeError: an injected fault in commit/);
  await server.serves('first');
  assert.equal((await server.reload('third', added)).taken, true);
  await server.serves('third', added);
  assert.deepEqual(server.losses, []);
});

for (const threads of [1, 2])
  for (const hands of [false, true])
    test(`a configuration that no thread ${hands ? 'of another process' : ''} can take over is refused with the reason, and the one before served (${threads} threads)`, async (t) => {
      const server = await Faulty.start(t, threads);
      const added = await freePort();
      for (let thread = 1; thread <= threads; thread++) server.faults.fail(thread, 'commit', true);
      const { taken, reasons } = await server.reload('second', ...(hands ? [added] : []));
      assert.equal(taken, false);
      assert.match(reasons, /"commit" failed: RangeError: an injected fault in commit/);
      server.faults.mend();
      await server.serves('first');
      assert.ok(await refuses(added), 'it has no address of the configuration that was refused');
      assert.equal(server.losses.length, hands ? 0 : threads);
      assert.equal((await server.reload('third', added)).taken, true);
      await server.serves('third');
      await server.serves('third', added);
    });

test('a thread that fails again and again holds nobody up, and the configuration that mends it is served by all', async (t) => {
  const server = await Faulty.start(t, 2);
  const [first = 0] = server.server.servers;
  server.faults.fail(1, 'commit');
  assert.equal((await server.reload('second')).taken, true);
  await server.serves('second');
  const failures = (): number => server.server.complaint.split('could not be replaced').length - 1;
  await eventually('failures', () => failures() >= 2);
  await server.serves('second');
  assert.equal((await server.reload('third')).taken, true);
  await server.serves('third');
  server.faults.mend();
  assert.equal((await server.reload('fourth')).taken, true);
  await eventually('another process', () => !server.server.servers.includes(first));
  await server.serves('fourth');
  assert.deepEqual(server.losses, ['1']);
});

for (const thread of [1, 2])
  test(`a configuration that thread ${thread} fails to prepare is refused with the reason, and the next is served`, async (t) => {
    const server = await Faulty.start(t, 2);
    const added = await freePort();
    server.faults.fail(thread, 'prepare');
    const { taken, reasons } = await server.reload('second', added);
    assert.equal(taken, false);
    assert.match(reasons, /cannot be built: RangeError: an injected fault in prepare/);
    await server.serves('first');
    assert.ok(await refuses(added));
    assert.deepEqual([listening(server.server.port), listening(added)], [2, 0]);
    server.faults.mend();
    assert.equal((await server.reload('third', added)).taken, true);
    await server.serves('third');
    await server.serves('third', added);
    assert.deepEqual(server.losses, []);
  });

test('a new address is closed until every thread is ready to serve it, and the address of before is served meanwhile', async (t) => {
  const server = await Faulty.start(t, 2);
  const added = await freePort();
  server.faults.halt(2, 'prepare');
  const loading = server.reload('second', added);
  await eventually('many answers', answersOf(server, 'first', 50));
  assert.ok(await refuses(added));
  server.faults.go(2, 'prepare');
  assert.equal((await loading).taken, true);
  await server.serves('second', added);
});

/** Asks until `count` answers came; one that stands still holds up nothing. */
function answersOf(server: Faulty, body: string, count: number): () => boolean {
  let answered = 0;
  for (let i = 0; i < count * 3; i++) {
    const ask = async (): Promise<void> => {
      if ((await get(server.server.port)).body === body) answered++;
    };
    ask().catch(() => {});
  }
  return () => answered >= count;
}

test('a client of a process that is about to serve is answered when the server is told to end meanwhile', async (t) => {
  const server = await Faulty.start(t, 2);
  const added = await freePort();
  server.faults.halt(2, 'commit');
  const loading = server.reload('second', added).catch(() => {});
  const client = await answeredAt(added, 'second');
  client.socket.write('GET / HTTP/1.1\r\n');
  server.server.signal('SIGQUIT');
  await eventually('the old process, which has ended', () => server.server.servers.length === 1);
  server.faults.go(2, 'commit');
  client.socket.write('Host: x\r\n\r\n');
  await eventually('an answer', () => client.answers('second') === 2);
  assert.equal(await server.server.exited, 0);
  await loading;
});

interface AnsweredClient {
  readonly socket: Socket;
  readonly answers: (body: string) => number;
}

/** A connection that a thread has answered on; others, in whose place another thread stands, are given up. */
async function answeredAt(port: number, body: string): Promise<AnsweredClient> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    let said = '';
    socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await new Promise((done) => setTimeout(done, 100));
    if (said.includes(body)) return { socket, answers: (text) => said.split(text).length - 1 };
    socket.destroy();
  }
}
