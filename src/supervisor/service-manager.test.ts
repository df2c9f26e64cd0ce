import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceManager } from './service-manager.ts';

function manager(environment: NodeJS.ProcessEnv): {
  readonly told: readonly (readonly string[])[];
  readonly manager: ServiceManager;
  /** Ends the program that was started first. */
  readonly end: () => void;
} {
  const told: (readonly string[])[] = [];
  const ends: (() => void)[] = [];
  const run = (program: string, words: readonly string[], onEnd: () => void): void => {
    told.push([program, ...words]);
    ends.push(onEnd);
  };
  return {
    told,
    manager: new ServiceManager(environment, run),
    end: () => {
      ends.shift()?.();
    },
  };
}

test('without a service manager nobody is told', () => {
  const { told, manager: none } = manager({});
  none.tell('ready', 'Serving');
  assert.deepEqual(told, []);
});

test('a state is told with a line for people, in the name of this process', () => {
  const { told, manager: systemd, end } = manager({ NOTIFY_SOCKET: '/run/notify' });
  systemd.tell('ready', 'Serving');
  end();
  systemd.tell('stopping', 'Ending');
  end();
  systemd.tell('reloading', 'Loading');
  const own = `--pid=${process.pid}`;
  assert.deepEqual(told.slice(0, 2), [
    ['systemd-notify', own, 'STATUS=Serving', 'READY=1', `MAINPID=${process.pid}`],
    ['systemd-notify', own, 'STATUS=Ending', 'STOPPING=1'],
  ]);
  assert.deepEqual(told.at(2)?.slice(0, 4), [
    'systemd-notify',
    own,
    'STATUS=Loading',
    'RELOADING=1',
  ]);
  assert.match(told.at(2)?.at(4) ?? '', /^MONOTONIC_USEC=[1-9][0-9]*$/);
});

test('a state is told when the one before has arrived, however fast they follow', () => {
  const { told, manager: systemd, end } = manager({ NOTIFY_SOCKET: '/run/notify' });
  const lines = (): readonly (string | undefined)[] => told.map((words) => words[2]);
  for (const line of ['a', 'b', 'c']) systemd.tell('ready', line);
  assert.deepEqual(lines(), ['STATUS=a']);
  end();
  assert.deepEqual(lines(), ['STATUS=a', 'STATUS=b']);
  end();
  end();
  assert.deepEqual(lines(), ['STATUS=a', 'STATUS=b', 'STATUS=c']);
  systemd.tell('stopping', 'd');
  assert.equal(lines().at(-1), 'STATUS=d');
});
