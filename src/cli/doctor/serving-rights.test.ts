import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Standing } from './access.ts';
import type { Finding } from './finding.ts';
import { checkServingRights, inTheWay, quoted } from './serving-rights.ts';

const WEB = { name: 'web', uid: 33, gids: [33] };

function found(
  modes: Readonly<Record<string, number>>,
  serving: typeof WEB | null = WEB,
): readonly Finding[] {
  const tree = new Map(
    Object.entries({
      '/': 0o755,
      '/opt': 0o755,
      '/opt/d': 0o755,
      '/bin': 0o755,
      '/www': 0o755,
      ...modes,
    }),
  );
  const look = (path: string): Standing | null => {
    const mode = tree.get(path);
    const kind = path === '/bin' ? 'file' : 'directory';
    return mode === undefined ? null : { uid: 0, gid: 0, mode, kind };
  };
  return checkServingRights(
    { serving, look, program: ['/bin', '/opt/d'] },
    { roots: ['/www'], user: 'web' },
  );
}

test('a user who may read the program and go into the roots is fine', () => {
  assert.deepEqual(
    found({}).map(({ level }) => level),
    ['ok'],
  );
  // A file is only read, a root only gone through.
  assert.deepEqual(
    found({ '/bin': 0o744, '/www': 0o711 }).map(({ level }) => level),
    ['ok'],
  );
});

test('a program or a root that is closed is a problem that names what is in the way', () => {
  const told = (modes: Readonly<Record<string, number>>): readonly string[] =>
    found(modes).map(({ level, what }) => `${level}: ${what}`);
  assert.deepEqual(told({ '/opt': 0o750 }), [
    'problem: web may not read the program /opt/d: /opt is in the way',
  ]);
  assert.deepEqual(told({ '/opt/d': 0o751 }), ['problem: web may not read the program /opt/d']);
  assert.deepEqual(told({ '/bin': 0o751, '/www': 0o744 }), [
    'problem: web may not read the program /bin',
    'problem: web may not go into /www',
  ]);
});

test('nobody to serve is a problem with the command that makes the user', () => {
  const [one] = found({}, null);
  assert.ok(one?.level === 'problem');
  assert.match(one.cure, /^useradd --system .* web$/);
});

test('paths in commands are words of a shell whatever they hold', () => {
  assert.deepEqual(['/a/b-1.ts', "/it's", '/a b', '/$(x)'].map(quoted), [
    '/a/b-1.ts',
    "'/it'\\''s'",
    "'/a b'",
    "'/$(x)'",
  ]);
  assert.deepEqual([inTheWay('/a', '/a'), inTheWay('/a', '/a/b')], ['', ': /a is in the way']);
});
