// The results that are kept: one JSON text a line, without anything that tells a machine from another one of its kind.
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The one file of results for all machines: each line names processor, kernel and versions. */
export const HISTORY_FILE = join(import.meta.dirname, 'results/history.jsonl');

/** Appends one record as a line of JSON. */
export function keepRecord(file: string, record: Readonly<Record<string, unknown>>): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(record)}\n`);
}

/** Puts names in place of this machine's folders, the longest first, so that a message can be kept. */
export function withoutPaths(text: string, folders: Readonly<Record<string, string>>): string {
  return Object.entries(folders)
    .toSorted(([, one], [, other]) => other.length - one.length)
    .reduce((left, [name, folder]) => left.replaceAll(folder, `<${name}>`), text);
}
