import { dirname } from 'node:path';
import type { Demand } from './demand.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';
import { quoted } from './serving-rights.ts';

const CHECK = 'disk';
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const LEAST = 100 * MIB;
const LITTLE = GIB;
/** Of all bytes or files. */
const LITTLE_SHARE = 0.05;

/** Room under logs and under bodies that wait. */
export function checkDiskSpace(
  { space }: Pick<Machine, 'space'>,
  { logs, spools }: Pick<Demand, 'logs' | 'spools'>,
): readonly Finding[] {
  const wanted = new Map<string, { readonly use: string; readonly need: number }>();
  for (const log of logs) wanted.set(dirname(log), { use: 'logs', need: 0 });
  for (const [directory, file] of spools)
    wanted.set(directory, { use: 'bodies that wait', need: file });
  const findings: Finding[] = [];
  const fine: string[] = [];
  for (const [directory, { use, need }] of wanted) {
    const found = space(directory);
    if (found === null) continue;
    const { free, total, freeFiles, files } = found;
    const noFiles = files > 0 && freeFiles < files * LITTLE_SHARE;
    const left = noFiles ? `${freeFiles} files` : gib(free);
    const cure = `df -h ${noFiles ? '-i ' : ''}${quoted(directory)}`;
    const what = `${left} left in ${directory} for ${use}`;
    if (free < LEAST || (files > 0 && freeFiles < 100))
      findings.push({
        check: CHECK,
        level: 'problem',
        what,
        why:
          use === 'logs'
            ? 'Lines of logs are lost when it is full.'
            : 'Requests with large bodies are answered with 500 when it is full.',
        cure,
      });
    else if (free < need)
      findings.push({
        check: CHECK,
        level: 'note',
        what: `${what}; one of them may take ${gib(need)} (bodySpool.file)`,
        why: 'A single large body can fill it for everybody.',
        cure: `${cure}\n# in the configuration: bodySpool: { file: '…', directory: '…' }`,
      });
    else if (free < Math.min(LITTLE, total * LITTLE_SHARE) || noFiles)
      findings.push({ check: CHECK, level: 'note', what, why: 'It fills up soon.', cure });
    else fine.push(`${left} in ${directory}`);
  }
  if (fine.length > 0)
    findings.push({ check: CHECK, level: 'ok', what: `${fine.join(', ')} left` });
  return findings;
}

function gib(bytes: number): string {
  return bytes < GIB
    ? `${Math.round(bytes / MIB)} MiB`
    : `${Math.round((bytes / GIB) * 10) / 10} GiB`;
}
