import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from './finding.ts';
import { reportJson, reportText } from './report.ts';

const FINDINGS: readonly Finding[] = [
  { check: 'Node', level: 'ok', what: '26.10.0' },
  {
    check: 'addresses',
    level: 'note',
    what: 'Another program listens on this address, which takes more than one line to say: *:80',
    why: 'It does not start.',
    cure: "ss -ltnp 'sport = :80' | a-command-that-is-too-long-for-a-line-is-not-broken\n# or another",
  },
  { check: 'disk', level: 'problem', what: 'a\u001b[2Jb', why: 'c', cure: 'd' },
];

test('findings are aligned, sentences broken, commands not, and no line of a sentence is too wide', () => {
  assert.equal(
    reportText({ version: '1', file: '/c.ts', findings: FINDINGS }, { width: 60 }),
    `Daemun 1: this machine and /c.ts

  ok       Node       26.10.0
  note     addresses  Another program listens on this
                      address, which takes more than one
                      line to say: *:80
                      It does not start.
                      $ ss -ltnp 'sport = :80' | a-command-that-is-too-long-for-a-line-is-not-broken
                      # or another
  problem  disk       a\\x1b[2Jb
                      c
                      $ d

1 problem, 1 note
`,
  );
});

test('without anything but ok there is nothing to mend', () => {
  const text = reportText({ version: '1', file: null, findings: FINDINGS.slice(0, 1) });
  assert.equal(
    text,
    'Daemun 1: this machine, without a configuration\n\n  ok       Node  26.10.0\n\nNothing to mend\n',
  );
});

test('colours move no column', () => {
  const plain = reportText({ version: '1', file: null, findings: FINDINGS });
  const color = reportText({ version: '1', file: null, findings: FINDINGS }, { color: true });
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  assert.equal(color.replaceAll(/\u001b\[[0-9]+m/g, ''), plain);
  assert.notEqual(color, plain);
});

test('programs get the counts and every finding', () => {
  const read = JSON.parse(reportJson({ version: '1', file: null, findings: FINDINGS })) as object;
  assert.deepEqual(read, { version: '1', file: null, problems: 1, notes: 1, findings: FINDINGS });
});
