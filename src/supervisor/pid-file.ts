/** The file that tells which process to send signals to. */
import { constants, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { prepareRunDirectory, runDirectory } from './admin-place.ts';

/** The name of the file while a new version of the program runs beside this one, as nginx calls it. */
const REPLACED = '.oldbin';

/** Claimed when a supervisor starts, given up when it ends. */
export class PidFile {
  readonly path: string;
  #name: string;

  private constructor(path: string) {
    this.path = path;
    this.#name = path;
  }

  /**
   * Writes the number of this process. Throws an error with the reason where another process that runs stands there,
   * or the file cannot be written.
   */
  static claim(path: string): PidFile {
    // Nobody reads half a number, and of two that start together one finds the file of the other.
    const draft = firstDraft(path);
    try {
      if (!isLinked(draft, path)) {
        const other = runningPid(path);
        if (other !== null) throw new Error(alreadyRunning(path, other));
        rmSync(path, { force: true });
        if (!isLinked(draft, path)) throw new Error(alreadyRunning(path, readPid(path)));
      }
    } finally {
      rmSync(draft, { force: true });
    }
    return new PidFile(path);
  }

  /** Makes room for the process that runs a new version; `false` takes the name back. Throws the system's error. */
  giveWay(gives: boolean): void {
    const name = gives ? this.path + REPLACED : this.path;
    if (name === this.#name) return;
    const pid = readPid(this.#name);
    if (pid === process.pid) renameSync(this.#name, name);
    // Somebody removed it: a program that is there has its file again. Where the new version made room for another one
    // in its turn, the name is that one's.
    else if (pid === null) renameSync(writeDraft(this.path), name);
    this.#name = name;
  }

  /** Removes the file, if it is still that of this process. */
  remove(): void {
    if (readPid(this.#name) === process.pid) rmSync(this.#name, { force: true });
  }
}

function firstDraft(path: string): string {
  const directory = dirname(path);
  try {
    // After a start of the machine it is not there yet.
    if (directory === runDirectory()) prepareRunDirectory(path);
    return writeDraft(path);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
    throw new Error(
      `There is no directory ${directory} for the pid file. Create it, or correct pidFile`,
      { cause: error },
    );
  }
}

// Under a name of this process; the name of the draft.
function writeDraft(path: string): string {
  const draft = `${path}.${process.pid}`;
  // Where others may write to the directory, a link could lead to a file of ours.
  rmSync(draft, { force: true });
  writeFileSync(draft, `${process.pid}\n`, { mode: 0o644, flag: 'wx' });
  return draft;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

// Whether the file is there by this name now, and was not before.
function isLinked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function alreadyRunning(path: string, other: number | null): string {
  return `Process ${other ?? '(unknown)'} runs already, says ${path}. Stop it, or remove the file if that is another program`;
}

/** The process that a file tells of, where it runs; null otherwise. */
export function runningPid(path: string): number | null {
  const pid = readPid(path);
  return pid !== null && pid !== process.pid && isRunning(pid) ? pid : null;
}

/** Whether a process of this machine runs, whoever it runs as. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It may be somebody else's.
    return isCode(error, 'EPERM');
  }
}

function readPid(path: string): number | null {
  try {
    // Not what a link leads to: see above.
    const flag = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const text = readFileSync(path, { encoding: 'utf8', flag });
    return /^[1-9][0-9]*\n?$/.test(text) ? Number(text) : null;
  } catch {
    return null;
  }
}
