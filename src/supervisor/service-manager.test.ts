import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceManager } from './service-manager.ts';

function manager(environment: NodeJS.ProcessEnv): {
  readonly told: readonly (readonly string[])[];
  readonly manager: ServiceManager;
} {
  const told: (readonly string[])[] = [];
  const run = (program: string, words: readonly string[]): void => {
    told.push([program, ...words]);
  };
  return { told, manager: new ServiceManager(environment, run) };
}

test('without a service manager nobody is told', () => {
  const { told, manager: none } = manager({});
  none.tell('ready', 'Serving');
  assert.deepEqual(told, []);
});

test('a state is told with a line for people, in the name of this process', () => {
  const { told, manager: systemd } = manager({ NOTIFY_SOCKET: '/run/notify' });
  systemd.tell('ready', 'Serving');
  systemd.tell('stopping', 'Ending');
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
