import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine, UsageError } from './command-line.ts';
import type { BenchOptions } from './command-line.ts';
import { ROWS } from './rows.ts';

function run(...args: readonly string[]): BenchOptions {
  const options = readCommandLine(args);
  assert.ok(typeof options !== 'string');
  return options;
}

test('without flags everything is measured in three rounds of four seconds', () => {
  const { rows, peers, ...rest } = run();
  assert.deepEqual(rows, ROWS);
  assert.deepEqual([...peers], ['nginx', 'apache2', 'haproxy', 'tomcat', 'node', 'daemun']);
  assert.deepEqual(rest, { rounds: 3, seconds: 4, json: false, mode: 'table' });
});

test('rows come in the order of the table, however they are named', () => {
  const { rows } = run('--only', 'idle,static-1k,idle');
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['static-1k', 'idle'],
  );
});

test('peers, rounds and seconds are taken', () => {
  const options = run('--peers=daemun,nginx', '--rounds=99', '--seconds', '600', '--json');
  assert.deepEqual([...options.peers], ['daemun', 'nginx']);
  assert.deepEqual([options.rounds, options.seconds, options.json], [99, 600, true]);
});

test('help and list win over what else is asked', () => {
  assert.equal(readCommandLine(['--help', '--rounds', '0']), 'help');
  assert.equal(readCommandLine(['-h']), 'help');
  assert.equal(readCommandLine(['--list']), 'list');
});

test('a profile is of the subject alone', () => {
  assert.deepEqual([...run('--profile').peers], ['daemun']);
  assert.equal(run('--profile').mode, 'profile');
  assert.equal(run('--syscalls').mode, 'syscalls');
});

test('profiles and system calls are taken of rows under load', () => {
  for (const mode of ['--profile', '--syscalls']) {
    const { rows } = run(mode, '--only', 'start,idle,proxy-1k');
    assert.deepEqual(
      rows.map(({ name }) => name),
      ['proxy-1k'],
    );
  }
});

test('what cannot be followed is refused with what is wrong', () => {
  const refused: readonly [readonly string[], RegExp][] = [
    [['--fast'], /--fast/],
    [['static-1k'], /static-1k/],
    [['--only'], /--only/],
    [['--only', 'static'], /no row is named static; there are: static-1k/],
    [['--only', ','], /no row is named nothing/],
    [['--peers', 'nginx,iis'], /no peer is named iis; there are: nginx/],
    [['--rounds', '0'], /--rounds takes a whole number from 1 to 99, not 0/],
    [['--rounds', '100'], /not 100/],
    [['--seconds', '601'], /not 601/],
    [['--seconds', '1.5'], /not 1\.5/],
    [['--seconds', ''], /--seconds/],
    [['--json=yes'], /--json/],
    [['--profile', '--syscalls'], /one run/],
    [['--profile', '--peers', 'nginx'], /leaves out/],
    [['--syscalls', '--only', 'idle'], /--syscalls is of rows under load/],
  ];
  for (const [args, says] of refused) {
    assert.throws(
      () => readCommandLine(args),
      (error) => error instanceof UsageError && says.test(error.message),
      args.join(' '),
    );
  }
});
