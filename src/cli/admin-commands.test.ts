import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdminPeer, RecordedOutput } from '../../test/support/admin-peer.ts';
import { sampleConnection, sampleStatus } from '../../test/support/admin-view.ts';
import { connections } from './connections.ts';
import { drain } from './drain.ts';
import { reload } from './reload.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';

test('status is a page, or JSON', async (t) => {
  const server = await AdminPeer.open(t, () => ({ body: sampleStatus() }));
  const page = new RecordedOutput();
  assert.equal(await status({ server, json: false }, page), 0);
  assert.match(page.printed, /^Daemun 1\.2\.3 serves \/etc\/daemun\/daemun\.config\.ts\n/);
  const json = new RecordedOutput();
  assert.equal(await status({ server, json: true }, json), 0);
  assert.deepEqual(JSON.parse(json.printed), sampleStatus());
  assert.equal(page.errors + json.errors, '');
});

test('status has colours only where they are shown', async (t) => {
  const server = await AdminPeer.open(t, () => ({ body: sampleStatus() }));
  const output = new RecordedOutput();
  await status({ server, json: false }, output);
  assert.equal(output.printed.includes('\u001b'), false);
  output.colour = true;
  await status({ server, json: false }, output);
  assert.match(output.printed, /\u001b\[32mserving\u001b\[0m/);
  assert.match(output.printed, /\u001b\[1;31mfailed\u001b\[0m/);
});

test('connections are a table, or JSON, or a sentence', async (t) => {
  const list = [
    sampleConnection(),
    sampleConnection({
      thread: 12,
      descriptor: null,
      remote: 'unix:',
      local: 'unix:/run/a b',
      state: 'idle',
      bytesIn: 0,
    }),
  ];
  let body: unknown = list;
  const server = await AdminPeer.open(t, () => ({ body }));
  const table = new RecordedOutput();
  assert.equal(await connections({ server, json: false }, table), 0);
  assert.equal(
    table.printed,
    `thread  fd  state      requests       in      out    age  quiet  remote           local
     1  21  answering        12  2.0 KiB  4.8 MiB  1m 5s     0s  192.0.2.9:50123  192.0.2.1:80
    12   -  idle             12      0 B  4.8 MiB  1m 5s     0s  unix:            unix:/run/a b
`,
  );
  const json = new RecordedOutput();
  assert.equal(await connections({ server, json: true }, json), 0);
  assert.deepEqual(JSON.parse(json.printed), list);
  body = [];
  const none = new RecordedOutput();
  assert.equal(await connections({ server, json: false }, none), 0);
  assert.equal(none.printed, 'No connection is open.\n');
});

test('reload says that it was done, or why not, and ends with that status', async (t) => {
  let report = { taken: true, reasons: '', ending: false };
  const server = await AdminPeer.open(t, () => ({
    status: report.taken ? 200 : 409,
    body: report,
  }));
  const done = new RecordedOutput();
  assert.equal(await reload({ server }, done), 0);
  assert.equal(done.printed, 'The configuration was taken over.\n');
  report = { taken: false, reasons: 'a.json:3\n  bad \u001b[2J\n', ending: false };
  const refused = new RecordedOutput();
  assert.equal(await reload({ server }, refused), 1);
  assert.equal(refused.printed, '');
  assert.equal(
    refused.errors,
    'a.json:3\n  bad ?[2J\n\nThe server goes on with the configuration of before.\n',
  );
  report = { taken: false, reasons: 'It is ending\n', ending: true };
  const late = new RecordedOutput();
  assert.equal(await reload({ server }, late), 1);
  assert.equal(late.errors, 'It is ending\n');
});

test('drain and stop end when the server is gone', async (t) => {
  for (const [command, order] of [
    [drain, 'POST /drain?limit=60000ms'],
    [stop, 'POST /stop'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const server = await AdminPeer.open(t, (asked) => {
      if (asked.startsWith('GET')) return { body: sampleStatus() };
      setImmediate(() => void server.close());
      return { status: 202, body: { stopping: true, limit: 0 } };
    });
    const output = new RecordedOutput();
    // oxlint-disable-next-line no-await-in-loop -- as above
    assert.equal(await command({ server }, output), 0);
    assert.equal(server.asked[1], order);
    assert.equal(output.printed, 'The server has ended.\n');
  }
});

test('where no server runs every command says so and ends with 1', async (t) => {
  const server = await AdminPeer.open(t, () => undefined);
  await server.close();
  const json = false;
  const commands = [
    (output: RecordedOutput) => status({ server, json }, output),
    (output: RecordedOutput) => connections({ server, json }, output),
    (output: RecordedOutput) => reload({ server }, output),
    (output: RecordedOutput) => drain({ server, limit: 1 }, output),
    (output: RecordedOutput) => stop({ server }, output),
  ];
  for (const command of commands) {
    const output = new RecordedOutput();
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    assert.equal(await command(output), 1);
    assert.match(output.errors, /^No server runs here: [^\n]*\n$/);
    assert.equal(output.printed, '');
  }
});
