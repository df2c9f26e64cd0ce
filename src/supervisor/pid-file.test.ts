import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { PidFile, runningPid } from './pid-file.ts';

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'daemun-pid-'));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  return join(directory, 'daemun.pid');
}

/** A process that has ended. */
const GONE = 2 ** 22 - 1;

test('the file holds the number of this process, and goes with it', (t) => {
  const path = place(t);
  const file = PidFile.claim(path);
  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
  assert.deepEqual(readdirSync(join(path, '..')), ['daemun.pid'], 'no draft is left');
  file.remove();
  assert.equal(existsSync(path), false);
});

for (const text of [`${GONE}\n`, `${process.pid}\n`, '', 'nonsense', '0', '-1', '1 2'])
  test(`a file that says ${JSON.stringify(text)} is of nobody who runs, and is taken over`, (t) => {
    const path = place(t);
    writeFileSync(path, text);
    assert.equal(runningPid(path), null);
    PidFile.claim(path);
    assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
  });

test('a file of a process that runs is left alone, and told', (t) => {
  const path = place(t);
  writeFileSync(path, `${process.ppid}\n`);
  assert.equal(runningPid(path), process.ppid);
  assert.throws(
    () => PidFile.claim(path),
    new RegExp(`Process ${process.ppid} runs already, says`),
  );
  assert.equal(readFileSync(path, 'utf8'), `${process.ppid}\n`);
});

test('a directory that is not there is told, with what helps', (t) => {
  const path = join(place(t), 'x/daemun.pid');
  assert.throws(
    () => PidFile.claim(path),
    /There is no directory .*x for the pid file\. Create it/,
  );
});

test('the file makes room for another process and comes back; that of another is not removed', (t) => {
  const path = place(t);
  const file = PidFile.claim(path);
  file.giveWay(true);
  assert.deepEqual([existsSync(path), existsSync(`${path}.oldbin`)], [false, true]);
  file.giveWay(true);
  file.giveWay(false);
  assert.deepEqual([existsSync(path), existsSync(`${path}.oldbin`)], [true, false]);
  for (const [gives, name] of [
    [true, `${path}.oldbin`],
    [false, path],
  ] as const) {
    rmSync(gives ? path : `${path}.oldbin`);
    file.giveWay(gives);
    assert.equal(readFileSync(name, 'utf8'), `${process.pid}\n`, 'it is written again');
    assert.equal(readdirSync(join(path, '..')).length, 1);
  }
  writeFileSync(path, '1\n');
  file.remove();
  assert.equal(readFileSync(path, 'utf8'), '1\n');
});

test('room that the other process gave to a third in its turn is not taken back from it', (t) => {
  const path = place(t);
  const file = PidFile.claim(path);
  file.giveWay(true);
  writeFileSync(`${path}.oldbin`, '2\n');
  writeFileSync(path, '3\n');
  file.giveWay(false);
  file.remove();
  assert.deepEqual(
    [readFileSync(path, 'utf8'), readFileSync(`${path}.oldbin`, 'utf8')],
    ['3\n', '2\n'],
  );
});

test('links in the place of the file or of its draft are replaced, and what they lead to stays', (t) => {
  const path = place(t);
  const other = `${path}.other`;
  writeFileSync(other, `${process.ppid}\n`);
  symlinkSync(other, path);
  symlinkSync(other, `${path}.${process.pid}`);
  PidFile.claim(path);
  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
  assert.equal(readFileSync(other, 'utf8'), `${process.ppid}\n`);
});
