import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleStatus, type Status } from '../../test/support/admin-view.ts';
import { glyphsFor } from './bar-chart.ts';
import { lineWidth, paint } from './styled-text.ts';
import { nextTop, type TopState } from './top-state.ts';
import { drawTop, type TopView } from './top-view.ts';

/** A minute of a server whose traffic rises. */
function stateOf(changes: Partial<Status> = {}): TopState {
  const report = sampleStatus(changes);
  let state: TopState | null = null;
  let requests = report.counters['requests'] ?? 0;
  const first = requests;
  for (let second = 0; second < 60; second++) {
    const more = requests - first;
    const counters = {
      ...report.counters,
      requests,
      responses_2xx: more,
      responses_5xx: Math.floor(more / 100),
      sent_bytes: more * 1024,
    };
    const threads = report.threads.map((thread) => ({
      ...thread,
      requests: thread.requests + Math.floor(more / thread.thread),
    }));
    state = nextTop(state, { ...report, counters, threads }, second * 1000);
    requests += second * 20;
  }
  assert.ok(state !== null);
  return state;
}

const VIEW = { trouble: null, paused: false, help: false, time: '14:02:07', keys: true } as const;

function draw(size: string, changes: Partial<TopView> = {}): readonly string[] {
  const [columns = 0, rows = 0] = size.split('x').map(Number);
  const view = { ...VIEW, state: stateOf(), glyphs: glyphsFor(true, false), ...changes };
  return drawTop(view, { columns, rows }).map((line) => paint(line, false).trimEnd());
}

test('a screen of 80 by 24 shows everything', () => {
  assert.deepEqual(draw('80x24'), [
    ' Daemun 1.2.3 · /etc/daemun/daemun.config.ts · up 3d 4h                14:02:07',
    '                        now        in all',
    ' requests           1,160/s     1,268,787  ▃▃▃▄▄▄▄▄▄▄▅▅▅▅▅▅▅▆▆▆▆▆▆▆▆▇▇▇▇▇▇▇████',
    ' received             0 B/s       942 MiB',
    ' sent             1.1 MiB/s      33.4 MiB  ▃▃▃▄▄▄▄▄▄▄▅▅▅▅▅▅▅▆▆▆▆▆▆▆▆▇▇▇▇▇▇▇████',
    ' connections          1,538        54,321  ████████████████████████████████████',
    ' responses   2xx 1,160/s   3xx 0/s       4xx 0/s       5xx 12/s',
    '             █████████████████████████████████████████████████████████████████░',
    '',
    ' thread  requests                          connections  stall  state',
    '      1   1,160/s  ██████████████████████        1,024   2 ms  serving',
    '      2     580/s  ███████████░░░░░░░░░░░          512  2.3 s  stuck',
    '',
    ' upstream  server               requests  in flight  failures  state',
    ' shop      ajp://10.0.0.1:8009       0/s         12         3  up',
    ' shop      ajp://10.0.0.2:8009       0/s          0        40  failed',
    '',
    ' process  generation    age  connections  state',
    '    1201           3    12m        1,536  serving',
    '    1150           2  1d 1h            2  draining',
    '    1100           1  3d 4h    no answer  draining',
    '',
    ' last reload 12m ago · reloads 3, 1 refused · hand-overs 2 · crashes 0 · 118 MiB',
    ' q quit  p pause  h help',
  ]);
});

test('every size is filled and never exceeded', () => {
  const state = stateOf();
  for (const columns of [0, 1, 5, 20, 39, 40, 41, 60, 80, 132, 300]) {
    for (const rows of [0, 1, 2, 5, 8, 9, 10, 11, 14, 15, 23, 24, 25, 40, 100]) {
      for (const help of [false, true]) {
        const view = { ...VIEW, state, help, glyphs: glyphsFor(true, true) };
        const lines = drawTop(view, { columns, rows });
        assert.equal(lines.length, rows, `${columns}x${rows}`);
        const isRoom = rows >= 11 && columns >= 20 && !help;
        const last = lines.find((line) => paint(line, false).startsWith(' last reload'));
        assert.ok(last !== undefined || !isRoom, `${columns}x${rows}`);
        for (const line of lines) assert.ok(lineWidth(line) <= columns, `${columns}x${rows}`);
      }
    }
  }
});

test('a tall screen has a chart of the requests', () => {
  assert.equal(
    draw('80x28').some((line) => line.startsWith(' requests a second')),
    false,
  );
  const lines = draw('80x30');
  const at = lines.indexOf(' requests a second, at most 1,160');
  assert.ok(at > 0);
  assert.match(lines[at + 1] ?? '', /█$/);
  assert.match(lines.at(-2) ?? '', /^ last reload/);
});

test('a low screen shows what is not well first, and how many there are more', () => {
  const threads = Array.from({ length: 20 }, (_, at) => ({
    thread: at + 1,
    state: at === 17 ? ('stuck' as const) : ('serving' as const),
    connections: 1,
    requests: 1,
    stall: 1,
  }));
  const lines = draw('80x24', { state: stateOf({ threads }) });
  const at = lines.findIndex((line) => line.startsWith(' thread'));
  assert.match(lines[at + 1] ?? '', /^ +18 .* stuck$/);
  assert.match(lines[at + 2] ?? '', /^ +1 .* serving$/);
  assert.ok(lines.includes(' and 18 threads more'), lines.join('\n'));
  assert.ok(
    lines.some((line) => line.includes('10.0.0.2:8009')),
    'others have their share',
  );
});

test('a server without upstreams has no table for them', () => {
  const text = draw('80x24', { state: stateOf({ upstreams: [] }) }).join('\n');
  assert.doesNotMatch(text, /upstream/);
});

test('trouble takes the place of the keys, and the last numbers stay', () => {
  const lines = draw('80x24', { trouble: 'The server does not answer.' });
  assert.equal(lines.at(-1), ' The server does not answer.');
  assert.match(lines[2] ?? '', /^ requests +1,160\/s/);
});

test('a picture that is held says so', () => {
  const lines = draw('80x24', { paused: true });
  assert.match(lines[0] ?? '', / paused · 14:02:07$/);
  assert.match(lines.at(-1) ?? '', / p go on /);
});

test('help explains in the place of the tables', () => {
  const lines = draw('80x24', { help: true });
  assert.ok(lines.includes(' p           hold the picture, or let it go on'));
  assert.equal(
    lines.some((line) => line.startsWith(' thread')),
    false,
  );
  assert.match(lines.at(-1) ?? '', / h back$/);
});

test('where no keys are read there is no line for them, and nothing is filled up', () => {
  const lines = draw('100xInfinity', { keys: false, time: '' });
  assert.equal(lines.at(-1)?.startsWith(' last reload 12m ago'), true);
  assert.equal(
    lines.some((line) => line.includes('quit') || line.includes('a second, at most')),
    false,
  );
  const troubled = draw('100xInfinity', { keys: false, trouble: 'It is gone.' });
  assert.equal(troubled.at(-1), ' It is gone.');
});

test('a server that counts nothing has dashes, not zeros', () => {
  const state = nextTop(null, sampleStatus({ counters: {} }), 0);
  const lines = draw('80x24', { state });
  assert.match(lines[2] ?? '', /^ requests +- +-$/);
  assert.match(lines[6] ?? '', /2xx - +3xx - +4xx - +5xx -$/);
});

test('without UTF-8 every character is ASCII', () => {
  const text = draw('120x40', { glyphs: glyphsFor(false, true), trouble: 'x'.repeat(200) });
  assert.match(text.join(''), /^[\x20-\x7e]+$/);
});

test('names cannot act upon the terminal', () => {
  const peer = { url: '\u001b[2J', state: 'up', inFlight: 0, requests: 0, failures: 0 } as const;
  const { supervisor } = sampleStatus();
  const state = stateOf({
    supervisor: { ...supervisor, configFile: '/\u001b]0;x\u0007' },
    upstreams: [{ name: '\u009b', peers: [peer] }],
  });
  const text = draw('80x24', { state }).join('');
  assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f]/);
});
