import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { AdminServer } from '../../test/support/admin-server.ts';
import { eventually } from '../../test/support/eventually.ts';
import { AdminClient, AdminError } from './admin-client.ts';

test('a client gets from the administration what the server knows, over either way', async (t) => {
  const server = await AdminServer.open(t);
  const { socketPath, port, token, view } = server;
  const url = `http://127.0.0.1:${port}`;
  for (const client of [new AdminClient({ socketPath }), new AdminClient({ url, token })]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    assert.deepEqual(await client.status(), view.report);
    // oxlint-disable-next-line no-await-in-loop -- as above
    assert.deepEqual(await client.connections(), view.clients);
    view.reloading = { taken: false, reasons: 'b\u00fccher.json:1', ending: false };
    // oxlint-disable-next-line no-await-in-loop -- as above
    assert.deepEqual(await client.reload(), view.reloading);
  }
  assert.deepEqual(
    server.audit[0],
    'POST /reload from the unix socket: refused by the configuration',
  );
  assert.match(server.audit[1] ?? '', /^POST \/reload from 127\.0\.0\.1:[0-9]+: refused by/);
});

test('orders arrive with their limits', async (t) => {
  const { socketPath, view } = await AdminServer.open(t);
  const client = new AdminClient({ socketPath });
  await client.drain(1500);
  await client.stop();
  await eventually('both orders', () => view.stops.length === 2);
  assert.deepEqual(view.stops, [1500, 0]);
  const tooLong = client.drain(86_400_001);
  await assert.rejects(tooLong, /refuses with status 400: The limit is longer than "24h"/);
});

test('without the token nothing is told over TCP', async (t) => {
  const { port, view } = await AdminServer.open(t);
  const client = new AdminClient({ url: `http://127.0.0.1:${port}`, token: 'guess' });
  for (const asking of [client.status(), client.stop()]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await assert.rejects(
      asking,
      (error) => error instanceof AdminError && error.kind === 'forbidden',
    );
  }
  const byName = new AdminClient({ url: `http://localhost:${port}`, token: 's3cret-token' });
  await assert.rejects(byName.status(), /status 421/);
  assert.deepEqual(view.stops, []);
});

test('a body of many pieces is read, and one that is too long is answered', async (t) => {
  const { socketPath, view } = await AdminServer.open(t);
  const send = (body: readonly string[]): Promise<number | undefined> =>
    new Promise((done, failed) => {
      const headers = { 'Content-Type': 'application/json' };
      const path = '/drain';
      const sent = request(
        { socketPath, path, method: 'POST', headers, agent: false },
        (answer) => {
          answer.resume();
          answer.on('end', () => {
            done(answer.statusCode);
          });
        },
      );
      sent.on('error', failed);
      for (const piece of body) sent.write(piece);
      sent.end();
    });
  assert.equal(await send(['{"li', 'mit":', '"5s"}']), 202);
  await eventually('the order', () => view.stops.length === 1);
  assert.deepEqual(view.stops, [5000]);
  assert.equal(await send(['{"limit":"5s"}', ' '.repeat(70_000)]), 413);
  assert.deepEqual(view.stops, [5000]);
});
