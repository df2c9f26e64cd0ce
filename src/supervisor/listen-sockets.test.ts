import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { test, type TestContext } from 'node:test';
import { addressesOf, resolveConfig, type SocketAddress, socketsOf } from '../config/index.ts';
import { bindTcp } from './bound-socket.ts';
import { grantsOf, ListenSockets, portsOf, type SocketPlan } from './listen-sockets.ts';

function asked(...listen: readonly (string | number)[]): readonly SocketAddress[] {
  const sites = { '*': { listen, routes: { '/': { respond: 204 } } } };
  const { model } = resolveConfig({ sites }, { directory: '/' });
  assert.ok(model !== undefined);
  return socketsOf(addressesOf(Object.entries(model.sites)).values());
}

function sockets(t: TestContext): ListenSockets {
  const opened = new ListenSockets();
  t.after(() => {
    opened.close();
  });
  return opened;
}

/** Opens and keeps; resolves to the descriptors by address. */
async function kept(
  own: ListenSockets,
  threads: number,
  ...listen: readonly (string | number)[]
): Promise<ReadonlyMap<string, readonly number[]>> {
  const plan = await own.open(asked(...listen), threads);
  assert.ok('added' in plan, JSON.stringify(plan));
  own.keep(plan);
  return descriptors(plan);
}

function descriptors({ addresses }: SocketPlan): ReadonlyMap<string, readonly number[]> {
  return new Map(
    Array.from(addresses, ([key, open]) => [key, open.sockets.map(({ bound }) => bound.fd)]),
  );
}

const forever: unknown[] = [];

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function freePort(): number {
  const bound = bindTcp('*', 0, false);
  bound.close();
  return bound.port;
}

test('an address has a socket for each thread, and they stay when it is asked for again', async (t) => {
  const own = sockets(t);
  const first = await kept(own, 3, '127.0.0.1:0', '127.0.0.2:0');
  assert.deepEqual(
    Array.from(first.values(), ({ length }) => length),
    [3, 3],
  );
  assert.equal(new Set([...first.values()].flat()).size, 6);
  assert.deepEqual(await kept(own, 3, '127.0.0.1:0', '127.0.0.2:0'), first);
});

test('more threads get more sockets; fewer leave none without a thread', async (t) => {
  const own = sockets(t);
  const [one = []] = (await kept(own, 1, '127.0.0.1:0')).values();
  const [three = []] = (await kept(own, 3, '127.0.0.1:0')).values();
  assert.deepEqual([one.length, three.length, three[0]], [1, 3, one[0]]);
  const [two] = (await kept(own, 2, '127.0.0.1:0')).values();
  assert.deepEqual(two, three);
});

test('what is refused leaves nothing open, and what was open before stays', async (t) => {
  const own = sockets(t);
  const [port, other] = [freePort(), freePort()];
  const before = await kept(own, 2, `127.0.0.1:${port}`);
  const theirs = createServer().listen(other, '127.0.0.1');
  t.after(() => theirs.close());
  await new Promise((done) => theirs.once('listening', done));
  const added = freePort();
  const open = openDescriptors();
  const faults = await own.open(
    asked(`127.0.0.1:${port}`, `127.0.0.1:${added}`, `127.0.0.1:${other}`),
    2,
  );
  assert.ok(!('added' in faults));
  assert.deepEqual(
    faults.map(({ key, code }) => [key, code]),
    [[`127.0.0.1:${other}`, 'EADDRINUSE']],
  );
  assert.equal(openDescriptors(), open);
  assert.deepEqual(await kept(own, 2, `127.0.0.1:${port}`), before);
});

test('an address that is not asked for any more is closed when the plan is kept, not before', async (t) => {
  const own = sockets(t);
  const port = freePort();
  const before = await kept(own, 2, `127.0.0.1:${port}`);
  const open = openDescriptors();
  const plan = await own.open(asked('127.0.0.1:0'), 2);
  assert.ok('added' in plan);
  assert.equal(openDescriptors(), open + 2);
  own.discard(plan);
  assert.equal(openDescriptors(), open);
  assert.deepEqual(await kept(own, 2, `127.0.0.1:${port}`), before);
  await kept(own, 1, '127.0.0.1:0');
  assert.equal(openDescriptors(), open - 1);
});

test('the sockets of an address go on under a wider one, and come back', async (t) => {
  const own = sockets(t);
  const port = freePort();
  const [narrow = []] = (await kept(own, 2, `127.0.0.1:${port}`)).values();
  const [wide = []] = (await kept(own, 2, port)).values();
  assert.equal(wide.length, 4);
  assert.ok(narrow.every((fd) => wide.includes(fd)));
  const [again] = (await kept(own, 2, `127.0.0.1:${port}`)).values();
  assert.deepEqual(again, narrow);
});

test('two spellings of one address have the same sockets', async (t) => {
  const own = sockets(t);
  const port = freePort();
  const [before] = (await kept(own, 1, `127.0.0.1:${port}`)).values();
  const [after] = (await kept(own, 1, `[::ffff:127.0.0.1]:${port}`)).values();
  assert.deepEqual(after, before);
});

test('ports are told as the system gave them', async () => {
  // Not closed: a server has one of its descriptors.
  const own = new ListenSockets();
  const plan = await own.open(asked('127.0.0.1:0'), 2);
  assert.ok('added' in plan);
  own.keep(plan);
  const port = portsOf(plan).get('127.0.0.1:0') ?? 0;
  const server = createServer().listen({ fd: plan.added[0]?.bound.fd });
  server.unref();
  forever.push(own, server);
  await new Promise((done) => server.once('listening', done));
  const address = server.address();
  assert.equal(typeof address === 'object' ? address?.port : '', port);
});

test('each descriptor goes to one thread, with a spare one where another thread could take over', async (t) => {
  const own = sockets(t);
  const plan = await own.open(asked('127.0.0.1:0', '127.0.0.2:0'), 3);
  assert.ok('added' in plan);
  own.keep(plan);
  for (const threads of [1, 2, 3]) {
    const { inherited, grants } = grantsOf(plan, threads, 4);
    const given = grants.flatMap((grant) => [...grant.descriptors, ...grant.spares].flat());
    assert.deepEqual(
      given.toSorted((a, b) => a - b),
      inherited.map((_, index) => index + 4),
      'each number once',
    );
    for (const { key, descriptors: byThread, spares } of grants) {
      assert.equal(byThread.length, threads);
      const sources = (numbers: readonly number[]): readonly (number | undefined)[] =>
        numbers.map((number) => inherited[number - 4]);
      assert.deepEqual(
        new Set(sources(byThread.flat())),
        new Set(descriptors(plan).get(key)),
        'no socket is without a thread',
      );
      if (threads === 1) assert.deepEqual(spares, [[]]);
      else assert.deepEqual(spares.map(sources), byThread.map(sources));
    }
  }
});
