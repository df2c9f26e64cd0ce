// `node test/load/idle-connections.ts [--connections 15000]`: what very many connections cost that nobody says anything
// on, as a page. docs/results/idle-connections.md holds the last one that was kept. Status 1 where somebody was not
// served, or the administration did not answer.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { idleCrowd } from '../support/idle-crowd.ts';

const { values } = parseArgs({ options: { connections: { type: 'string', default: '15000' } } });
const connections = Number(values.connections);
const report = await idleCrowd(connections);
const [before, after] = report.residentKib.map((kib) => (kib === null ? NaN : kib / 1024));
const each = ((((after ?? NaN) - (before ?? NaN)) * 1024) / connections).toFixed(1);
console.log(`# Idle connections

\`node test/load/idle-connections.ts --connections ${connections}\`

${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model}), Node ${process.version}, ${process.platform}.

${connections} connections on which no byte is sent, two web threads, and one connection that was there before and is
asked before and with them. The supervisor and its server process together.

| | |
| --- | --- |
| connections that the administration counts | ${report.open} |
| resident MiB before and with them | ${before?.toFixed(0)} and ${after?.toFixed(0)} |
| KiB for each connection | ${each} |
| descriptors before and with them | ${report.descriptors.join(' and ')} |
| /live answers in | ${report.live.toFixed(1)} ms |
| /status answers in | ${report.status.toFixed(1)} ms |
| failures | ${report.failures.length} |
`);
for (const failure of report.failures.slice(0, 20)) console.error(failure);
if (report.failures.length > 0 || report.open < connections) process.exitCode = 1;
