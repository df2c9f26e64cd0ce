import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { AdminServer } from '../support/admin-server.ts';
import { get } from '../support/cli-process.ts';
import { needs } from '../support/needs.ts';

const FORMATS = [
  ['application/openmetrics-text', 'prometheus_client.openmetrics.parser'],
  ['text/plain', 'prometheus_client.parser'],
] as const;

for (const [accept, parser] of FORMATS) {
  test(
    `Prometheus' own client reads the metrics as ${accept}`,
    { skip: needs('prometheus-client') },
    async (t) => {
      const server = await AdminServer.open(t);
      const { status, body } = await get(server.socketPath, '/metrics', { accept });
      assert.equal(status, 200);
      const script = `import sys
from ${parser} import text_string_to_metric_families as read
for family in read(sys.stdin.read()):
    for sample in family.samples:
        print(sample.name, sorted(sample.labels.items()), sample.value)`;
      const input = Buffer.from(body, 'latin1');
      const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', script], {
        input,
        encoding: 'utf8',
      });
      assert.equal(stderr, '');
      assert.match(stdout, /^daemun_requests_total \[\] 1234567(?:\.0)?$/m);
      assert.match(stdout, /^daemun_responses_total \[\('class', '5xx'\)\] 567(?:\.0)?$/m);
      assert.match(stdout, /^daemun_thread_stall_seconds \[\('thread', '2'\)\] 2\.25$/m);
    },
  );
}
