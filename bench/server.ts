// A server under measurement: started in the foreground on its core out of a template, known by its process id, ended
// by it.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { answerFault, ask, bodyOf } from './bodies.ts';
import { pinned } from './cores.ts';
import { processTree } from './measure.ts';
import { readTemplate } from './peers/peer.ts';
import type { Peer } from './peers/peer.ts';
import { fillTemplate } from './peers/template.ts';

const START_MS = 15_000;
const STOP_MS = 5_000;
const POLL_MS = 50;
const LAST_LINES = 4;
/** Debian's account for web servers; its group has the same name. */
const USER = 'www-data';

/** The folders, ports and limits that fill the places of a template, and the core that it runs on. */
export interface ServerPlace {
  /** Its own empty folder, which its user may enter. */
  readonly dir: string;
  /** The folder with the files that it serves. */
  readonly root: string;
  readonly port: number;
  /** The port of the back end, for the templates of proxies. */
  readonly backendPort: number;
  readonly core: number;
  /** Descriptors that a process may open. */
  readonly descriptors: number;
  /** Flags for Node, where the server runs on it. */
  readonly flags: readonly string[];
}

/** A program that gave the right answer once, and the process id that it is measured and ended by. */
export class RunningServer {
  readonly port: number;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(child: ChildProcess, pid: number, port: number) {
    this.#child = child;
    this.pid = pid;
    this.port = port;
    this.#ended = endOf(child);
  }

  /** Ends it gently, and by force after five seconds; resolves once it is gone. */
  async stop(): Promise<void> {
    if (hasEnded(this.#child)) return;
    const tree = processTree(this.pid);
    this.#child.kill('SIGTERM');
    const timeout = new AbortController();
    await Promise.race([
      this.#ended,
      delay(STOP_MS, undefined, { signal: timeout.signal }).catch(() => {}),
    ]);
    timeout.abort();
    if (hasEnded(this.#child)) return;
    for (const pid of tree) kill(pid);
    await this.#ended;
  }
}

/** Ends by force whatever this process started and still runs: what an interrupted run is left with. */
export function killChildren(): void {
  processTree(process.pid).slice(1).forEach(kill);
}

/**
 * Starts a peer for a kind of work, and waits until it gives the right answer to `file`.
 * @throws Error that tells why there is none: the program's own last words, or what is wrong with the answer.
 */
export async function startServer(
  peer: Peer,
  work: string,
  place: ServerPlace,
  file: string,
): Promise<RunningServer> {
  const program = peer.find();
  if (program === undefined) throw new Error('is not on this machine');
  mkdirSync(place.dir, { recursive: true });
  const config = join(place.dir, `config.${peer.extension}`);
  const template = readTemplate(peer, work);
  writeFileSync(config, fillTemplate(template, { ...peer.values(), ...valuesOf(place) }));
  const output = join(place.dir, 'output.log');
  const log = openSync(output, 'w');
  const { program: pinning, args } = pinned(
    place.core,
    peer.command(program, { config, dir: place.dir, flags: place.flags }),
  );
  // its folder as the current one: what it leaves behind goes with it
  const child = spawn(pinning, args, { stdio: ['ignore', log, log], cwd: place.dir });
  closeSync(log);
  if (child.pid === undefined) throw new Error('could not be started: taskset is missing');
  const server = new RunningServer(child, child.pid, place.port);
  try {
    await waitForAnswer(child, place.port, output, file);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function waitForAnswer(
  child: ChildProcess,
  port: number,
  output: string,
  file: string,
): Promise<void> {
  const deadline = performance.now() + START_MS;
  let fault: string | undefined = 'gives no answer';
  while (performance.now() < deadline && !hasEnded(child)) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- asked until it answers
      fault = answerFault(await ask(port, `/${file}`), file);
      break;
    } catch {
      // oxlint-disable-next-line no-await-in-loop -- not there yet
      await delay(POLL_MS);
    }
  }
  if (hasEnded(child)) throw new Error(`did not start: ${lastWords(output)}`);
  if (fault !== undefined) throw new Error(fault);
}

function valuesOf(place: ServerPlace): Readonly<Record<string, string | number>> {
  return {
    dir: place.dir,
    root: place.root,
    port: place.port,
    backendPort: place.backendPort,
    descriptors: place.descriptors,
    // each needs a descriptor, and a server keeps some for itself
    connections: Math.floor(place.descriptors * 0.9),
    user: USER,
    body1k: bodyOf('1k.txt').toString('latin1'),
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function endOf(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (hasEnded(child)) resolve();
  child.on('exit', () => resolve());
  child.on('error', () => resolve());
  await promise;
}

/** What a program said before it gave up, on one line. */
function lastWords(file: string): string {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim());
  const last = lines.filter((line) => line !== '').slice(-LAST_LINES);
  return last.length === 0 ? 'it said nothing' : last.join(' | ');
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it is gone
  }
}
