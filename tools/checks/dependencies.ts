import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './check.ts';

interface LockedPackage {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
}

/** package.json names exact versions; package-lock.json names no registry's host, has a hash for every package and no install script. */
export const dependenciesCheck: Check = {
  name: 'dependencies',
  run: ({ root }) => {
    const read = (name: string): string => readFileSync(join(root, name), 'utf8');
    return [...rangeProblems(read('package.json')), ...lockProblems(read('package-lock.json'))];
  },
};

/** Problems of a package-lock.json's text: an address in it would bind every checkout to one host. */
export function lockProblems(text: string): readonly string[] {
  const lock = JSON.parse(text) as { readonly packages?: Readonly<Record<string, LockedPackage>> };
  const problems: string[] = [];
  for (const [name, entry] of Object.entries(lock.packages ?? {})) {
    if (entry.resolved?.includes('://') === true) {
      problems.push(
        `package-lock.json: ${name} is bound to a host; install with --omit-lockfile-registry-resolved`,
      );
    }
    const fromRegistry = name.startsWith('node_modules/') && entry.link !== true;
    if (fromRegistry && entry.integrity === undefined && entry.inBundle !== true) {
      problems.push(`package-lock.json: ${name} has no integrity hash`);
    }
    if (entry.hasInstallScript === true) {
      problems.push(`package-lock.json: ${name} runs a script when it is installed`);
    }
  }
  return problems;
}

/** Problems of a package.json's text: a range would let the registry choose what is installed. */
export function rangeProblems(text: string): readonly string[] {
  const manifest = JSON.parse(text) as Readonly<Record<string, Readonly<Record<string, string>>>>;
  const problems: string[] = [];
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides']) {
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
      if (/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version) || version.startsWith('file:')) continue;
      problems.push(`package.json: ${kind} names ${name} as ${version}; write an exact version`);
    }
  }
  return problems;
}
