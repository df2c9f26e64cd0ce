/**
 * Who may do what with a file, by owner, group and mode alone: other lists of rights (acl(5)) and security modules are
 * not looked at.
 */
import { dirname } from 'node:path';

/** A user with all its groups. */
export interface Who {
  readonly name: string;
  readonly uid: number;
  /** Its main group first. */
  readonly gids: readonly number[];
}

/** A file or directory, links followed. */
export interface Standing {
  readonly uid: number;
  readonly gid: number;
  /** With the bits of stat(2) that tell its type taken away. */
  readonly mode: number;
  readonly kind: 'file' | 'directory' | 'socket' | 'other';
}

/** What stands at a path; null where nothing does. */
export type Look = (path: string) => Standing | null;

/** Rights, as bits of a mode. */
export const READ = 4;
/** See `READ`. */
export const WRITE = 2;
/** See `READ`; of a directory it is the right to go through it. */
export const SEARCH = 1;

const STICKY = 0o1000;
const WRITE_OF_GROUP = 0o020;
const WRITE_OF_ALL = 0o002;

/** Whether the bits of one file or directory alone grant all `rights`. */
export function grants({ uid, gid, mode }: Standing, rights: number, who: Who): boolean {
  if (who.uid === 0) return true;
  const shift = uid === who.uid ? 6 : who.gids.includes(gid) ? 3 : 0;
  return ((mode >> shift) & rights) === rights;
}

/** The first file or directory on the way to an absolute path that is not there or stands in the way; null without one. */
export function obstacle(path: string, rights: number, who: Who, look: Look): string | null {
  for (const [index, step] of wayTo(path).entries()) {
    const found = look(step);
    const isLast = index === wayTo(path).length - 1;
    if (found === null || !grants(found, isLast ? rights : SEARCH, who)) return step;
  }
  return null;
}

/**
 * The first file or directory on the way to an absolute path through which somebody else than root and `who` could
 * change what stands there; null without one.
 */
export function foreignHand(path: string, who: Who, look: Look): string | null {
  for (const step of wayTo(path)) {
    const found = look(step);
    if (found === null) continue;
    const { uid, gid, mode, kind } = found;
    if (uid !== 0 && uid !== who.uid) return step;
    // In such a directory, as in /tmp, nobody replaces what belongs to another.
    if (kind === 'directory' && (mode & STICKY) !== 0 && step !== path) continue;
    if ((mode & WRITE_OF_ALL) !== 0) return step;
    const ownGroup = gid === 0 || (who.uid !== 0 && gid === who.gids[0]);
    if ((mode & WRITE_OF_GROUP) !== 0 && !ownGroup) return step;
  }
  return null;
}

// From the root to the path itself.
function wayTo(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...wayTo(parent), path];
}
