import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleStatus, type Status } from '../../test/support/admin-view.ts';
import { statusPage } from './status-page.ts';
import { paint } from './styled-text.ts';

function page(report: Status): string {
  return statusPage(report)
    .map((line) => `${paint(line, false).trimEnd()}\n`)
    .join('');
}

test('a page tells everything, in columns', () => {
  assert.equal(
    page(sampleStatus()),
    `Daemun 1.2.3 serves /etc/daemun/daemun.config.ts
up 3d 4h, configuration 12m old, 118 MiB of memory
3 reloads, 1 refused, 2 hand-overs, 0 crashes

process      pid  generation    age  connections  state
supervisor  1200              3d 4h
server      1201           3    12m        1,536  serving
server      1150           2  1d 1h            2  draining
server      1100           1  3d 4h    no answer  draining

address         sites
*:80            example.com, www.example.com
unix:/run/site  *

thread  connections  requests  stall  state
     1        1,024   900,000   2 ms  serving
     2          512   300,000  2.3 s  stuck

upstream  server               in flight  requests  failures  state
shop      ajp://10.0.0.1:8009         12     5,000         3  up
          ajp://10.0.0.2:8009          0     4,000        40  failed

counter            since the start
connections                 54,321
requests                 1,234,567
responses 2xx            1,200,000
responses 3xx               20,000
responses 4xx               14,000
responses 5xx                  567
received bytes             942 MiB
sent bytes                11.5 GiB
dropped log lines                0
`,
  );
});

test('what there is none of is left out', () => {
  const empty = sampleStatus({ threads: [], addresses: [], upstreams: [], counters: {} });
  const supervisor = { ...empty.supervisor, configFile: null, refusals: 0, reloads: 1, crashes: 1 };
  const text = page({ ...empty, supervisor });
  assert.doesNotMatch(text, /thread|address|upstream|counter/);
  assert.match(text, /serves what its command line says\n/);
  assert.match(text, /1 reload, 0 refused, 2 hand-overs, 1 crash\n/);
});

test('a long list of sites is cut, and a port that the system chose is the one shown', () => {
  const hosts = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const addresses = [
    { key: '127.0.0.1:0', port: 40_001, hosts },
    { key: '[::1]:8080', port: 8080, hosts: hosts.slice(0, 5) },
  ];
  const text = page(sampleStatus({ addresses }));
  assert.match(text, /\n127\.0\.0\.1:40001 {2}a, b, c, d, e and 2 more\n/);
  assert.match(text, /\n\[::1\]:8080 {7}a, b, c, d, e\n/);
});

test('the longer a thread stood still, the redder', () => {
  const [calm, late, stuck] = [199.4, 200, 1000].map((stall) => {
    const threads = [{ thread: 1, state: 'serving', connections: 0, requests: 0, stall }] as const;
    return statusPage(sampleStatus({ threads }))
      .flat()
      .find(({ text }) => / m?s$/.test(text))?.style;
  });
  assert.deepEqual([calm, late, stuck], ['plain', 'warning', 'bad']);
});

test('a server that ends does not say that it serves', () => {
  const status = sampleStatus();
  const processes = status.supervisor.processes.map((each) => ({
    ...each,
    state: 'draining' as const,
  }));
  const text = page({ ...status, supervisor: { ...status.supervisor, processes } });
  assert.match(
    text,
    /^Daemun 1\.2\.3 ends what it has begun of \/etc\/daemun\/daemun\.config\.ts\n/,
  );
});
