import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordedOutput } from '../../test/support/admin-peer.ts';
import { sampleStatus } from '../../test/support/admin-view.ts';
import { ManualClock } from '../base/index.ts';
import { AdminError, type AdminErrorKind } from './admin-client.ts';
import { endServer } from './server-end.ts';

type Look = ReturnType<typeof withConnections> | AdminErrorKind;

function withConnections(count: number, pid = 1200): ReturnType<typeof sampleStatus> {
  const status = sampleStatus({ threads: [] });
  const one = { pid: 1, generation: 1, age: 0, state: 'serving', connections: count } as const;
  const none = { ...one, connections: null };
  return { ...status, supervisor: { ...status.supervisor, pid, processes: [one, none] } };
}

/** A server that is as `looks` says, one after the other, and then as the last. */
class EndingServer {
  readonly orders: string[] = [];
  readonly clock = new ManualClock();
  readonly output = new RecordedOutput();
  /** How long its process runs. */
  lasts = 0;
  readonly #looks: Look[];
  readonly #step: number;

  constructor(looks: readonly Look[], step = 500) {
    this.#looks = [...looks];
    this.#step = step;
  }

  async status(): ReturnType<typeof this.look> {
    return this.look();
  }

  async look(): Promise<ReturnType<typeof withConnections>> {
    const [next = 'absent'] = this.#looks;
    if (this.#looks.length > 1) this.#looks.shift();
    if (typeof next === 'string') throw new AdminError(next, `it is ${next}`);
    return next;
  }

  async drain(limit: number): Promise<{ readonly supervisor: number }> {
    this.orders.push(`drain ${limit}`);
    return { supervisor: 1200 };
  }

  async stop(): Promise<{ readonly supervisor: number }> {
    this.orders.push('stop');
    return { supervisor: 1200 };
  }

  end(limit: number): Promise<number> {
    const pause = async (): Promise<void> => {
      this.clock.advance(this.#step);
    };
    const runs = (): boolean => this.clock.monotonic() < this.lasts;
    return endServer(this, limit, this.output, { clock: this.clock, pause, runs });
  }
}

test('a server that is gone within a second has ended without further words', async () => {
  const server = new EndingServer([withConnections(3), withConnections(3), 'absent']);
  assert.equal(await server.end(60_000), 0);
  assert.deepEqual(server.orders, ['drain 60000']);
  assert.equal(server.output.printed, 'The server has ended.\n');
});

test('without a limit it is stopped', async () => {
  const server = new EndingServer([withConnections(0), 'absent']);
  assert.equal(await server.end(0), 0);
  assert.deepEqual(server.orders, ['stop']);
});

test('what it waits for is told from a second on, where it changes', async () => {
  const looks = [5, 5, 5, 3, 3, 3, 3, 3, 1, 1, 0, 0].map((count) => withConnections(count));
  const server = new EndingServer([...looks, 'broken', 'silent', 'silent', 'absent']);
  assert.equal(await server.end(5000), 0);
  assert.deepEqual(server.output.printed.split('\n'), [
    'Waiting for 3 connections to end, at most 4s more …',
    'Waiting for 1 connection to end, at most 2s more …',
    'Waiting for the process to end, at most 1s more …',
    'Waiting for the server, which does not answer …',
    'The server has ended.',
    '',
  ]);
});

test('connections that were cut at the limit are told', async () => {
  const ended = async (limit: number, ...open: number[]): Promise<string> => {
    const looks = open.map((count) => withConnections(count));
    const server = new EndingServer([withConnections(9), ...looks, 'silent', 'absent']);
    assert.equal(await server.end(limit), 0);
    return server.output.printed.split('\n').at(-2) ?? '';
  };
  const cut = (count: string): string => `The server has ended. ${count} still open at the limit`;
  assert.equal(await ended(2000, 5, 5, 5, 5), `${cut('5 connections that were')} were cut.`);
  assert.equal(await ended(2000, 5, 5, 5, 1), `${cut('1 connection that was')} was cut.`);
  // Before the limit it is the clients that have ended them.
  assert.equal(await ended(9000, 5, 5, 5, 5), 'The server has ended.');
  assert.equal(await ended(2000, 5, 5, 5, 0), 'The server has ended.');
  assert.equal(await ended(0, 5), 'The server has ended.');
});

test('at a terminal one line counts down', async () => {
  const looks = [2, 2, 2, 2, 2, 2].map((count) => withConnections(count));
  const server = new EndingServer([...looks, 'absent']);
  server.output.isTerminal = true;
  assert.equal(await server.end(60_000), 0);
  assert.deepEqual(server.output.printed.split('\r\u001b[K'), [
    '',
    'Waiting for 2 connections to end, at most 59s more …',
    'Waiting for 2 connections to end, at most 58s more …',
    'The server has ended.\n',
  ]);
});

test('a server that was started meanwhile is not the one that is waited for', async () => {
  const server = new EndingServer([withConnections(1), withConnections(1, 1300)]);
  assert.equal(await server.end(60_000), 0);
  assert.equal(server.output.printed, 'The server has ended. Process 1300 serves in its place.\n');
});

test('of two that answer, the one that has taken the order is waited for', async () => {
  const both = [withConnections(1, 1300), withConnections(1), withConnections(1, 1300)];
  const server = new EndingServer([withConnections(1, 1300), ...both, ...both]);
  server.lasts = 2000;
  assert.equal(await server.end(60_000), 0);
  assert.ok(server.clock.monotonic() >= 2000);
  assert.match(
    server.output.printed,
    /The server has ended\. Process 1300 serves in its place\.\n$/,
  );
  const stays = new EndingServer([withConnections(1, 1300)]);
  stays.lasts = Infinity;
  assert.equal(await stays.end(0), 1);
  assert.match(stays.output.errors, /"kill -9 1200" ends/);
});

test('a server that stays is given up 15 s after its limit', async () => {
  const server = new EndingServer([withConnections(1)]);
  assert.equal(await server.end(2000), 1);
  assert.equal(server.clock.monotonic(), 17_500);
  assert.match(
    server.output.errors,
    /^The server is still there, 17s after .* "kill -9 1200" ends/,
  );
  const mute = new EndingServer(['silent']);
  assert.equal(await mute.end(0), 1);
  assert.match(mute.output.errors, /"kill -9 1200" ends/);
});

test('a server that cannot say how it is can still be told', async () => {
  const server = new EndingServer(['broken', withConnections(1), 'absent']);
  assert.equal(await server.end(0), 0);
  assert.deepEqual(server.orders, ['stop']);
});

test('a server that is not there, or may not be asked, is told nothing', async () => {
  for (const kind of ['absent', 'forbidden'] as const) {
    const server = new EndingServer([kind]);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await assert.rejects(server.end(0), new RegExp(`it is ${kind}`));
    assert.deepEqual(server.orders, []);
  }
});
