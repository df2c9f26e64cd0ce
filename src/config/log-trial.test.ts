import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tryLog } from './log-trial.ts';

const directory = mkdtempSync(join(tmpdir(), 'daemun-logs-'));
after(() => {
  rmSync(directory, { recursive: true });
});
const at = (name: string): string => join(directory, name);
writeFileSync(at('old.log'), 'a line\n');
mkdirSync(at('logs'));
symlinkSync('old.log', at('link.log'));
symlinkSync('logs/linked.log', at('new-link.log'));
symlinkSync('missing/linked.log', at('dangling.log'));
symlinkSync('circle.log', at('circle.log'));

const CASES: readonly (readonly [string, string, string | null])[] = [
  ['a file that is there', 'old.log', null],
  ['a file that is not there', 'new.log', null],
  ['a file in a directory below', 'logs/new.log', null],
  ['a link to a file', 'link.log', null],
  ['a link to what can be made', 'new-link.log', null],
  ['a directory', 'logs', 'EISDIR'],
  ['a directory that is not there', 'missing/new.log', 'ENOENT'],
  ['a file in place of a directory', 'old.log/new.log', 'ENOTDIR'],
  ['a link into a directory that is not there', 'dangling.log', 'ENOENT'],
  ['links in a circle', 'circle.log', 'ELOOP'],
  ['a name that is too long', 'x'.repeat(256), 'ENAMETOOLONG'],
];
for (const [what, name, code] of CASES)
  test(`as a log, ${what} ${code === null ? 'can be opened' : `is ${code}`}`, () => {
    const before = readdirSync(directory, { recursive: true });
    assert.equal(tryLog(at(name)), code);
    assert.deepEqual(readdirSync(directory, { recursive: true }), before, 'nothing is made');
    assert.equal(readFileSync(at('old.log'), 'utf8'), 'a line\n');
  });

test('a device is written to without being opened', () => {
  assert.equal(tryLog('/dev/null'), null);
});
