// What the benchmark knows of a server program: where it lies, how it is started in the foreground, and which work it
// can be configured for, which is what its folder of templates says: peers/<name>/<work>.<extension>.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TemplateValues } from './template.ts';

/** The start of a server: a program and its arguments, found through the path unless it is one itself. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** A server program that can be measured. */
export interface Peer {
  /** What `--peers` calls it, and its folder of templates. */
  readonly name: string;
  /** How the name of its configuration ends, without a dot. */
  readonly extension: string;
  /** Seconds of load before the first measurement, for programs that get faster as they run. */
  readonly warmUpSeconds: number;
  /** Path of the program, undefined where the machine has none. */
  readonly find: () => string | undefined;
  /** Its own word about its version, in digits. */
  readonly version: (program: string) => string;
  /** Values of places that only its templates have. */
  readonly values: () => TemplateValues;
  /** Starts it in the foreground over a configuration file; `flags` are for the runtime below it, if there is one. */
  readonly command: (
    program: string,
    place: { readonly config: string; readonly dir: string; readonly flags: readonly string[] },
  ) => Command;
}

/** Where the tools of an administrator lie, which the path of a plain user leaves out. */
const ADMIN_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Looks a program up in the path and among the administrator's tools; undefined where there is none. */
export function findProgram(name: string): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...path, ...ADMIN_FOLDERS]
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
}

/** The first version number in what a program prints about itself; `unknown` where it prints none. */
export function versionIn(text: string): string {
  return /\d+\.\d+(?:\.\d+)?/.exec(text)?.[0] ?? 'unknown';
}

/**
 * The configuration that a peer has for a kind of work, its places not yet filled.
 * @throws Error (ENOENT) where there is none; the test of the rows looks for all of them.
 */
export function readTemplate(peer: Peer, work: string): string {
  return readFileSync(join(import.meta.dirname, peer.name, `${work}.${peer.extension}`), 'utf8');
}
