/**
 * The machine's file system under observation: counts calls, knows which descriptors are open, makes
 * calls fail, and holds calls back until a test lets them go.
 */
import assert from 'node:assert/strict';
import { type FileSystem, nodeFileSystem } from '../../src/web/index.ts';

/** Calls that can be watched; reading at once is left out, so that every read is seen. */
type Call = Exclude<keyof FileSystem, 'readNow'>;

/** See the head of this file. A descriptor that is closed twice fails at once. */
export class WatchedFileSystem implements FileSystem {
  readonly calls: Record<Call, number> = {
    open: 0,
    fstat: 0,
    stat: 0,
    read: 0,
    close: 0,
    realPath: 0,
    realPathOfOpen: 0,
  };
  /** Descriptors open now. */
  readonly opened = new Set<number>();
  /** Positions and lengths of reads, in order. */
  readonly reads: { position: number; length: number }[] = [];
  /** How many reads have told their outcome. */
  readsDone = 0;
  readonly #failures = new Map<Call, string[]>();
  readonly #held = new Map<Call, (() => void)[]>();
  readonly #before = new Map<Call, () => void>();
  readonly #inner: FileSystem;

  constructor(inner: FileSystem = nodeFileSystem) {
    this.#inner = inner;
  }

  /** Makes the next call of this kind fail with the code of an error, `EMFILE`. */
  failNext(call: Call, code: string): void {
    this.#failures.set(call, [...(this.#failures.get(call) ?? []), code]);
  }

  /** Runs `act` once, right before the next call of this kind. */
  beforeNext(call: Call, act: () => void): void {
    this.#before.set(call, act);
  }

  /** Holds calls of this kind back from now on. */
  hold(call: Call): void {
    this.#held.set(call, []);
  }

  /** How many calls of this kind are held back. */
  heldBack(call: Call): number {
    return this.#held.get(call)?.length ?? 0;
  }

  /** Lets the calls go that are held back, and those to come. */
  letGo(call: Call): void {
    const held = this.#held.get(call) ?? [];
    this.#held.delete(call);
    for (const proceed of held) proceed();
  }

  #pass(call: Call, proceed: () => void, fail: (error: NodeJS.ErrnoException) => void): void {
    this.calls[call]++;
    const act = this.#before.get(call);
    this.#before.delete(call);
    act?.();
    const code = this.#failures.get(call)?.shift();
    const run =
      code === undefined
        ? proceed
        : () => setImmediate(() => fail(Object.assign(new Error(code), { code })));
    const held = this.#held.get(call);
    if (held === undefined) run();
    else held.push(run);
  }

  readonly open: FileSystem['open'] = (path, done) =>
    this.#pass(
      'open',
      () =>
        this.#inner.open(path, (error, descriptor) => {
          if (error === null) this.opened.add(descriptor);
          done(error, descriptor);
        }),
      (error) => done(error, -1),
    );

  readonly fstat: FileSystem['fstat'] = (descriptor, done) =>
    this.#pass(
      'fstat',
      () => this.#inner.fstat(descriptor, done),
      // A failed call has no value.
      (error) => (done as (error: Error) => void)(error),
    );

  readonly stat: FileSystem['stat'] = (path, done) =>
    this.#pass(
      'stat',
      () => this.#inner.stat(path, done),
      (error) => (done as (error: Error) => void)(error),
    );

  readonly read: FileSystem['read'] = (descriptor, target, offset, length, position, done) => {
    assert.ok(this.opened.has(descriptor), 'a closed descriptor was read');
    this.reads.push({ position, length });
    this.#pass(
      'read',
      () =>
        this.#inner.read(descriptor, target, offset, length, position, (error, count) => {
          assert.ok(this.opened.has(descriptor), 'a descriptor was closed while it was read');
          done(error, count);
          this.readsDone++;
        }),
      (error) => done(error, 0),
    );
  };

  readonly close: FileSystem['close'] = (descriptor) => {
    assert.ok(this.opened.delete(descriptor), 'a descriptor was closed twice');
    this.calls.close++;
    this.#inner.close(descriptor);
  };

  readonly realPath: FileSystem['realPath'] = (path, done) =>
    this.#pass(
      'realPath',
      () => this.#inner.realPath(path, done),
      (error) => done(error, Buffer.alloc(0)),
    );

  readonly realPathOfOpen: FileSystem['realPathOfOpen'] = (descriptor, path, status, done) =>
    this.#pass(
      'realPathOfOpen',
      () => this.#inner.realPathOfOpen(descriptor, path, status, done),
      (error) => done(error, Buffer.alloc(0)),
    );
}

/** Waits until something holds, by turns of the event loop; a test's own timeout is the limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
