import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { SOCKETS_VARIABLE } from '../supervisor/index.ts';
import { startUpgrade } from './upgrade.ts';

test('a list of sockets of any length reaches the program that takes the place of this one', async (t) => {
  const fd = openSync(process.execPath, 'r');
  t.after(() => {
    closeSync(fd);
  });
  // The system allows 128 KiB for a variable of the environment.
  const path = `/${'x'.repeat(300_000)}`;
  const sockets = [
    { fd, endpoint: { kind: 'unix', path }, reusesPort: false },
    { fd, endpoint: { kind: 'unix', path }, reusesPort: false },
  ] as const;
  const reads = `
    const { sockets } = JSON.parse(require('fs').readFileSync(Number(process.env.${SOCKETS_VARIABLE})));
    const right = sockets.every(({ fd, endpoint }) => endpoint.path.length === 300001 && require('fs').fstatSync(fd).isFile());
    process.exit(right ? 40 + sockets.length : 1);`;
  const how = await new Promise<string>((done) => {
    const alive = setInterval(() => {}, 1000);
    const onEnd = (said: string): void => {
      clearInterval(alive);
      done(said);
    };
    startUpgrade(
      sockets,
      { onEnd, onComplaint: () => {} },
      { words: ['-e', reads], background: false },
    );
  });
  assert.equal(how, 'ended with status 42');
});
