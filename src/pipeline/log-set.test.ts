import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { LogSet } from './log-set.ts';

/** Node itself makes no named pipes. */
const MAKE_PIPE: string = 'mkfifo';
let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'daemun-log-'));
});
after(() => {
  rmSync(folder, { recursive: true });
});

test('one destination has one writer, and nowhere takes everything', async () => {
  const logs = new LogSet();
  const path = join(folder, 'one');
  const writer = logs.lease().open({ kind: 'file', path });
  assert.equal(logs.lease().open({ kind: 'file', path }, 5), writer);
  writer.write('bytes \xe9\xff\n');
  logs.lease().open({ kind: 'off' }).write('x\n');
  await logs.close();
  assert.equal(readFileSync(path, 'latin1'), 'bytes \xe9\xff\n');
});

test('a file that exists is appended to, by two writers without mixing lines', async () => {
  const path = join(folder, 'shared');
  const [one, two] = [new LogSet(), new LogSet()];
  const writers = [one, two].map((logs) => logs.lease().open({ kind: 'file', path }, 64));
  for (let i = 0; i < 1000; i++) {
    for (const [at, writer] of writers.entries()) writer.write(`${at}${i}\n`);
  }
  await Promise.all([one.close(), two.close()]);
  const lines = readFileSync(path, 'latin1').split('\n');
  assert.equal(lines.length, 2001);
  for (const at of [0, 1]) {
    const own = lines.filter((line) => line.startsWith(String(at)) && line !== '');
    assert.deepEqual(
      own,
      Array.from({ length: 1000 }, (_, i) => `${at}${i}`),
    );
  }
});

test('a renamed file is left with its lines, and the next line makes a new one', async () => {
  const path = join(folder, 'rotated');
  const logs = new LogSet();
  const writer = logs.lease().open({ kind: 'file', path });
  writer.write('before\n');
  renameSync(path, `${path}.1`);
  logs.reopen();
  writer.write('after\n');
  await logs.close();
  assert.equal(readFileSync(`${path}.1`, 'latin1'), 'before\n');
  assert.equal(readFileSync(path, 'latin1'), 'after\n');
});

test('a log that cannot be opened is an error at once', () => {
  assert.throws(
    () => new LogSet().lease().open({ kind: 'file', path: join(folder, 'no', 'such') }),
    {
      code: 'ENOENT',
    },
  );
});

test('the loss of a late line is told once, where the log that hears of it cannot be opened either', () => {
  const logs = new LogSet();
  const gone = join(folder, 'gone');
  mkdirSync(gone);
  const lease = logs.lease();
  const errors = lease.open({ kind: 'file', path: join(gone, 'errors') });
  const told: string[] = [];
  logs.onTrouble = (message) => {
    told.push(message);
    errors.write(`${message}\n`);
  };
  lease.release();
  rmSync(gone, { recursive: true });
  errors.write('late\n');
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /errors lost 1 line: ENOENT/u);
});

test('a full device costs lines, which are told with the name of the log', async (t) => {
  const logs = new LogSet();
  const told: string[] = [];
  logs.onTrouble = (message) => told.push(message);
  if (process.platform !== 'linux') {
    t.diagnostic('/dev/full is a thing of Linux');
    return;
  }
  logs.lease().open({ kind: 'file', path: '/dev/full' }, 0).write('x\n');
  await logs.close();
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /^the log \/dev\/full lost 1 line: ENOSPC/);
});

test('lines that are lost while everything closes are told in the error log, which is closed by then', async (t) => {
  if (process.platform !== 'linux') {
    t.diagnostic('/dev/full is a thing of Linux');
    return;
  }
  const path = join(folder, 'last-words');
  const logs = new LogSet();
  const lease = logs.lease();
  const errors = lease.open({ kind: 'file', path });
  logs.onTrouble = (message) => {
    errors.write(`${message}\n`);
  };
  const access = lease.open({ kind: 'file', path: '/dev/full' });
  for (let i = 0; i < 3; i++) access.write('x\n');
  await logs.close();
  assert.match(readFileSync(path, 'latin1'), /^the log \/dev\/full lost 3 lines: ENOSPC.*\n$/);
  // Behind the end nothing is opened any more.
  errors.write('later\n');
  await logs.close();
  assert.doesNotMatch(readFileSync(path, 'latin1'), /later/);
});

test('a pipe whose reader stands still does not hold the process up', async (t) => {
  if (process.platform !== 'linux') {
    t.diagnostic('named pipes are opened as Linux does it');
    return;
  }
  const path = join(folder, 'pipe');
  execFileSync(MAKE_PIPE, [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // Every wait for the full pipe ends at once; the intervals never do.
  const logs = new LogSet(undefined, (ms, run) => {
    if (ms < 1000) setImmediate(run);
    return () => {};
  });
  const told: string[] = [];
  logs.onTrouble = (message) => told.push(message);
  const writer = logs.lease().open({ kind: 'file', path });
  const line = `${'x'.repeat(999)}\n`;
  for (let i = 0; i < 200; i++) writer.write(line);
  await logs.close();
  closeSync(reader);
  const lost = /lost (\d+) lines: EAGAIN/.exec(told[0] ?? '');
  const lines = Number(lost?.[1]);
  // Linux gives a pipe 64 KiB: 64 lines and a bit stay in it.
  assert.ok(lines > 100 && lines < 200, String(told));
});
