import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogFile, LogFiles, WriteDone } from './log-file.ts';
import { LogWriter, type LogWriterOptions } from './log-writer.ts';

/** A log whose reader the test plays: each write waits for `take` or `fail`. */
class PlayedFile implements LogFile {
  whole = Infinity;
  text = '';
  closed = false;
  readonly asked: string[] = [];
  #pending: { text: string; done: WriteDone } | null = null;

  get waits(): boolean {
    return this.#pending !== null;
  }

  write(bytes: Buffer, from: number, to: number, done: WriteDone): void {
    assert.equal(this.#pending, null, 'two writes at once');
    const text = bytes.toString('latin1', from, to);
    this.asked.push(text);
    this.#pending = { text, done };
  }

  take(most = Infinity): void {
    const pending = this.#pending;
    assert.ok(pending !== null, 'nothing was being written');
    this.#pending = null;
    const taken = pending.text.slice(0, most);
    this.text += taken;
    pending.done(null, taken.length);
  }

  fail(code: string): void {
    const pending = this.#pending;
    assert.ok(pending !== null, 'nothing was being written');
    this.#pending = null;
    pending.done(Object.assign(new Error(`${code}: said the disk`), { code }), 0);
  }

  close(done: () => void): void {
    this.closed = true;
    done();
  }
}

class Play implements LogFiles {
  readonly files: PlayedFile[] = [];
  readonly opened: string[] = [];
  readonly lost: [lines: number, cause: string][] = [];
  readonly timers: { ms: number; run: () => void; holds: boolean }[] = [];
  reopenError: Error | null = null;
  readonly writer: LogWriter;

  constructor(options: LogWriterOptions = {}, whole = Infinity) {
    const play = this.timers;
    this.writer = new LogWriter({ kind: 'file', path: '/log' }, this, {
      batch: 10,
      timer: (ms, run, holds) => {
        const timer = { ms, run, holds };
        play.push(timer);
        return () => {
          const at = play.indexOf(timer);
          if (at !== -1) play.splice(at, 1);
        };
      },
      onLoss: (lines, cause) => this.lost.push([lines, cause]),
      ...options,
    });
    this.file.whole = whole;
  }

  get file(): PlayedFile {
    const last = this.files.at(-1);
    assert.ok(last !== undefined);
    return last;
  }

  open(path: string): LogFile {
    this.opened.push(path);
    this.files.push(new PlayedFile());
    return this.file;
  }

  reopen(path: string, done: (error: Error | null, file: LogFile | null) => void): void {
    if (this.reopenError !== null) done(this.reopenError, null);
    else done(null, this.open(path));
  }

  standard(fd: 1 | 2): LogFile {
    return this.open(`fd ${fd}`);
  }

  /** Lets the timers of `ms` milliseconds run. */
  pass(ms: number): void {
    for (const timer of this.timers.splice(0)) {
      if (timer.ms === ms) timer.run();
      else this.timers.push(timer);
    }
  }
}

test('lines are written together once a batch is full', () => {
  const play = new Play();
  play.writer.write('1234\n');
  assert.equal(play.file.waits, false);
  play.writer.write('5678\n');
  assert.deepEqual(play.file.asked, ['1234\n5678\n']);
  play.file.take();
  assert.equal(play.writer.held, 0);
});

test('an incomplete batch is written when the interval is over, and only one timer runs', () => {
  const play = new Play();
  play.writer.write('a\n');
  play.writer.write('b\n');
  assert.equal(play.timers.length, 1);
  play.pass(1000);
  assert.deepEqual(play.file.asked, ['a\nb\n']);
  play.file.take();
  assert.equal(play.timers.length, 0);
});

test('while a write is under way lines are gathered, and follow it', () => {
  const play = new Play();
  play.writer.write('0123456789\n');
  play.writer.write('second 4567\n');
  play.writer.write('third\n');
  assert.equal(play.file.asked.length, 1);
  play.file.take();
  assert.deepEqual(play.file.asked[1], 'second 4567\nthird\n');
  play.writer.write('x\n');
  play.file.take();
  assert.equal(play.file.waits, false);
  play.pass(1000);
  play.file.take();
  assert.equal(play.file.text, '0123456789\nsecond 4567\nthird\nx\n');
});

test('a write that took a part is continued where it ended', () => {
  const play = new Play();
  play.writer.write('0123456789\n');
  for (const most of [1, 3, 100]) play.file.take(most);
  assert.deepEqual(play.file.asked, ['0123456789\n', '123456789\n', '456789\n']);
  assert.equal(play.file.text, '0123456789\n');
});

test('above the bound lines are dropped, counted, and told once an interval', () => {
  const play = new Play({ bound: 20 });
  play.writer.write('0123456789\n');
  play.writer.write('12345678\n');
  assert.equal(play.writer.held, 20);
  play.writer.write('\n');
  play.writer.write('x\n');
  assert.equal(play.writer.held, 20);
  assert.deepEqual(play.lost, []);
  play.pass(1000);
  assert.equal(play.lost.length, 1);
  assert.equal(play.lost[0]?.[0], 2);
  play.file.take();
  play.writer.write('fits again\n');
  play.pass(1000);
  assert.equal(play.lost.length, 1);
});

test('a full disk costs the lines of one write, and the log goes on behind it on a line of its own', () => {
  const play = new Play();
  play.writer.write('line one\nline two\nline three\n');
  play.file.take(12);
  play.file.fail('ENOSPC');
  play.writer.write('line four x\n');
  play.file.take();
  assert.equal(play.file.text, 'line one\nlin\nline four x\n');
  play.pass(1000);
  assert.deepEqual(play.lost, [[2, 'ENOSPC: said the disk']]);
});

test('a reader that left costs lines, never an exception', () => {
  const play = new Play();
  for (let i = 0; i < 3; i++) {
    play.writer.write('0123456789\n');
    play.file.fail('EPIPE');
  }
  play.pass(1000);
  assert.deepEqual(play.lost, [[3, 'EPIPE: said the disk']]);
});

test('a full pipe is tried again after growing waits, with nothing lost and nothing else started', () => {
  const play = new Play();
  play.writer.write('0123456789\n');
  for (const wait of [1, 2, 4, 8, 16, 32, 64, 64]) {
    play.file.fail('EAGAIN');
    assert.deepEqual(play.timers, [{ ...play.timers[0], ms: wait, holds: false }]);
    play.pass(wait);
  }
  play.file.fail('EAGAIN');
  play.writer.write('9876543210\n');
  assert.equal(play.file.waits, false);
  play.pass(64);
  play.file.take(5);
  play.file.fail('EAGAIN');
  play.pass(1);
  play.file.take();
  play.file.take();
  assert.equal(play.file.text, '0123456789\n9876543210\n');
  assert.deepEqual(play.lost, []);
});

test('a pipe gets whole lines, no more at once than it takes in one piece', () => {
  const play = new Play({ batch: 30 }, 12);
  play.writer.write('aaaaa\nbbbbb\ncc\nthis line is longer\ndd\nee\n');
  for (let i = 0; i < 4; i++) play.file.take();
  assert.deepEqual(play.file.asked, [
    'aaaaa\nbbbbb\n',
    'cc\n',
    'this line is longer\n',
    'dd\nee\n',
  ]);
});

test('after a rotation earlier lines go to the old file and later ones to the new', () => {
  const play = new Play();
  play.writer.write('0123456789\n');
  play.writer.write('early\n');
  play.writer.reopen();
  const [old] = play.files;
  old?.take();
  play.writer.write('late enough\n');
  assert.equal(old?.asked[1], 'early\n');
  old.take();
  assert.equal(old.text, '0123456789\nearly\n');
  assert.equal(old.closed, true);
  assert.deepEqual(play.opened, ['/log', '/log']);
  play.file.take();
  assert.equal(play.file.text, 'late enough\n');
});

test('a rotation of an idle log opens at once; one that fails keeps the old file and is told', () => {
  const play = new Play();
  play.writer.reopen();
  assert.equal(play.files.length, 2);
  play.reopenError = new Error('no such directory');
  play.writer.reopen();
  play.pass(1000);
  assert.deepEqual(play.lost, [[0, 'no such directory']]);
  play.writer.write('0123456789\n');
  play.file.take();
  assert.equal(play.files[1]?.text, '0123456789\n');
});

test('close writes what is held, closes the file, and takes no more lines', async () => {
  const play = new Play();
  play.writer.write('0123456789\n');
  play.writer.write('a\n');
  const closed = Promise.all([play.writer.close(), play.writer.close()]);
  play.writer.write('behind\n');
  play.file.take();
  play.file.take();
  await closed;
  assert.equal(play.file.text, '0123456789\na\n');
  assert.equal(play.file.closed, true);
  assert.equal(play.timers.length, 0);
  await play.writer.close();
});

test('close gives up on a pipe that takes nothing for a second, tells the loss, and is waited for', async () => {
  const play = new Play();
  play.writer.write('0123456789\n');
  play.file.fail('EAGAIN');
  const closed = play.writer.close();
  play.file.fail('EAGAIN');
  let waited = 0;
  for (let timer = play.timers[0]; timer !== undefined; timer = play.timers[0]) {
    assert.equal(timer.holds, true);
    waited += timer.ms;
    play.pass(timer.ms);
    play.file.fail('EAGAIN');
  }
  await closed;
  assert.ok(waited >= 1000 && waited < 1200, String(waited));
  assert.equal(play.lost[0]?.[0], 1);
});

test('without a batch each line is written as soon as nothing else is', () => {
  const play = new Play({ batch: 0 });
  play.writer.write('a\n');
  play.writer.write('b\n');
  play.writer.write('c\n');
  play.file.take();
  play.file.take();
  assert.deepEqual(play.file.asked, ['a\n', 'b\nc\n']);
});

test('a retired log is closed once all is written that it held, and nothing later goes into it', () => {
  const late: string[] = [];
  const play = new Play({ onLate: (line) => late.push(line) });
  let retired = 0;
  play.writer.write('a\n');
  play.writer.retire(() => retired++);
  assert.deepEqual(play.file.asked, ['a\n']);
  play.writer.write('b\n');
  assert.equal(play.file.closed, false);
  play.file.take();
  assert.equal(play.file.closed, true);
  assert.equal(retired, 1);
  play.writer.write('c\n');
  play.writer.reopen();
  play.writer.retire(() => retired++);
  assert.deepEqual([late, play.opened, play.timers, retired], [['b\n', 'c\n'], ['/log'], [], 1]);
});

test('a log that holds nothing is closed at once when it is retired', () => {
  const play = new Play();
  play.writer.retire(() => {});
  assert.deepEqual([play.file.closed, play.file.asked], [true, []]);
});

test('a log that is retired while it writes gets the batch that grew meanwhile', () => {
  const play = new Play();
  play.writer.write('123456789\n');
  play.writer.write('a\n');
  play.writer.retire(() => {});
  play.file.take();
  assert.deepEqual(play.file.asked, ['123456789\n', 'a\n']);
  play.file.take();
  assert.equal(play.file.closed, true);
});

test('a log that is retired while it is opened again writes to the new file and closes it', () => {
  const play = new Play();
  play.writer.write('a\n');
  play.writer.reopen();
  play.writer.retire(() => {});
  const [old] = play.files;
  old?.take();
  assert.deepEqual([old?.text, old?.closed, play.files.length], ['a\n', true, 2]);
  assert.equal(play.file.closed, true);
});

test('a log that is about to end is not opened again', () => {
  const play = new Play();
  play.writer.write('a\n');
  play.writer.retire(() => {});
  play.writer.reopen();
  play.file.take();
  assert.deepEqual([play.opened, play.file.text, play.file.closed], [['/log'], 'a\n', true]);
});

test('a retired log waits for a full pipe without end, until the process ends', async () => {
  const play = new Play();
  play.writer.write('a\n');
  play.writer.retire(() => {});
  for (let waited = 0, wait = 1; waited < 5000; waited += wait, wait = Math.min(wait * 2, 64)) {
    play.file.fail('EAGAIN');
    assert.equal(play.timers.find(({ ms }) => ms === wait)?.holds, false);
    play.pass(wait);
  }
  const closed = play.writer.close();
  let tries = 0;
  while (play.file.waits) {
    tries++;
    play.file.fail('EAGAIN');
    const [timer] = play.timers.splice(0).filter(({ holds }) => holds);
    timer?.run();
  }
  await closed;
  // A whole second from the end on, whatever was waited before.
  assert.ok(tries > 10, String(tries));
  assert.equal(play.file.closed, true);
  assert.equal(play.lost.length, 1);
});

test('what a file took of a batch is not held any more', () => {
  const play = new Play();
  play.writer.write('123456789\n');
  assert.equal(play.writer.held, 10);
  play.file.take(4);
  assert.equal(play.writer.held, 6);
  play.writer.write('a\n');
  assert.equal(play.writer.held, 8);
});

test('each incomplete batch is written after its own interval', () => {
  const play = new Play();
  for (const line of ['a\n', 'b\n']) {
    play.writer.write(line);
    play.pass(1000);
    play.file.take();
  }
  assert.equal(play.file.text, 'a\nb\n');
});

test('a batch that grew while an interval passed during a write waits for the next', () => {
  const play = new Play();
  play.writer.write('0123456789\n');
  play.writer.write('a\n');
  play.pass(1000);
  play.file.take();
  play.pass(1000);
  play.file.take();
  assert.equal(play.file.text, '0123456789\na\n');
});

test('losses are counted anew after they were told', () => {
  const play = new Play();
  for (const lines of ['0123456789\n', 'a\nb\n3456789\n']) {
    play.writer.write(lines);
    play.file.fail('EPIPE');
    play.pass(1000);
    play.pass(1000);
  }
  assert.deepEqual(
    play.lost.map(([lines]) => lines),
    [1, 3],
  );
});

test('only what follows a torn line at once begins on a line of its own', () => {
  const play = new Play();
  play.writer.write('0123456789\n');
  play.file.take(3);
  play.file.fail('ENOSPC');
  for (const line of ['second 45\n', 'third 345\n']) {
    play.writer.write(line);
    play.file.take();
  }
  assert.equal(play.file.text, '012\nsecond 45\nthird 345\n');
});

test('a torn line stays apart from the next one that is written, whatever is lost between them', () => {
  const play = new Play();
  play.writer.write('0123456789\n');
  play.file.take(3);
  play.file.fail('ENOSPC');
  for (const line of ['second 45\n', 'third 345\n']) {
    play.writer.write(line);
    play.file.fail('ENOSPC');
  }
  play.writer.write('fourth 45\n');
  play.file.take();
  assert.equal(play.file.text, '012\nfourth 45\n');
  play.pass(1000);
  assert.deepEqual(play.lost, [[3, 'ENOSPC: said the disk']]);
});

test('a torn line that was closed by a write which failed behind that is not closed twice', () => {
  const play = new Play();
  play.writer.write('0123456789\n');
  play.file.take(3);
  play.file.fail('ENOSPC');
  play.writer.write('second 45\n');
  play.file.take(1);
  play.file.fail('ENOSPC');
  play.writer.write('third 345\n');
  play.file.take();
  assert.equal(play.file.text, '012\nthird 345\n');
});

test('lines that together are longer than a pipe takes in one piece go one by one', () => {
  const play = new Play({}, 10);
  play.writer.write('12345\n6789\n');
  play.file.take();
  play.file.take();
  assert.deepEqual(play.file.asked, ['12345\n', '6789\n']);
});

test('a line whose format fails is not there, and the failure is passed on', () => {
  const play = new Play({});
  play.writer.write('one\n');
  assert.throws(() => {
    play.writer.put((text: string, line) => {
      line.text(text);
      throw new Error('a defect');
    }, 'half a li');
  }, /a defect/);
  play.writer.put((number: number, line) => {
    line.decimal(number);
    line.text('\n');
  }, 2);
  assert.equal(play.writer.held, 6);
  void play.writer.close();
  assert.equal(play.files[0]?.asked[0], 'one\n2\n');
});
