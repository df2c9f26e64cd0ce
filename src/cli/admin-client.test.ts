import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { AdminPeer } from '../../test/support/admin-peer.ts';
import { sampleConnection, sampleStatus } from '../../test/support/admin-view.ts';
import { AdminClient, AdminError, type AdminErrorKind } from './admin-client.ts';

async function fails(
  asking: Promise<unknown>,
  kind: AdminErrorKind,
  message: RegExp,
): Promise<void> {
  await assert.rejects(asking, (error) => {
    assert.ok(error instanceof AdminError);
    assert.match(error.message, message);
    assert.equal(error.kind, kind);
    return true;
  });
}

test('each question and order goes to its resource', async (t) => {
  const reports = new Map<string, unknown>([
    ['GET /status', sampleStatus()],
    ['GET /connections', [sampleConnection()]],
    ['GET /live', 'live'],
    ['POST /reload', { taken: true, reasons: '', ending: false }],
  ]);
  const peer = await AdminPeer.open(t, (asked) => {
    const body = reports.get(asked);
    return body === undefined ? { status: 202, body: { stopping: true, limit: 0 } } : { body };
  });
  const client = new AdminClient(peer);
  assert.deepEqual(await client.status(), sampleStatus());
  assert.deepEqual(await client.connections(), [sampleConnection()]);
  assert.deepEqual(await client.reload(), { taken: true, reasons: '', ending: false });
  await client.drain(1500);
  await client.stop();
  assert.deepEqual(peer.asked, [...reports.keys(), 'POST /drain?limit=1500ms', 'POST /stop']);
});

test('a reload that is refused is an answer as well', async (t) => {
  const report = { taken: false, reasons: 'no', ending: false };
  const peer = await AdminPeer.open(t, () => ({ status: 409, body: report }));
  assert.deepEqual(await new AdminClient(peer).reload(), report);
});

test('over an address the token is sent, and the host that the address names', async (t) => {
  const seen: (string | undefined)[] = [];
  const peer = await AdminPeer.open(
    t,
    (_asked, { headers }) => {
      seen.push(headers.authorization, headers.host);
      return { body: sampleStatus() };
    },
    true,
  );
  const url = `http://127.0.0.1:${peer.port}`;
  await new AdminClient({ url, token: 's3cret' }).status();
  assert.deepEqual(seen, ['Bearer s3cret', `127.0.0.1:${peer.port}`]);
});

test('where nobody listens no server runs', async (t) => {
  const peer = await AdminPeer.open(t, () => undefined);
  const { socketPath, directory } = peer;
  const none = new AdminClient({ socketPath: `${directory}/none` });
  await fails(none.status(), 'absent', /^No server runs here: there is no .*\/none\. Start one/);
  const onPort = await AdminPeer.open(t, () => undefined, true);
  const url = `http://127.0.0.1:${onPort.port}`;
  await onPort.close();
  const refused = new AdminClient({ url, token: 't' });
  await fails(refused.stop(), 'absent', /^No server runs here: nobody listens on http:\/\/127/);
  await peer.close();
  await fails(new AdminClient(peer).reload(), 'absent', new RegExp(`there is no ${socketPath}`));
});

test('a server that says nothing is waited for, but not for ever', async (t) => {
  const peer = await AdminPeer.open(t, () => undefined);
  const client = new AdminClient(peer, { answer: 5, reload: 6 });
  await fails(client.status(), 'silent', /^The server does not answer: .* within 0\.005 s\. /);
  await fails(client.reload(), 'silent', /within 0\.005 s\. .* After WINCH it rests until HUP/);
  peer.script = (asked) => (asked === 'GET /live' ? { body: 'live' } : undefined);
  await fails(client.reload(), 'silent', /within 0\.006 s/);
});

test('a server that goes away while it answers is told from one that is not there', async (t) => {
  const peer = await AdminPeer.open(t, (_asked, { socket }) => {
    socket.destroy();
    return undefined;
  });
  await fails(new AdminClient(peer).status(), 'broken', /cannot be asked: socket hang up\. Try/);
  peer.script = (_asked, { socket }) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{');
    return undefined;
  };
  await fails(new AdminClient(peer).status(), 'broken', /asked: the connection was closed\. Try/);
});

test('what a server refuses is said in its words, or in ours for the token', async (t) => {
  let status = 421;
  const peer = await AdminPeer.open(t, () => ({ status, body: 'Not by that name.\n' }));
  const client = new AdminClient(peer);
  await fails(client.status(), 'forbidden', /refuses with status 421: Not by that name\.$/);
  status = 500;
  await fails(client.reload(), 'broken', /refuses with status 500: Not by that name\.$/);
  status = 409;
  await fails(client.status(), 'broken', /status 409/);
  status = 200;
  await fails(client.stop(), 'broken', /status 200/);
  status = 401;
  await fails(client.status(), 'forbidden', /does not know this token: use the one/);
});

test('what is no administration is called so', async (t) => {
  for (const [status, body] of [
    [200, '<html>'],
    [200, 'null'],
    [200, ''],
    [404, '<html>'],
    [404, ''],
    [302, ''],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const peer = await AdminPeer.open(t, () => ({ status, body }));
    // oxlint-disable-next-line no-await-in-loop -- as above
    await fails(new AdminClient(peer).status(), 'broken', /is no administration of Daemun/);
  }
});

test('an address that is none is said to be so, without the token', async (t) => {
  const peer = await AdminPeer.open(t, () => undefined);
  const none = [
    { socketPath: '' },
    { url: 'localhost:9000', token: 's3cret' },
    { url: 'nonsense', token: 's3cret' },
    { url: 'http://127.0.0.1:1', token: 's3cret\n' },
  ];
  for (const address of none) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await fails(new AdminClient(address).status(), 'broken', /cannot be asked: (?!.*s3cret)/);
  }
  const file = `${peer.directory}/file`;
  writeFileSync(file, '');
  await fails(new AdminClient({ socketPath: file }).status(), 'absent', /nobody listens on/);
});
