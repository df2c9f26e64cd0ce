import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CliProcess, get, refuses } from '../support/cli-process.ts';
import { freePort } from '../support/process.ts';

// Says on standard error that it is read, and is done once there is a file of the name.
function config(go: string, ports: readonly number[]): string {
  return `
import { existsSync, writeSync } from 'node:fs';
writeSync(2, 'reading for ${go}; ');
while (!existsSync(new URL('${go}', import.meta.url))) await new Promise((done) => setTimeout(done, 5));
const listen = ${JSON.stringify(ports.map((port) => `127.0.0.1:${port}`))};
export default { threads: 2, sites: { '*': { listen, routes: { '/': { respond: 200, body: 'here' } } } } };
`;
}

test('a configuration that is read while the server ends is not served any more', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'daemun-ending-'));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  const file = join(directory, 'daemun.config.mjs');
  const [port, added] = [await freePort(), await freePort()];
  writeFileSync(file, config('start', [port]));
  writeFileSync(join(directory, 'start'), '');
  const run = new CliProcess(t, ['run'], directory);
  await run.port();
  // A request that is not whole yet keeps the server until it is answered.
  const client = connect({ host: '127.0.0.1', port });
  t.after(() => client.destroy());
  let said = '';
  client.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
  client.write('GET / HTTP/1.1\r\n');
  assert.equal((await get(port)).body, 'here');

  writeFileSync(file, config('more', [port, added]));
  run.signal('SIGHUP');
  await run.complains(/reading for more/);
  run.signal('SIGQUIT');
  while (!(await refuses(port))); // oxlint-disable-line no-await-in-loop -- until QUIT has arrived
  // Later ones are not looked at.
  run.signal('SIGHUP');
  writeFileSync(join(directory, 'more'), '');
  await run.complains(/The server is ending; the configuration is not loaded again/);
  assert.ok(await refuses(added));
  assert.doesNotMatch(run.complaint, /Error/);
  client.write('Host: x\r\nConnection: close\r\n\r\n');
  assert.equal(await run.over(), 0);
  assert.ok(said.endsWith('here'), said);
  assert.equal(run.complaint.split('reading for more').length, 2);
});
