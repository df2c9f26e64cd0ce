import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { resolveConfig } from '../../config/index.ts';
import { type Demand, demandOf } from './demand.ts';

function demanded(input: object, cores = 3): Demand {
  const { model, problems } = resolveConfig(
    input,
    { directory: '/etc/daemun' },
    { lookup: () => 'directory', tryLog: () => null },
  );
  assert.ok(model, JSON.stringify(problems));
  return demandOf(model, cores, null);
}

test('a configuration that says little asks for its defaults', () => {
  const sites = { '*': { listen: [8080], routes: { '/': { respond: 200 } } } };
  const demand = demanded({ logs: { access: 'off' }, sites });
  assert.deepEqual([demand.threads, demand.maxConnections], [3, 8192]);
  assert.equal(demand.hotFileMemory, 64 * 2 ** 20);
  assert.deepEqual(
    demand.addresses.map(({ key, backlog }) => [key, backlog]),
    [['*:8080', 511]],
  );
  assert.deepEqual(
    [demand.roots, demand.logs, [...demand.spools], demand.upstreams],
    [[], [], [], []],
  );
});

test('roots, logs, spools and upstreams are gathered over all sites, each once', () => {
  const proxied = { proxy: 'app', bodySpool: { file: '1MiB', directory: '/spool' } };
  const routes = {
    '/': { files: './www' },
    '/again/*': { files: '/etc/daemun/www' },
    '/app/*': proxied,
    '/more/*': { ...proxied, bodySpool: { file: '2MiB', directory: '/spool' } },
    '/default/*': { proxy: 'app' },
    '/none/*': { proxy: 'app', bodySpool: { file: '0B', directory: '/unused' } },
    '/stream/*': {
      proxy: 'app',
      requestBody: 'stream',
      responseBody: 'stream',
      bodySpool: { directory: '/unused' },
    },
  };
  const demand = demanded({
    threads: 2,
    logs: { access: '/log/a', error: '/log/e' },
    upstreams: {
      app: { servers: ['http://127.0.0.1:1', 'http://127.0.0.1:2', 'unix:/run/a.sock'] },
      idle: { servers: ['http://127.0.0.1:3'] },
    },
    sites: {
      'a.test': { listen: [80, '127.0.0.1:80'], routes },
      'b.test': { listen: ['127.0.0.1:80'], accessLog: '/log/b', routes },
    },
  });
  assert.equal(demand.threads, 2);
  assert.deepEqual(
    demand.addresses.map(({ key }) => key),
    ['*:80'],
    'one socket for both',
  );
  assert.deepEqual(demand.roots, ['/etc/daemun/www']);
  assert.deepEqual(demand.logs, ['/log/a', '/log/e', '/log/b']);
  assert.deepEqual(
    new Map(demand.spools),
    new Map([
      ['/spool', 2 ** 21],
      [tmpdir(), 2 ** 30],
    ]),
  );
  assert.deepEqual(demand.upstreams, [{ name: 'app', tcpServers: 2 }]);
});

test('private keys are gathered over all sites, each once; without a file there is no administration', () => {
  const listen = (port: number, key: string): object => ({
    port,
    tls: { certificate: 'a.pem', key },
  });
  const routes = { '/': { respond: 200 } };
  const { model } = resolveConfig(
    {
      logs: { access: 'off' },
      sites: {
        'a.test': { listen: [80, listen(443, 'a.key'), listen(444, '/b.key')], routes },
        'b.test': { listen: [listen(443, 'a.key')], routes },
      },
    },
    { directory: '/etc/daemun' },
    { lookup: () => 'file', tryLog: () => null },
  );
  assert.ok(model);
  const demand = demandOf(model, 1, null);
  assert.deepEqual(demand.keys, ['/etc/daemun/a.key', '/b.key']);
  assert.equal(demand.administration, null);
});

test('the administration is where the configuration says, or has its own place beside those of other files', () => {
  const sites = { '*': { listen: [80], routes: { '/': { respond: 200 } } } };
  const read = (more: object): Demand['administration'] => {
    const { model } = resolveConfig(
      { logs: { access: 'off' }, sites, ...more },
      { directory: '/etc/daemun' },
      { lookup: () => 'file', tryLog: () => null },
    );
    assert.ok(model);
    return demandOf(model, 1, import.meta.filename).administration;
  };
  assert.equal(read({ admin: 'off' }), null);
  assert.deepEqual(read({ admin: { listen: '127.0.0.1:9000', tokenFile: './token' } }), {
    endpoint: { kind: 'tcp', host: '127.0.0.1', port: 9000 },
    isNamed: true,
    tokenFile: '/etc/daemun/token',
  });
  const own = read({});
  assert.deepEqual([own?.endpoint.kind, own?.isNamed], ['unix', false]);
});
