import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { HeldSignals } from './held-signals.ts';

const ALL = ['SIGHUP', 'SIGQUIT', 'SIGUSR1'] as const;

/** Notes what reaches listeners of the test's own. */
function listening(t: TestContext): string[] {
  const heard: string[] = [];
  const hear = (signal: NodeJS.Signals): void => {
    heard.push(signal);
  };
  for (const signal of ALL) process.on(signal, hear);
  t.after(() => {
    for (const signal of ALL) process.off(signal, hear);
  });
  return heard;
}

test('signals are held until there are listeners, and come then in their order, each once', (t) => {
  const held = new HeldSignals();
  for (const signal of ['SIGUSR1', 'SIGHUP', 'SIGHUP', 'SIGUSR1'] as const) {
    process.emit(signal, signal);
  }
  const heard = listening(t);
  held.release();
  assert.deepEqual(heard, ['SIGUSR1', 'SIGHUP']);
  held.release();
  assert.equal(heard.length, 2);
});

test('once released, nothing is held and nothing listens', (t) => {
  const before = ALL.map((signal) => process.listenerCount(signal));
  const held = new HeldSignals();
  assert.deepEqual(
    ALL.map((signal) => process.listenerCount(signal)),
    before.map((count) => count + 1),
  );
  held.release();
  assert.deepEqual(
    ALL.map((signal) => process.listenerCount(signal)),
    before,
  );
  const heard = listening(t);
  process.emit('SIGHUP', 'SIGHUP');
  held.release();
  assert.deepEqual(heard, ['SIGHUP']);
});
