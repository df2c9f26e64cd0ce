import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { resolveConfig } from '../config/index.ts';
import { describeSites } from './describe.ts';

const OK = { respond: 204 };

function described(input: object): ReturnType<typeof describeSites> {
  const loaded = resolveConfig(input, { directory: '/' });
  assert.ok(loaded.model !== undefined, JSON.stringify(loaded.problems));
  return describeSites(loaded.model);
}

test('each site is told with its addresses, where it is the default, and its routes in order', () => {
  const sites = {
    'a.test': { listen: [80, 81], routes: { '/': OK, '/x/*': OK, '/x': OK, '*.php': OK } },
    'b.test': { listen: [{ port: 80, default: true }], routes: { '~ ^/b': OK } },
  };
  assert.deepEqual(described({ sites }), [
    {
      host: 'a.test',
      addresses: [
        { key: '*:80', protocol: 'http', isDefault: false },
        { key: '*:81', protocol: 'http', isDefault: true },
      ],
      routes: ['/x', '/x/*', '*.php', '/'],
    },
    {
      host: 'b.test',
      addresses: [{ key: '*:80', protocol: 'http', isDefault: true }],
      routes: ['~ ^/b'],
    },
  ]);
});

test('what only building shows is found in every site, each with its place', () => {
  const bad = { redirect: '/$nothing' };
  const refused = described({
    sites: {
      'a.test': { listen: [80], routes: { '/': OK, '/x': bad } },
      'b.test': { listen: [80], routes: { '/y': bad } },
    },
  });
  assert.ok('siteFaults' in refused);
  assert.deepEqual(
    refused.siteFaults.map(({ path }) => path),
    [
      ['sites', 'a.test', 'routes', '/x'],
      ['sites', 'b.test', 'routes', '/y'],
    ],
  );
  for (const { message, cure } of refused.siteFaults) {
    assert.match(message, /nothing/);
    assert.notEqual(cure, '');
  }
});

test('describing opens no log', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'daemun-describe-'));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  const access = join(directory, 'access.log');
  const error = join(directory, 'error.log');
  const result = described({
    logs: { access: { path: access }, error: { path: error } },
    sites: { '*': { listen: [80], routes: { '/': OK } } },
  });
  assert.ok(!('siteFaults' in result));
  assert.deepEqual([existsSync(access), existsSync(error)], [false, false]);
});
