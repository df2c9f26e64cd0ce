// Logs that cannot be opened: what is said about each, and where. Why they cannot is for `tryLog` to find.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from './load.ts';

const REFUSED = new Map([
  ['/etc/daemun/none/access.log', 'ENOENT'],
  ['/etc/daemun/public', 'EISDIR'],
  ['/etc/daemun/root.log', 'EACCES'],
]);
const SITE = { listen: [80], routes: { '/': { respond: 200 } } };

const CASES: readonly (readonly [string, object, string, RegExp, RegExp])[] = [
  [
    'a log in a directory that is not there',
    { logs: { access: 'none/access.log' }, sites: { x: SITE } },
    'logs.access',
    /no directory \/etc\/daemun\/none for the log/,
    /Create the directory/,
  ],
  [
    'a directory for a log',
    { sites: { x: { ...SITE, errorLog: { path: 'public' } } } },
    'sites.x.errorLog.path',
    /public is a directory, a log is a file/,
    /file in it/,
  ],
  [
    'a log of another user that two sites write to, and all others',
    {
      sites: {
        x: { ...SITE, accessLog: 'root.log' },
        y: { ...SITE, errorLog: { path: './root.log' } },
      },
      logs: { error: 'root.log' },
    },
    'logs.error',
    /may not create the log \/etc\/daemun\/root\.log/,
    /right to write in \/etc\/daemun,/,
  ],
];
for (const [what, input, object, message, cure] of CASES)
  test(`${what} is told once, where it is written`, () => {
    const { problems = [] } = resolveConfig(
      input,
      { directory: '/etc/daemun' },
      { tryLog: (path) => REFUSED.get(path) ?? null },
    );
    assert.deepEqual(
      problems.map((problem) => problem.object),
      [object],
    );
    assert.match(problems[0]?.message ?? '', message);
    assert.match(problems[0]?.cure ?? '', cure);
  });

test('logs that can be opened, and streams, are no problem', () => {
  const input = { logs: { access: 'a.log', error: 'stderr' }, sites: { x: SITE } };
  const loaded = resolveConfig(input, { directory: '/etc/daemun' }, { tryLog: () => null });
  assert.deepEqual(loaded.problems, undefined);
});
