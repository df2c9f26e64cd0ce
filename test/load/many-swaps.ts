// `node test/load/many-swaps.ts [--swaps 1000] [--sites 20]`: what a thousand reloads leave behind in the processes that
// they change, as a page. docs/results/many-swaps.md holds the last one that was kept. Status 1 where it is more and more.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Footprint, reloadAgain } from '../support/many-reloads.ts';

const { values } = parseArgs({
  options: {
    swaps: { type: 'string', default: '1000' },
    sites: { type: 'string', default: '20' },
  },
});
const swaps = Number(values.swaps);
const sites = Number(values.sites);
/** How much more memory may be resident behind the last half of the swaps, for whatever reason. */
const GROWTH = 1.1;

const looks = [0.1, 0.25, 0.5, 0.75].map((part) => Math.round(swaps * part));
const { first, between, last } = await reloadAgain(sites, swaps, { handOvers: false, looks });
const half = between.get(Math.round(swaps / 2)) ?? first;
const rows = [[0, first] as const, ...between, [swaps, last] as const].map(
  ([swap, { residentKib, descriptors }]) =>
    `| ${swap} | ${residentKib === null ? '?' : (residentKib / 1024).toFixed(0)} | ${descriptors} |`,
);
console.log(`# Many swaps

\`node test/load/many-swaps.ts --swaps ${swaps} --sites ${sites}\`

${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model}), Node ${process.version}, ${process.platform}.

${swaps} reloads of ${sites} sites, two web threads; each time all sites, the upstream and the logs change and are
asked for. The supervisor and its one server process together, after 20 reloads that are not counted; the least within
a second behind each.

| swaps | resident MiB | descriptors |
| --- | --- | --- |
${rows.join('\n')}
`);
if (isMore(half, last)) process.exitCode = 1;

function isMore(before: Footprint, after: Footprint): boolean {
  const { residentKib, descriptors } = after;
  if (before.residentKib === null || residentKib === null) return false;
  return residentKib > before.residentKib * GROWTH || descriptors !== before.descriptors;
}
