import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogFile, LogFiles } from './log-file.ts';
import { LogSet } from './log-set.ts';
import type { LogTarget } from './options.ts';

/** Log files in memory, of which a test sees when each is opened and closed. */
class WatchedFiles implements LogFiles {
  /** What happened: `+` opened, `-` closed, `>` and what was written. */
  readonly events: string[] = [];
  refuses = false;

  open(path: string): LogFile {
    if (this.refuses) throw new Error('EACCES');
    this.events.push(`+${path}`);
    return {
      whole: Infinity,
      write: (bytes, from, to, done) => {
        this.events.push(`${path}>${bytes.toString('latin1', from, to).trimEnd()}`);
        setImmediate(done, null, to - from);
      },
      close: (done) => {
        this.events.push(`-${path}`);
        setImmediate(done);
      },
    };
  }

  reopen(path: string, done: (error: Error | null, file: LogFile | null) => void): void {
    setImmediate(() => {
      if (this.refuses) done(new Error('EACCES'), null);
      else done(null, this.open(path));
    });
  }

  standard(fd: 1 | 2): LogFile {
    return this.open(String(fd));
  }

  /** What happened since it was last asked, once writes and closes that are under way are over. */
  async seen(): Promise<readonly string[]> {
    for (let turn = 0; turn < 4; turn++) {
      // oxlint-disable-next-line no-await-in-loop -- one turn of the event loop a step
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.events.splice(0);
  }
}

function file(path: string): LogTarget {
  return { kind: 'file', path };
}

function start(): { readonly files: WatchedFiles; readonly logs: LogSet; readonly told: string[] } {
  const files = new WatchedFiles();
  const logs = new LogSet(files, () => () => {});
  const told: string[] = [];
  logs.onTrouble = (message) => told.push(message);
  return { files, logs, told };
}

test('a log is closed when the last lease of it ends, with what it held', async () => {
  const { files, logs } = start();
  const [old, next] = [logs.lease(), logs.lease()];
  old.open(file('/a')).write('1\n');
  old.open(file('/b')).write('2\n');
  next.open(file('/b')).write('3\n');
  old.release();
  assert.deepEqual(await files.seen(), ['+/a', '+/b', '/a>1', '-/a']);
  next.release();
  assert.deepEqual(await files.seen(), ['/b>2\n3', '-/b']);
  await logs.close();
  assert.deepEqual(await files.seen(), []);
});

test('a lease lasts until everybody who holds it has let go', async () => {
  const { files, logs } = start();
  const lease = logs.lease();
  const sink = lease.open(file('/a'));
  lease.hold();
  lease.hold();
  lease.release();
  lease.release();
  sink.write('last\n');
  assert.deepEqual(await files.seen(), ['+/a']);
  lease.release();
  assert.deepEqual(await files.seen(), ['/a>last', '-/a']);
});

test('a lease that opens one log twice counts once for it, and one of nowhere for nothing', async () => {
  const { files, logs } = start();
  const lease = logs.lease();
  assert.equal(lease.open(file('/a')), lease.open(file('/a')));
  lease.open({ kind: 'off' }).write('x\n');
  lease.open({ kind: 'stderr' }).write('y\n');
  lease.release();
  assert.deepEqual(await files.seen(), ['+/a', '+2', '-/a', '2>y', '-2']);
});

test('a rotation opens the logs that are leased, and does not make those again that are not', async () => {
  const { files, logs } = start();
  const [old, next] = [logs.lease(), logs.lease()];
  old.open(file('/old'));
  next.open(file('/next'));
  old.release();
  await files.seen();
  logs.reopen();
  assert.deepEqual(await files.seen(), ['+/next', '-/next']);
});

test('a line behind the end of the lease still reaches its log, which is open for it alone', async () => {
  const { files, logs } = start();
  const lease = logs.lease();
  const sink = lease.open(file('/a'));
  lease.release();
  await files.seen();
  sink.write('late\n');
  assert.deepEqual(await files.seen(), ['+/a', '/a>late', '-/a']);
  // A request that begins on an address of before holds a lease that has ended.
  lease.hold();
  sink.write('later\n');
  lease.release();
  assert.deepEqual(await files.seen(), ['+/a', '/a>later', '-/a']);
});

test('a late line goes through the writer of now, where the log is leased again', async () => {
  const { files, logs } = start();
  const old = logs.lease();
  const sink = old.open(file('/a'));
  old.release();
  await files.seen();
  const next = logs.lease();
  next.open(file('/a')).write('1\n');
  sink.write('2\n');
  next.release();
  assert.deepEqual(await files.seen(), ['+/a', '/a>1\n2', '-/a']);
});

test('a late line whose log cannot be opened is told as lost, one behind the end of all is not', async () => {
  const { files, logs, told } = start();
  const lease = logs.lease();
  const sink = lease.open(file('/a'));
  lease.release();
  files.refuses = true;
  sink.write('late\n');
  assert.deepEqual(told, ['the log /a lost 1 line: EACCES']);
  await logs.close();
  files.refuses = false;
  await files.seen();
  sink.write('too late\n');
  assert.deepEqual(await files.seen(), []);
  assert.equal(told.length, 1);
});

test('a lease that ends twice gives its logs back once', async () => {
  const { files, logs } = start();
  const [old, next] = [logs.lease(), logs.lease()];
  old.open(file('/a'));
  const sink = next.open(file('/a'));
  old.release();
  old.hold();
  old.release();
  sink.write('1\n');
  assert.deepEqual(await files.seen(), ['+/a']);
  next.release();
  assert.deepEqual(await files.seen(), ['/a>1', '-/a']);
});

test('the two streams of the process are two logs', async () => {
  const { files, logs } = start();
  const lease = logs.lease();
  lease.open({ kind: 'stdout' }).write('o\n');
  lease.open({ kind: 'stderr' }).write('e\n');
  lease.release();
  assert.deepEqual(await files.seen(), ['+1', '+2', '1>o', '2>e', '-1', '-2']);
});

test('lines are written at once where the lease that opens the log says so', async () => {
  const { files, logs } = start();
  const lease = logs.lease();
  lease.open(file('/now'), 0).write('1\n');
  lease.open(file('/later')).write('2\n');
  lease.open(file('/full'), 4).write('3\n');
  lease.open(file('/full'), 0).write('4\n');
  assert.deepEqual(await files.seen(), ['+/now', '/now>1', '+/later', '+/full', '/full>3\n4']);
  await logs.close();
});

test('a rotation that fails is told with the name of the log, which goes on', async () => {
  const { files, logs, told } = start();
  const lease = logs.lease();
  const sink = lease.open(file('/a'));
  files.refuses = true;
  logs.reopen();
  await files.seen();
  sink.write('1\n');
  await logs.close();
  assert.deepEqual(told, ['the log /a was not reopened: EACCES']);
  assert.deepEqual(files.events, ['/a>1', '-/a']);
});

test('leases may end behind the end of all logs', async () => {
  const { files, logs } = start();
  const lease = logs.lease();
  lease.open(file('/a')).write('1\n');
  await logs.close();
  lease.release();
  assert.deepEqual(await files.seen(), ['+/a', '/a>1', '-/a']);
});

test('a log that cannot be opened leaves the lease with those that could', async () => {
  const { files, logs } = start();
  const lease = logs.lease();
  lease.open(file('/a'));
  files.refuses = true;
  assert.throws(() => lease.open(file('/b')), /EACCES/);
  lease.release();
  assert.deepEqual(await files.seen(), ['+/a', '-/a']);
});

test('what retires when everything is closed is waited for', async () => {
  const { files, logs } = start();
  const lease = logs.lease();
  lease.open(file('/a')).write('1\n');
  lease.release();
  await logs.close();
  assert.deepEqual(files.events, ['+/a', '/a>1', '-/a']);
});
