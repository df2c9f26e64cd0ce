import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { FullScreen } from './full-screen.ts';

const ENTER = '\u001b[?1049h';
const LEAVE = '\u001b[?1049l';

class FakeInput extends EventEmitter {
  readonly calls: string[] = [];

  setRawMode(on: boolean): void {
    this.calls.push(on ? 'raw' : 'cooked');
  }

  resume(): void {
    this.calls.push('resume');
  }

  pause(): void {
    this.calls.push('pause');
  }
}

class FakeOutput extends EventEmitter {
  columns = 80;
  rows = 24;
  writableNeedDrain = false;
  written = '';

  write(text: string): void {
    this.written += text;
  }
}

class FakeProcess extends EventEmitter {
  readonly pid = 77;
  readonly killed: string[] = [];

  kill(pid: number, signal: string): void {
    this.killed.push(`${pid} ${signal}`);
  }
}

class FakeTerminal {
  readonly input = new FakeInput();
  readonly output = new FakeOutput();
  readonly process = new FakeProcess();
  readonly heard: string[] = [];
  readonly screen = new FullScreen(
    this.input,
    this.output,
    {
      onKey: (key) => this.heard.push(`key ${JSON.stringify(key)}`),
      onRedraw: () => this.heard.push('redraw'),
      onEnd: (signal) => this.heard.push(`end ${signal}`),
    },
    this.process,
  );

  get listeners(): number {
    return [this.input, this.output, this.process].reduce(
      (sum, each) => sum + each.eventNames().length,
      0,
    );
  }
}

test('the terminal is taken over, and given back as it was', () => {
  const terminal = new FakeTerminal();
  terminal.screen.open();
  assert.equal(terminal.output.written.startsWith(ENTER), true);
  assert.match(terminal.output.written, /\u001b\[\?25l/);
  assert.deepEqual(terminal.input.calls, ['raw', 'resume']);
  terminal.output.written = '';
  terminal.screen.close();
  assert.equal(terminal.output.written, `\u001b[0m\u001b[?7h\u001b[?25h${LEAVE}`);
  assert.deepEqual(terminal.input.calls, ['raw', 'resume', 'cooked', 'pause']);
  assert.equal(terminal.listeners, 0, 'nothing is listened to any more');
});

test('it is given back once, however often it is closed', () => {
  const terminal = new FakeTerminal();
  terminal.screen.close();
  assert.equal(terminal.output.written, '');
  terminal.screen.open();
  terminal.screen.open();
  terminal.screen.close();
  terminal.screen.close();
  assert.equal(terminal.output.written.split(ENTER).length, 2);
  assert.equal(terminal.output.written.split(LEAVE).length, 2);
});

test('it is given back when the process ends without a call, as by an exception', () => {
  const terminal = new FakeTerminal();
  terminal.screen.open();
  terminal.process.emit('exit');
  assert.equal(terminal.output.written.endsWith(LEAVE), true);
  assert.equal(terminal.input.calls.at(-1), 'cooked');
  terminal.screen.draw(['too late']);
  assert.equal(terminal.output.written.endsWith(LEAVE), true);
});

test('a terminal that is closed already is no reason to fail', () => {
  const terminal = new FakeTerminal();
  terminal.screen.open();
  terminal.input.setRawMode = () => {
    throw new Error('setRawMode EIO');
  };
  terminal.screen.close();
  assert.equal(terminal.listeners, 0);
});

test('signals that end, and the end of the terminal, are told', () => {
  const terminal = new FakeTerminal();
  terminal.screen.open();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) terminal.process.emit(signal);
  terminal.input.emit('end');
  terminal.input.emit('error', new Error('EIO'));
  assert.deepEqual(terminal.heard, [
    'end SIGINT',
    'end SIGTERM',
    'end SIGHUP',
    'end SIGQUIT',
    'end null',
    'end null',
  ]);
});

test('keys are told one by one; arrows and their kind are not', () => {
  const terminal = new FakeTerminal();
  terminal.screen.open();
  for (const bytes of ['q', 'ph', '\u0003', '\u001b', '\u001b[A', '\u001bOP']) {
    terminal.input.emit('data', Buffer.from(bytes));
  }
  assert.deepEqual(terminal.heard, [
    'key "q"',
    'key "p"',
    'key "h"',
    'key "\\u0003"',
    'key "\\u001b"',
  ]);
});

test('Ctrl-Z gives the terminal back while the process sleeps, and takes it again', () => {
  const terminal = new FakeTerminal();
  terminal.screen.open();
  terminal.input.emit('data', Buffer.from('\u001a'));
  assert.deepEqual(terminal.process.killed, ['77 SIGTSTP']);
  assert.equal(terminal.output.written.endsWith(LEAVE), true);
  terminal.screen.draw(['asleep']);
  assert.equal(terminal.output.written.endsWith(LEAVE), true);
  terminal.output.written = '';
  terminal.process.emit('SIGCONT');
  assert.equal(terminal.output.written.startsWith(ENTER), true);
  assert.deepEqual(terminal.heard, ['redraw']);
  assert.deepEqual(terminal.input.calls, ['raw', 'resume', 'cooked', 'raw']);
});

test('another size asks for another picture', () => {
  const terminal = new FakeTerminal();
  terminal.screen.open();
  terminal.output.columns = 120;
  terminal.output.emit('resize');
  assert.deepEqual(terminal.heard, ['redraw']);
  assert.deepEqual([terminal.screen.columns, terminal.screen.rows], [120, 24]);
});

test('a picture replaces the one before, line by line', () => {
  const terminal = new FakeTerminal();
  terminal.screen.draw(['nobody asked']);
  assert.equal(terminal.output.written, '');
  terminal.screen.open();
  terminal.output.written = '';
  terminal.screen.draw(['a', 'b']);
  assert.equal(terminal.output.written, '\u001b[?2026h\u001b[H\u001b[Ka\r\n\u001b[Kb\u001b[?2026l');
});

test('a terminal that is too slow misses pictures, and gets no queue of them', () => {
  const terminal = new FakeTerminal();
  terminal.screen.open();
  terminal.output.written = '';
  terminal.output.writableNeedDrain = true;
  terminal.screen.draw(['a']);
  assert.equal(terminal.output.written, '');
});
