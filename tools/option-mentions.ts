// Options that a text tells people to change: they have to exist under that very name.
import type { DeclaredOptions } from './options-reference.ts';

/** A name of several words, `headLimit`, or of several parts, `limits.headLimit`: no word of plain English. */
const OPTION_LIKE =
  /(?<![\w.-])[a-z]+(?:[A-Z][A-Za-z]*)?(?:\.[a-z][A-Za-z]*)+|(?<![\w.-])[a-z]+[A-Z][A-Za-z]*/g;

/**
 * What is wrong with the options that a text for people names: in backticks those that do not exist, and outside of
 * them what looks like one. `limits.headLimit` is an option of what `limits` takes, `requestBody: "stream"` is `requestBody`.
 */
export function optionMentionFaults(text: string, options: DeclaredOptions): readonly string[] {
  const faults: string[] = [];
  for (const [, quoted = ''] of text.matchAll(/`([^`]*)`/g)) {
    const path = quoted.split(':')[0]?.trim() ?? '';
    if (!isOption(path, options)) faults.push(`there is no option ${path}`);
  }
  for (const [name] of text.replaceAll(/`[^`]*`/g, '').matchAll(OPTION_LIKE))
    faults.push(`${name} looks like an option; put it in backticks`);
  return faults;
}

/** What is wrong with the options that a text for a log names, which has no backticks: those that do not exist. */
export function optionWordFaults(text: string, options: DeclaredOptions): readonly string[] {
  return [...text.matchAll(OPTION_LIKE)]
    .filter(([name]) => !isOption(name, options))
    .map(([name]) => `there is no option ${name}`);
}

function isOption(path: string, options: DeclaredOptions): boolean {
  // Interfaces that the part before may be; all of them for the first part.
  let owners: Iterable<string> = options.keys();
  for (const part of path.split('.')) {
    const types = [...owners].map((owner) => options.get(owner)?.get(part));
    const found = types.filter((type) => type !== undefined);
    if (found.length === 0) return false;
    owners = found.flatMap((type) => type.match(/[A-Z][A-Za-z]*/g) ?? []);
  }
  return true;
}
