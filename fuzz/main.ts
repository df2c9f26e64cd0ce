// node fuzz/main.ts h1 --streams 1000000 --seed 1 [--seconds 500] [--write]
//
// Examines that many streams, all made from the seed, or as many as fit in the seconds. The first one
// that breaks a rule is written to fuzz/corpus/<target>/<its own seed>.bin, and the command exits 1.
// --write keeps the summary in fuzz/results/<target>.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AJP_CLIENT_TARGET } from './ajp/client-role.ts';
import { AJP_TARGET } from './ajp/packets.ts';
import { AJP_SERVER_TARGET } from './ajp/server-role.ts';
import { H1_TARGET } from './h1/stream.ts';
import { streamSeed } from './random.ts';
import { SERVLET_TARGET } from './servlet/request.ts';
import type { FuzzTarget } from './target.ts';

const TARGETS = new Map<string, FuzzTarget>([
  ['ajp', AJP_TARGET],
  ['ajp-client', AJP_CLIENT_TARGET],
  ['ajp-server', AJP_SERVER_TARGET],
  ['h1', H1_TARGET],
  ['servlet', SERVLET_TARGET],
]);
const PROGRESS_MS = 10_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    streams: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '0' },
    write: { type: 'boolean', default: false },
  },
});
const name = positionals[0] ?? '';
const target = TARGETS.get(name);
const [streams, seed, seconds] = [values.streams, values.seed, values.seconds].map(Number);
if (target === undefined || !isCount(streams) || !isCount(seed) || !isCount(seconds)) {
  console.error('usage: node fuzz/main.ts <target> --streams N --seed N [--seconds N] [--write]');
  console.error(`targets: ${[...TARGETS.keys()].join(', ')}`);
  process.exit(2);
}
process.exitCode = run(target, streams, seed, seconds);

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}

function run(subject: FuzzTarget, wanted: number, runSeed: number, budget: number): number {
  const began = performance.now();
  const counts = new Map<string, number>();
  let reported = began;
  let done = 0;
  for (; done < wanted; done++) {
    const now = performance.now();
    if (budget > 0 && now - began > budget * 1000) break;
    if (now - reported > PROGRESS_MS) {
      console.log(`${done} streams, ${Math.round((done * 1000) / (now - began))} a second`);
      reported = now;
    }
    const own = streamSeed(runSeed, done);
    try {
      const outcome = subject.outcomeOf(own);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    } catch (error) {
      keep(subject, own, done, runSeed, error);
      return 1;
    }
  }
  const summary = summarize(wanted, runSeed, done, counts);
  console.log(summary);
  if (values.write) {
    const folder = join(import.meta.dirname, 'results');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.md`), summary);
  }
  return 0;
}

function keep(
  subject: FuzzTarget,
  own: number,
  index: number,
  runSeed: number,
  error: unknown,
): void {
  const folder = join(import.meta.dirname, 'corpus', name);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${own}.bin`);
  writeFileSync(file, subject.inputOf(own));
  console.error(error);
  console.error(
    `stream ${index} of seed ${runSeed} failed; its own seed is ${own}; kept in ${file}`,
  );
}

function summarize(
  wanted: number,
  runSeed: number,
  done: number,
  counts: ReadonlyMap<string, number>,
): string {
  const rows = [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return [
    `# Fuzzing ${name}`,
    '',
    `\`node fuzz/main.ts ${name} --streams ${wanted} --seed ${runSeed}\``,
    '',
    `${done} streams of seed ${runSeed}, no finding.`,
    '',
    '| outcome | streams |',
    '| --- | ---: |',
    ...rows.map(([outcome, count]) => `| ${outcome} | ${count} |`),
    '',
  ].join('\n');
}
