import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from '../config/index.ts';
import { logsToNobody } from './daemon.ts';

function found(logs: object, site: object = {}): readonly string[] {
  const routes = { '/': { respond: 204 } };
  const sites = { 'a.test': { listen: [80], routes, ...site }, 'b.test': { listen: [80], routes } };
  const { model } = resolveConfig(
    { logs, sites },
    { directory: '/' },
    { lookup: (path) => (path === '/' ? 'directory' : undefined), tryLog: () => null },
  );
  assert.ok(model !== undefined);
  return logsToNobody(model);
}

test('standard output and error are told, once for all sites and for each that asks for them', () => {
  assert.deepEqual(found({}), ['logs.access', 'logs.error']);
  assert.deepEqual(found({ access: '/a', error: '/e' }), []);
  assert.deepEqual(found({ access: 'off', error: '/e' }), []);
  assert.deepEqual(
    found({ access: '/a', error: '/e' }, { accessLog: 'stdout', errorLog: 'stderr' }),
    ['sites["a.test"].accessLog', 'sites["a.test"].errorLog'],
  );
});
