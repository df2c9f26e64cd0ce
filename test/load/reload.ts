// `node test/load/reload.ts [--seconds 60] [--every 1000] [--threads 2]`: reloads under load, and what came of it
// as a page. docs/results/reload.md holds the last one that was kept. Status 1 where anything failed.
import { parseArgs } from 'node:util';
import { reloadUnderLoad } from '../support/reload-load.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    every: { type: 'string', default: '1000' },
    threads: { type: 'string', default: '2' },
  },
});
const seconds = Number(values.seconds);
const every = Number(values.every);
const threads = Number(values.threads);
const report = await reloadUnderLoad({ seconds, every, threads });
const mebibytes = (report.bytes / 1024 / 1024).toFixed(1);
console.log(`# Reload under load

\`node test/load/reload.ts --seconds ${seconds} --every ${every} --threads ${threads}\`

HUP every ${every} ms for ${seconds} s. Each time a header value and an upstream change; a site and a listen address
come and go; between them bad configurations are offered. Meanwhile: three clients on connections that stay, one with
a connection for each request, four tunnels that echo, four uploads, four downloads and one slow reader that last for
the whole time, and a download from the address that goes. Half of them are on the site, or behind the upstream,
that changes.

| | |
| --- | --- |
| reloads | ${report.reloads} |
| bad configurations refused, with the right reason | ${report.refused} |
| requests | ${report.requests} |
| connections | ${report.connections} |
| bytes compared | ${mebibytes} MiB |
| lines in the access log | ${report.logged} |
| failures | ${report.failures.length} |
`);
for (const failure of report.failures.slice(0, 50)) console.error(failure);
if (report.failures.length > 0) process.exitCode = 1;
