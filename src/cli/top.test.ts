import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test, type TestContext } from 'node:test';
import { AdminPeer, RecordedOutput } from '../../test/support/admin-peer.ts';
import { sampleStatus } from '../../test/support/admin-view.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ManualClock } from '../base/index.ts';
import { showsUtf8, top } from './top.ts';

class FakeInput extends EventEmitter {
  setRawMode(): void {}
  resume(): void {}
  pause(): void {}
}

class FakeOutput extends EventEmitter {
  columns = 100;
  rows = 30;
  readonly writableNeedDrain = false;
  readonly pictures: string[] = [];

  write(text: string): void {
    this.pictures.push(text);
  }
}

class FakeProcess extends EventEmitter {
  readonly pid = 1;
  kill(): void {}
}

/** A top that looks every millisecond at a server whose requests rise by 100 from one report to the next. */
class RunningTop {
  readonly input = new FakeInput();
  readonly output = new FakeOutput();
  readonly events = new FakeProcess();
  readonly recorded = new RecordedOutput();
  readonly clock = new ManualClock();
  status: number | undefined;
  error: unknown;
  reports = 0;

  constructor(peer: AdminPeer) {
    peer.script = () => {
      this.clock.advance(1000);
      this.reports++;
      const counters = { requests: this.reports * 100 };
      return { body: sampleStatus({ counters }) };
    };
    const options = { server: peer, interval: 1, terminal: this, utf8: true };
    top(options, this.recorded, this.clock).then(
      (status) => (this.status = status),
      (error: unknown) => (this.error = error),
    );
  }

  get picture(): string {
    return this.output.pictures.at(-1) ?? '';
  }

  shows(what: RegExp): Promise<void> {
    return eventually(`${String(what)} on the screen`, () => what.test(this.picture));
  }

  press(key: string): void {
    this.input.emit('data', Buffer.from(key));
  }

  async over(): Promise<number | undefined> {
    await eventually('the end', () => this.status !== undefined || this.error !== undefined);
    return this.status;
  }
}

async function running(t: TestContext): Promise<{ peer: AdminPeer; live: RunningTop }> {
  const peer = await AdminPeer.open(t, () => undefined);
  const live = new RunningTop(peer);
  t.after(() => {
    live.press('q');
  });
  return { peer, live };
}

test('the picture follows the server until q is pressed', async (t) => {
  const { live } = await running(t);
  await live.shows(/requests +100\/s/);
  live.press('q');
  assert.equal(await live.over(), 0);
  assert.match(live.picture, /\u001b\[\?1049l$/, 'the terminal is given back');
  assert.equal(live.recorded.printed + live.recorded.errors, '');
});

for (const key of ['Q', '\u0003']) {
  test(`${JSON.stringify(key)} leaves as well`, async (t) => {
    const { live } = await running(t);
    await live.shows(/requests/);
    live.press(key);
    assert.equal(await live.over(), 0);
  });
}

test('p holds the picture until it is pressed again', async (t) => {
  const { live } = await running(t);
  await live.shows(/requests +100\/s/);
  live.press('p');
  assert.match(live.picture, /paused · /);
  const { reports } = live;
  const { length } = live.output.pictures;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(live.reports <= reports + 1, 'it asks no more');
  assert.equal(live.output.pictures.length, length);
  live.press('p');
  await eventually('more reports', () => live.reports > reports + 2);
  assert.doesNotMatch(live.picture, /paused/);
});

test('a report that comes when the picture is held already does not change it', async (t) => {
  const { peer, live } = await running(t);
  await live.shows(/requests +100\/s/);
  let drawn = 0;
  peer.script = () => {
    live.press('p');
    drawn = live.output.pictures.length;
    return { body: sampleStatus({ version: '9.9.9' }) };
  };
  await eventually('the last question', () => drawn > 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(live.output.pictures.length, drawn);
  assert.match(live.picture, /paused/);
});

test('nothing is left that would keep the command from ending', async (t) => {
  const peer = await AdminPeer.open(t, () => ({ body: sampleStatus() }));
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const terminal = {
    input: new FakeInput(),
    output: new FakeOutput(),
    events: new FakeProcess(),
  };
  const ended = top({ server: peer, interval: 3_600_000, terminal }, new RecordedOutput());
  await eventually('a picture', () => terminal.output.pictures.length > 1);
  assert.equal(timers() - before, 1);
  terminal.input.emit('data', Buffer.from('q'));
  assert.equal(await ended, 0);
  assert.equal(timers() - before, 0);
});

test('h explains, and h or escape goes back', async (t) => {
  const { live } = await running(t);
  await live.shows(/requests/);
  for (const [key, expected] of [
    ['h', true],
    ['h', false],
    ['?', true],
    ['\u001b', false],
    ['\u001b', false],
    ['x', false],
  ] as const) {
    live.press(key);
    assert.equal(/hold the picture/.test(live.picture), expected, key);
  }
});

test('another size is drawn at once; a terminal that knows none gets 80 by 24', async (t) => {
  const { live } = await running(t);
  await live.shows(/requests/);
  live.output.rows = 10;
  live.output.emit('resize');
  assert.equal(live.picture.split('\r\n').length, 10);
  live.output.rows = 0;
  live.output.columns = 0;
  live.output.emit('resize');
  assert.equal(live.picture.split('\r\n').length, 24);
});

test('a server that goes away is told, with the last numbers, and found again', async (t) => {
  const { peer, live } = await running(t);
  await live.shows(/requests +100\/s/);
  const { script } = peer;
  peer.script = () => ({ status: 500, body: 'It is not well.' });
  await live.shows(/status 500: It is not well\./);
  assert.match(live.picture, /requests +100\/s/);
  peer.script = script;
  await live.shows(/q.*quit/);
});

test('a signal ends it with the status that a shell expects', async (t) => {
  const { live } = await running(t);
  await live.shows(/requests/);
  live.events.emit('SIGTERM');
  assert.equal(await live.over(), 143);
  assert.match(live.picture, /\u001b\[\?1049l$/);
});

test('the end of the terminal is no failure', async (t) => {
  const { live } = await running(t);
  await live.shows(/requests/);
  live.input.emit('end');
  assert.equal(await live.over(), 0);
});

test('a report that cannot be drawn is a defect, told when the terminal is given back', async (t) => {
  const { peer, live } = await running(t);
  await live.shows(/requests/);
  peer.script = () => ({ body: {} });
  await live.over();
  assert.ok(live.error instanceof TypeError);
  assert.match(live.picture, /\u001b\[\?1049l$/);
});

test('without a terminal one picture is printed, with rates', async (t) => {
  let requests = 0;
  const clock = new ManualClock();
  const server = await AdminPeer.open(t, () => {
    clock.advance(1000);
    requests += 50;
    return { body: sampleStatus({ counters: { requests } }) };
  });
  const output = new RecordedOutput();
  assert.equal(await top({ server, interval: 1, terminal: null }, output, clock), 0);
  assert.match(output.printed, /\n requests +50\/s +100\n/);
  assert.doesNotMatch(output.printed, /\u001b|quit| \n/);
  assert.equal(server.asked.length, 2);
});

test('where no server runs the terminal is left alone', async (t) => {
  const server = await AdminPeer.open(t, () => undefined);
  await server.close();
  const terminal = {
    input: new FakeInput(),
    output: new FakeOutput(),
    events: new FakeProcess(),
  };
  const output = new RecordedOutput();
  assert.equal(await top({ server, terminal }, output), 1);
  assert.match(output.errors, /^No server runs here/);
  assert.deepEqual(terminal.output.pictures, []);
});

test('the first locale that is set says whether the terminal shows UTF-8', () => {
  assert.equal(showsUtf8({ LANG: 'en_US.UTF-8' }), true);
  assert.equal(showsUtf8({ LANG: 'de_DE.utf8' }), true);
  assert.equal(showsUtf8({ LC_ALL: 'C', LANG: 'en_US.UTF-8' }), false);
  assert.equal(showsUtf8({ LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' }), true);
  assert.equal(showsUtf8({}), false);
});
