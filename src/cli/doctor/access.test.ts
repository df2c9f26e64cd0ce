import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  foreignHand,
  grants,
  type Look,
  obstacle,
  READ,
  SEARCH,
  type Standing,
  WRITE,
} from './access.ts';

const ROOT = { name: 'root', uid: 0, gids: [0] };
const WEB = { name: 'web', uid: 33, gids: [33, 50] };

function stands(
  uid: number,
  gid: number,
  mode: number,
  kind: Standing['kind'] = 'directory',
): Standing {
  return { uid, gid, mode, kind };
}

function looking(tree: Readonly<Record<string, Standing>>): Look {
  const known = new Map(Object.entries({ '/': stands(0, 0, 0o755), ...tree }));
  return (path) => known.get(path) ?? null;
}

test('the first class that fits decides: an owner without a right has none, whatever all others have', () => {
  assert.equal(grants(stands(33, 0, 0o077), READ, WEB), false);
  assert.equal(grants(stands(0, 50, 0o707), READ, WEB), false);
  assert.equal(grants(stands(0, 50, 0o040), READ, WEB), true);
  assert.equal(grants(stands(0, 51, 0o044), READ, WEB), true);
  assert.equal(grants(stands(0, 51, 0o044), READ | WRITE, WEB), false);
  assert.equal(grants(stands(33, 33, 0), READ | WRITE | SEARCH, ROOT), true);
});

test('what stands in the way is the first directory that may not be gone through, or the end itself', () => {
  const look = looking({
    '/srv': stands(0, 0, 0o751),
    '/srv/www': stands(0, 0, 0o750),
    '/srv/www/a': stands(0, 0, 0o777),
    '/srv/open': stands(0, 0, 0o744),
  });
  assert.equal(obstacle('/srv/www/a', READ, WEB, look), '/srv/www');
  assert.equal(obstacle('/srv', SEARCH, WEB, look), null);
  assert.equal(obstacle('/srv', READ, WEB, look), '/srv');
  assert.equal(obstacle('/srv/open', READ, WEB, look), null);
  assert.equal(obstacle('/srv/open', SEARCH, WEB, look), '/srv/open');
  assert.equal(obstacle('/srv/none/x', SEARCH, ROOT, look), '/srv/none');
  assert.equal(obstacle('/', SEARCH, WEB, look), null);
});

test('a file is changed through itself, and through every directory above that others own or may write', () => {
  const hand = (tree: Readonly<Record<string, Standing>>, who = ROOT): string | null =>
    foreignHand('/etc/d/c.ts', who, looking({ '/etc': stands(0, 0, 0o755), ...tree }));
  const directory = stands(0, 0, 0o755);
  const file = stands(0, 0, 0o644, 'file');
  assert.equal(hand({ '/etc/d': directory, '/etc/d/c.ts': file }), null);
  assert.equal(
    hand({ '/etc/d': directory, '/etc/d/c.ts': stands(33, 0, 0o600, 'file') }),
    '/etc/d/c.ts',
  );
  assert.equal(
    hand({ '/etc/d': directory, '/etc/d/c.ts': stands(0, 0, 0o646, 'file') }),
    '/etc/d/c.ts',
  );
  assert.equal(
    hand({ '/etc/d': directory, '/etc/d/c.ts': stands(0, 33, 0o664, 'file') }),
    '/etc/d/c.ts',
  );
  assert.equal(hand({ '/etc/d': directory, '/etc/d/c.ts': stands(0, 0, 0o664, 'file') }), null);
  assert.equal(hand({ '/etc/d': stands(33, 33, 0o755), '/etc/d/c.ts': file }), '/etc/d');
  assert.equal(hand({ '/etc/d': stands(0, 0, 0o757), '/etc/d/c.ts': file }), '/etc/d');
  assert.equal(hand({ '/etc/d': stands(0, 0, 0o1777), '/etc/d/c.ts': file }), null);
  assert.equal(
    hand({ '/etc/d': stands(0, 0, 0o1777), '/etc/d/c.ts': stands(33, 33, 0o644, 'file') }),
    '/etc/d/c.ts',
  );
});

test('who starts the server without being root is no stranger to its own file, nor is its own group', () => {
  const look = (uid: number, gid: number): string | null =>
    foreignHand('/c.ts', WEB, looking({ '/c.ts': stands(uid, gid, 0o664, 'file') }));
  assert.deepEqual(
    [look(33, 33), look(0, 33), look(33, 50), look(34, 33)],
    [null, null, '/c.ts', '/c.ts'],
  );
});
