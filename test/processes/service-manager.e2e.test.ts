import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { needs, peerPath } from '../support/needs.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';
import { ServedConfig } from '../support/served-config.ts';
import { ServiceSocket } from '../support/service-socket.ts';

interface Service {
  readonly config: object;
  readonly directory: string;
  readonly server: ServedConfig;
  readonly manager: ServiceSocket;
}

/** A server that believes that systemd started it. */
async function service(t: TestContext): Promise<Service> {
  const [port, directory] = [await freePort(), temporaryDirectory()];
  const manager = await ServiceSocket.open(peerPath('python3') ?? '', directory, port);
  t.after(() => {
    manager.close();
  });
  const sites = { '*': { listen: [`127.0.0.1:${port}`], routes: { '/': { respond: 200 } } } };
  const config = { threads: 1, pidFile: './d.pid', logs: { access: 'off' }, sites };
  const server = await ServedConfig.start(config, { NOTIFY_SOCKET: manager.path }, directory);
  t.after(async () => {
    await server.stop();
    server.remove();
  });
  return { config, directory, server, manager };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const asService = { skip: needs('python3', 'systemd-notify') };

/** What a message says of the state; systemd-notify puts the number of the main process before it. */
function said(pid: number, ...words: readonly string[]): readonly string[] {
  return [`MAINPID=${pid}`, ...words];
}

function ready(pid: number, line = 'Serving'): object {
  return {
    words: said(pid, `STATUS=${line}`, 'READY=1'),
    answer: 'HTTP/1.1 200',
  };
}

test(
  'systemd is told that the server answers, that it loads its configuration again, and that it ends, in this order',
  asService,
  async (t) => {
    const { config, server, manager } = await service(t);
    const { pid } = server;
    const has = (count: number) => (): boolean => manager.messages.length >= count;

    await eventually('the start', has(1));
    assert.deepEqual(manager.messages, [ready(pid)]);

    await server.reload({ ...config, limits: { maxConnections: 9 } });
    await eventually('the reload', has(3));
    const reloading = manager.messages[1]?.words ?? [];
    const begins = said(pid, 'STATUS=Loading the configuration again', 'RELOADING=1');
    assert.deepEqual(reloading.slice(0, 3), begins);
    assert.match(reloading[3] ?? '', /^MONOTONIC_USEC=[1-9][0-9]*$/);
    assert.deepEqual(manager.messages[2], ready(pid));

    await server.reload('{');
    await eventually('the refusal', has(5));
    assert.equal(manager.messages[3]?.words[2], 'RELOADING=1');
    assert.deepEqual(manager.messages[4], ready(pid, 'Serving; a later configuration was refused'));

    assert.equal(await server.stop(), 0);
    await eventually('the end', has(6));
    assert.deepEqual(manager.messages[5]?.words, said(pid, 'STATUS=Ending', 'STOPPING=1'));
    assert.equal(manager.messages.length, 6);
  },
);

test(
  'an upgrade and the way back tell systemd which process is the main one, and never that the service stops',
  asService,
  async (t) => {
    const { directory, server, manager } = await service(t);
    const pidNow = (): number => Number(readFileSync(join(directory, 'd.pid'), 'utf8'));
    const started: number[] = [];
    t.after(() => {
      for (const pid of started) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    });
    const has = (count: number) => (): boolean => manager.messages.length >= count;
    await eventually('the start', has(1));

    server.signal('SIGUSR2');
    await eventually('the next one', has(2));
    const undone = pidNow();
    started.push(undone);
    assert.notEqual(undone, server.pid);
    assert.deepEqual(manager.messages[1], ready(undone));
    process.kill(undone, 'SIGQUIT');
    await eventually('the one of before', has(3));
    assert.deepEqual(manager.messages[2], ready(server.pid));

    server.signal('SIGUSR2');
    await eventually('another one', has(4));
    const next = pidNow();
    started.push(next);
    assert.deepEqual(manager.messages[3], ready(next));
    server.signal('SIGQUIT');
    assert.equal(await server.exited, 0);

    process.kill(next, 'SIGTERM');
    await eventually('the end', has(5));
    assert.deepEqual(manager.messages[4]?.words, said(next, 'STATUS=Ending', 'STOPPING=1'));
  },
);
