/**
 * Faults inside of web threads. Loaded into a server by `NODE_OPTIONS=--import`, this makes a thread fail, or wait,
 * while it prepares a configuration or takes one over; `ThreadFaults` says which, by files in a directory.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread, workerData } from 'node:worker_threads';
import { HostTableBuilder } from '../../src/pipeline/index.ts';
import { HotMemory } from '../../src/web/index.ts';
import { eventually } from './eventually.ts';

const FOLDER = 'DAEMUN_THREAD_FAULTS';

/** Where a thread may fail. */
export type Point = 'prepare' | 'commit';

/** What the threads of one server do wrong. */
export class ThreadFaults {
  readonly #folder: string;

  /** Keeps its files in `directory`. */
  constructor(directory: string) {
    this.#folder = join(directory, 'faults');
    mkdirSync(this.#folder);
  }

  /** What a server needs in its environment for its threads to do wrong. */
  get environment(): Readonly<Record<string, string>> {
    const self = pathToFileURL(import.meta.filename).href;
    return { NODE_OPTIONS: `--import ${self}`, [FOLDER]: this.#folder };
  }

  /** A thread fails from now on whenever it comes to the point; only at the next time if `once`. */
  fail(thread: number, point: Point, once = false): void {
    writeFileSync(join(this.#folder, `${point}-${thread}${once ? '-once' : ''}`), '');
  }

  /** A thread ends now, without a word; resolves when it is about to. */
  async end(thread: number): Promise<void> {
    const file = join(this.#folder, `end-${thread}`);
    writeFileSync(file, '');
    await eventually(`the end of thread ${thread}`, () => !existsSync(file));
  }

  /** The main thread of a server process runs something that does not end, from now on until `mend`. */
  stallMain(pid: number): void {
    writeFileSync(join(this.#folder, `stall-main-${pid}`), '');
  }

  /** A thread runs something that does not end, from now on until `goOn`. */
  stall(thread: number): void {
    writeFileSync(join(this.#folder, `stall-${thread}`), '');
  }

  /** A thread waits in a call of the system for so many seconds, now and for once. */
  sleep(thread: number, seconds: number): void {
    writeFileSync(join(this.#folder, `sleep-${thread}`), String(seconds));
  }

  /** A thread of one process runs something that never ends; resolves when it has begun. */
  async jam(pid: number, thread: number): Promise<void> {
    const file = join(this.#folder, `jam-${pid}-${thread}`);
    writeFileSync(file, '');
    await eventually(`the jam of thread ${thread}`, () => !existsSync(file));
  }

  /** A thread keeps more and more objects, now and for once. */
  hoard(thread: number): void {
    writeFileSync(join(this.#folder, `hoard-${thread}`), '');
  }

  /** A thread that runs something that does not end is done with it. */
  goOn(thread: number): void {
    rmSync(join(this.#folder, `stall-${thread}`), { force: true });
  }

  /** A thread that stands still while it prepares ends there. */
  async endHalted(thread: number): Promise<void> {
    await eventually('a thread that stands still', () =>
      existsSync(join(this.#folder, `prepare-${thread}-halted`)),
    );
    writeFileSync(join(this.#folder, `end-${thread}`), '');
    this.go(thread, 'prepare');
  }

  /** A thread that comes to the point stands still until `go`. */
  halt(thread: number, point: Point): void {
    writeFileSync(join(this.#folder, `${point}-${thread}-halt`), '');
  }

  /** Threads that stand still go on. */
  go(thread: number, point: Point): void {
    rmSync(join(this.#folder, `${point}-${thread}-halt`));
  }

  /** No thread does wrong any more. */
  mend(): void {
    rmSync(this.#folder, { recursive: true });
    mkdirSync(this.#folder);
  }
}

const folder = process.env[FOLDER];
if (
  isMainThread &&
  folder !== undefined &&
  process.argv[1]?.endsWith('server-process.ts') === true
) {
  setInterval(() => {
    while (existsSync(join(folder, `stall-main-${process.pid}`)));
  }, 5).unref();
}
if (!isMainThread && folder !== undefined) {
  const { thread } = workerData as { thread: number };
  const come = (point: Point): void => {
    const file = join(folder, `${point}-${thread}`);
    const bell = new Int32Array(new SharedArrayBuffer(4));
    if (existsSync(`${file}-halt`)) writeFileSync(`${file}-halted`, '');
    while (existsSync(`${file}-halt`)) Atomics.wait(bell, 0, 0, 5);
    endNow();
    const once = existsSync(`${file}-once`);
    rmSync(`${file}-once`, { force: true });
    if (once || existsSync(file)) throw new RangeError(`an injected fault in ${point}`);
  };
  const endNow = (): void => {
    const end = join(folder, `end-${thread}`);
    if (!existsSync(end)) return;
    rmSync(end);
    process.exit(1);
  };
  const runForLong = (): void => {
    while (existsSync(join(folder, `stall-${thread}`)));
  };
  const jamNow = (): void => {
    const jam = join(folder, `jam-${process.pid}-${thread}`);
    if (!existsSync(jam)) return;
    rmSync(jam);
    for (;;);
  };
  const hoardNow = (): void => {
    const hoard = join(folder, `hoard-${thread}`);
    if (!existsSync(hoard)) return;
    rmSync(hoard);
    const kept: object[] = [];
    for (;;) kept.push({ number: kept.length, text: String(kept.length) });
  };
  const sleepNow = (): void => {
    const sleep = join(folder, `sleep-${thread}`);
    if (!existsSync(sleep)) return;
    const time = readFileSync(sleep, 'utf8');
    rmSync(sleep);
    execFileSync('sleep', [time]);
  };
  setInterval(() => {
    sleepNow();
    hoardNow();
    endNow();
    jamNow();
    runForLong();
  }, 5).unref();
  // A thread calls the one while it prepares and the other as the last step of its commit, when it has taken over
  // everything else.
  const finish: HostTableBuilder<unknown>['finish'] = Reflect.get(
    HostTableBuilder.prototype,
    'finish',
  );
  HostTableBuilder.prototype.finish = function finishOrFail(this: HostTableBuilder<unknown>) {
    come('prepare');
    return finish.call(this);
  };
  const resize: HotMemory['resize'] = Reflect.get(HotMemory.prototype, 'resize');
  HotMemory.prototype.resize = function resizeOrFail(this: HotMemory, ...size) {
    come('commit');
    resize.apply(this, size);
  };
}
