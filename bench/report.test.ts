import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barName, figure, judgeBars, recordOf, rowLines } from './report.ts';
import type { Circumstances } from './report.ts';
import type { Row } from './rows.ts';
import type { RowResult } from './run-row.ts';
import type { Column } from './setting.ts';

const LOAD = { requestsPerSecond: 90_000, p50: 685, p99: 1250, serverShare: 0.97, foreignShare: 0 };
const ROW: Row = {
  name: 'r',
  title: 'a row',
  kind: 'requests',
  file: '1k.txt',
  entrants: [],
  bars: [{ most: 0.9, of: 'nginx' }],
};

function column(label: string, values: readonly number[], change: Partial<Column> = {}): Column {
  return { label, version: '1.0', values, load: LOAD, ...change };
}

function result(columns: readonly Column[], change: Partial<Row> = {}): RowResult {
  return { row: { ...ROW, ...change }, columns, notes: [] };
}

test('a bar is held against the ratio of the medians, its edge included', () => {
  const nginx = column('nginx', [10, 99, 1]);
  const outcomes = (value: number): readonly string[] =>
    judgeBars(result([nginx, column('daemun', [value])])).map(({ outcome }) => outcome);
  assert.deepEqual(outcomes(9), ['ok']);
  assert.deepEqual(outcomes(8.99), ['ok']);
  assert.deepEqual(outcomes(9.01), ['missed']);
});

test('a bar without another entrant is held against the figure itself', () => {
  const bars = [{ most: 5120 }];
  const [bar] = judgeBars(result([column('daemun', [5121])], { kind: 'idle', bars }));
  assert.deepEqual(bar, { most: 5120, found: 5121, outcome: 'missed' });
});

test('a bar is not measured where either figure is missing', () => {
  const fault = column('nginx', [], { fault: 'is not on this machine' });
  for (const columns of [[], [column('nginx', [10])], [fault, column('daemun', [9])]]) {
    const [bar] = judgeBars(result(columns));
    assert.deepEqual(bar, { most: 0.9, of: 'nginx', outcome: 'not measured' });
  }
});

test('the lines of a row show figures, ratios and bars, aligned', () => {
  const columns = [column('nginx', [10.4, 10, 10.2]), column('daemun', [9, 9.1, 9.2])];
  assert.deepEqual(rowLines(result(columns)), [
    '',
    'a row',
    '                µs CPU/request  spread  × nginx  requests/s      p50      p99  core',
    '  nginx (1.0)          10.2 µs      4%     1.00      90,000  0.69 ms  1.25 ms   97%',
    '  daemun (1.0)          9.1 µs      2%     0.89      90,000  0.69 ms  1.25 ms   97%',
    '  bar: daemun ≤ 0.9 × nginx: ok (0.89)',
  ]);
});

test('an entrant that could not be measured says why, and has no figures', () => {
  const lines = rowLines(
    result([column('nginx', [], { fault: 'answers with status 404' })], { bars: [] }),
  );
  assert.deepEqual(lines, ['', 'a row', '  nginx answers with status 404']);
});

test('without the reference there are figures but no ratios', () => {
  const text = rowLines(result([column('daemun', [9])])).join('\n');
  assert.match(text, /daemun \(1\.0\) +9\.0 µs +0% +- /);
  assert.match(text, /bar: daemun ≤ 0\.9 × nginx: not measured/);
});

test('noise is noted: others on the core, a client that is the limit', () => {
  const noisy = column('a', [1], { load: { ...LOAD, foreignShare: 0.3, serverShare: 0.6 } });
  const slow = column('b', [1], { load: { ...LOAD, serverShare: 0.6 } });
  const notes = rowLines(result([noisy, slow])).filter((line) => line.includes('note'));
  assert.deepEqual(notes, [
    "  note: a: others used 30% of the server's core",
    '  note: b: its core was busy 60%; the client was the limit',
  ]);
});

test('figures have the digits that mean something', () => {
  assert.equal(figure('requests', 10.449), '10.4 µs');
  assert.equal(figure('requests', 4200.4), '4,200 µs');
  assert.equal(figure('idle', 4096), '4.0 KiB');
  assert.equal(figure('start', 45 * 1024 * 1024), '45.0 MiB');
  assert.equal(barName('idle', { most: 5120 }), '≤ 5.0 KiB');
  assert.equal(barName('requests', { most: 2, of: 'nginx' }), '≤ 2 × nginx');
});

test('the record holds circumstances, every value and the bars', () => {
  const circumstances: Circumstances = {
    date: '2026-01-01T00:00:00.000Z',
    commit: undefined,
    node: '26.10.0',
    peers: { nginx: '1.0' },
    cpu: { model: 'm', cores: 2 },
    kernel: '6',
    flags: { rounds: 2, seconds: 1, rows: ['r'], peers: ['nginx'] },
  };
  const rows = [result([column('nginx', [10, 20]), column('daemun', [], { fault: 'f' })])];
  assert.deepEqual(JSON.parse(JSON.stringify(recordOf(circumstances, rows))), {
    date: '2026-01-01T00:00:00.000Z',
    node: '26.10.0',
    peers: { nginx: '1.0' },
    cpu: { model: 'm', cores: 2 },
    kernel: '6',
    flags: { rounds: 2, seconds: 1, rows: ['r'], peers: ['nginx'] },
    rows: [
      {
        name: 'r',
        unit: 'µs CPU/request',
        columns: [
          {
            label: 'nginx',
            version: '1.0',
            median: 15,
            spread: 0.6667,
            ratio: 1,
            values: [10, 20],
            requestsPerSecond: 90_000,
            p50: 685,
            p99: 1250,
            serverShare: 0.97,
            foreignShare: 0,
          },
          { label: 'daemun', version: '1.0', fault: 'f' },
        ],
        bars: [{ most: 0.9, of: 'nginx', outcome: 'not measured' }],
      },
    ],
  });
});
