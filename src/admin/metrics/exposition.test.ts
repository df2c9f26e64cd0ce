import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExposition } from '../../../test/support/exposition-reader.ts';
import { exposition, type MetricFamily } from './exposition.ts';

function family(changes: Partial<MetricFamily>): MetricFamily {
  const samples = [{ labels: [], value: 1 }];
  return { name: 'a', type: 'gauge', unit: null, help: 'Help.', samples, ...changes };
}

test('OpenMetrics: type, unit, help, samples, and the end mark', () => {
  const text = exposition(
    [
      family({ name: 'sent_bytes', type: 'counter', unit: 'bytes' }),
      family({
        samples: [
          { labels: [['thread', '1']], value: 0.25 },
          {
            labels: [
              ['thread', '2'],
              ['x', ''],
            ],
            value: 1e21,
          },
        ],
      }),
      family({ name: 'build', type: 'info', samples: [{ labels: [['v', '1']], value: 1 }] }),
    ],
    'openmetrics',
  );
  assert.equal(
    text,
    `# TYPE sent_bytes counter
# UNIT sent_bytes bytes
# HELP sent_bytes Help.
sent_bytes_total 1
# TYPE a gauge
# HELP a Help.
a{thread="1"} 0.25
a{thread="2",x=""} 1e+21
# TYPE build info
# HELP build Help.
build_info{v="1"} 1
# EOF
`,
  );
});

test('Prometheus: no units, no end mark, counters called as their samples, gauges for what it does not know', () => {
  const text = exposition(
    [
      family({ name: 'sent_bytes', type: 'counter', unit: 'bytes' }),
      family({ name: 'build', type: 'info', samples: [{ labels: [['v', '1']], value: 1 }] }),
      family({
        name: 'state',
        type: 'stateset',
        samples: [{ labels: [['state', 'up']], value: 1 }],
      }),
    ],
    'prometheus',
  );
  assert.equal(
    text,
    `# HELP sent_bytes_total Help.
# TYPE sent_bytes_total counter
sent_bytes_total 1
# HELP build_info Help.
# TYPE build_info gauge
build_info{v="1"} 1
# HELP state Help.
# TYPE state gauge
state{state="up"} 1
`,
  );
});

test('backslashes, quotes and line ends come through in labels and explanations', () => {
  const odd = 'a\\b"c\nd\\n\u00e9\u{1f600}';
  for (const format of ['openmetrics', 'prometheus'] as const) {
    const text = exposition(
      [family({ help: odd, samples: [{ labels: [['l', odd]], value: 1 }] })],
      format,
    );
    const read = readExposition(text, format).get('a');
    assert.ok(read !== undefined, format);
    assert.equal(read.help, odd, format);
    assert.deepEqual([...read.samples], [[`l="${odd}"`, 1]], format);
  }
  const plain = exposition([family({ help: 'say "a"' })], 'prometheus');
  assert.match(plain, /HELP a say "a"\n/, 'quotes are not escaped in explanations');
  assert.match(exposition([family({ help: 'say "a"' })], 'openmetrics'), /HELP a say \\"a\\"\n/);
});

test('a family without samples is left out', () => {
  assert.equal(exposition([family({ samples: [] })], 'openmetrics'), '# EOF\n');
  assert.equal(exposition([family({ samples: [] })], 'prometheus'), '');
});
