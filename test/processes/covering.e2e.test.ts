import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { AddressServer, type Answers } from '../support/address-server.ts';
import { needs } from '../support/needs.ts';
import { freePort } from '../support/process.ts';
import { RawClient } from '../support/raw-client.ts';

/** Asks on a connection of its own, for a host that no site has. */
function ask(
  host: string,
  port: number,
  text = 'GET / HTTP/1.1\r\nHost: none\r\nConnection: close\r\n\r\n',
): Promise<string> {
  return new Promise((done, failed) => {
    let said = '';
    const socket = connect({ host, port });
    socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
    socket.on('end', () => {
      done(said.slice(said.indexOf('\r\n\r\n') + 4));
    });
    socket.on('error', failed);
    socket.write(text);
  });
}

/** Each host answers with its text, whatever thread a connection reaches. */
async function answer(port: number, answers: Readonly<Record<string, string>>): Promise<void> {
  for (const [host, body] of Object.entries(answers)) {
    for (let i = 0; i < 4; i++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      assert.equal(await ask(host, port), body, host);
    }
  }
}

for (const threads of [1, 2]) {
  test(`an address beside a wider one has its own sites, whichever comes first (${threads} threads)`, async (t) => {
    const port = await freePort();
    const narrow = [`127.0.0.1:${port}`, 'narrow'] as const;
    const wide = [port, 'wide'] as const;
    for (const answers of [
      [narrow, wide],
      [wide, narrow],
    ]) {
      const server = new AddressServer(t, threads);
      // oxlint-disable no-await-in-loop -- two
      assert.deepEqual(
        new Map(await server.start(answers)),
        new Map([
          [narrow[0], port],
          [`*:${port}`, port],
        ]),
      );
      await answer(port, { '127.0.0.1': 'narrow', '127.0.0.2': 'wide' });
      // The port is free for the other order.
      await server.apply([['127.0.0.1:0', 'none']]);
      // oxlint-enable no-await-in-loop
    }
  });

  test(`addresses beside a wider one come and go, for connections of before too (${threads} threads)`, async (t) => {
    const port = await freePort();
    const server = new AddressServer(t, threads);
    await server.start([[port, 'wide']]);
    const client = new RawClient(port);
    t.after(() => {
      client.close();
    });
    const stays = async (): Promise<string> =>
      (await client.ask('GET / HTTP/1.1\r\nHost: none\r\n\r\n')).body.toString('latin1');
    assert.equal(await stays(), 'wide');
    const both = [
      [port, 'wide'],
      [`127.0.0.1:${port}`, 'narrow'],
    ] as const;
    assert.equal(await server.apply(both), null);
    assert.equal(await stays(), 'narrow');
    await answer(port, { '127.0.0.1': 'narrow', '127.0.0.2': 'wide' });
    assert.equal(await server.apply([[port, 'wider']]), null);
    assert.equal(await stays(), 'wider');
    await answer(port, { '127.0.0.1': 'wider', '127.0.0.2': 'wider' });
  });

  for (const [direction, before, after] of [
    ['wider', '127.0.0.1', '0.0.0.0'],
    ['narrower', '0.0.0.0', '127.0.0.1'],
    ['wider', '127.0.0.1', '*'],
    ['narrower', '*', '127.0.0.1'],
  ] as const)
    test(`from ${before} to ${after}, which is ${direction}, no connection is refused (${threads} threads)`, async (t) => {
      const port = await freePort();
      const [own, asked] = [`${before}:${port}`, `${after}:${port}`];
      const server = new AddressServer(t, threads);
      await server.start([[own, 'before']]);
      const going = new AbortController();
      const said = new Set<string>();
      const asking = (async () => {
        // oxlint-disable-next-line no-await-in-loop -- until the change is through
        while (!going.signal.aborted) said.add(await ask('127.0.0.1', port));
      })();
      for (const answers of [
        [[asked, 'after']],
        [[own, 'back']],
        [
          [own, 'narrow'],
          [asked, 'wide'],
        ],
        [[asked, 'after']],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        assert.equal(await server.apply(answers as Answers), null);
      }
      going.abort();
      await asking;
      assert.ok(said.isSubsetOf(new Set(['before', 'after', 'back', 'narrow', 'wide'])));
      assert.equal(await ask('127.0.0.1', port), 'after');
      const elsewhere = ask('127.0.0.2', port);
      if (direction === 'wider') assert.equal(await elsewhere, 'after');
      else await assert.rejects(elsewhere, { code: 'ECONNREFUSED' });
      assert.deepEqual(server.troubles, []);
    });
}

test('what an address takes is its own, also where it shares a socket', async (t) => {
  const port = await freePort();
  const server = new AddressServer(t, 1);
  await server.start([
    [port, 'wide'],
    [{ address: `127.0.0.1:${port}`, lenientLineEnds: true }, 'narrow'],
  ]);
  const bare = 'GET / HTTP/1.1\nHost: none\nConnection: close\n\n';
  assert.equal(await ask('127.0.0.1', port, bare), 'narrow');
  assert.notEqual(await ask('127.0.0.2', port, bare), 'wide');
});

test('both families have sites of their own on one port', { skip: needs('ipv6') }, async (t) => {
  const port = await freePort();
  const server = new AddressServer(t, 2);
  await server.start([
    [`[::]:${port}`, 'six'],
    [`0.0.0.0:${port}`, 'four'],
    [`[0:0::1]:${port}`, 'one'],
  ]);
  await answer(port, { '127.0.0.1': 'four', '::1': 'one' });
  assert.equal(
    await server.apply([
      [`[::]:${port}`, 'six'],
      [`0.0.0.0:${port}`, 'four'],
    ]),
    null,
  );
  await answer(port, { '127.0.0.1': 'four', '::1': 'six' });
  assert.equal(await server.apply([[`[::]:${port}`, 'all']]), null);
  await answer(port, { '127.0.0.1': 'all', '::1': 'all' });
});
