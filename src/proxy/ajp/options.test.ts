import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Problem, resolve } from '../../schema/index.ts';
import { type UpstreamModel, type UpstreamOptions, upstreamOptions } from '../options.ts';

function read(options: unknown): {
  readonly model: UpstreamModel | undefined;
  readonly problems: readonly Problem[];
} {
  const { model, problems = [] } = resolve(upstreamOptions, options as UpstreamOptions, {
    directory: '/',
  });
  return { model, problems };
}

const DEFAULTS = {
  packetSize: 8192,
  ping: 'connect',
  pingTimeout: 10_000,
  pingInterval: 0,
};

test('servers say by their address what they speak', () => {
  const servers = [
    'http://127.0.0.1:1',
    'unix:/run/a.sock',
    'ajp://127.0.0.1',
    { url: 'ajp+unix:/run/b.sock', weight: 2, route: 'b' },
  ];
  const { model, problems } = read({ servers });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    model?.servers.map(({ url, protocol, endpoint }) => ({ url, protocol, endpoint })),
    [
      {
        url: 'http://127.0.0.1:1',
        protocol: 'http',
        endpoint: { kind: 'tcp', host: '127.0.0.1', port: 1 },
      },
      {
        url: 'unix:/run/a.sock',
        protocol: 'http',
        endpoint: { kind: 'unix', path: '/run/a.sock' },
      },
      {
        url: 'ajp://127.0.0.1',
        protocol: 'ajp',
        endpoint: { kind: 'tcp', host: '127.0.0.1', port: 8009 },
      },
      {
        url: 'ajp+unix:/run/b.sock',
        protocol: 'ajp',
        endpoint: { kind: 'unix', path: '/run/b.sock' },
      },
    ],
  );
});

test('AJP has defaults without a word, and with some', () => {
  const servers = ['ajp://127.0.0.1'];
  assert.deepEqual(
    { ...read({ servers }).model?.ajp, secret: null },
    { ...DEFAULTS, secret: null },
  );
  const ajp = {
    secret: 's3cret',
    packetSize: '64KiB',
    ping: 'request',
    pingTimeout: '2s',
    pingInterval: '30s',
  };
  assert.deepEqual(read({ servers, ajp }).model?.ajp, {
    secret: 's3cret',
    packetSize: 65_536,
    ping: 'request',
    pingTimeout: 2000,
    pingInterval: 30_000,
  });
});

for (const [ajp, message] of [
  [{ packetSize: '8191B' }, /packetSize/],
  [{ packetSize: '65537B' }, /packetSize/],
  [{ secret: '' }, /secret is empty/],
  [{ secret: 'caf\u00e9' }, /printable ASCII/],
  [{ secret: 'a\nb' }, /printable ASCII/],
  [{ secret: 'x'.repeat(1025) }, /longer than 1024/],
  [{ secret: 4_829_174_829 }, /secret/],
  [{ ping: 'always' }, /ping/],
  [{ pingTimeout: '0s' }, /pingTimeout/],
  [{ secrets: 'x' }, /secrets/],
] as const) {
  test(`AJP with ${JSON.stringify(ajp).slice(0, 40)} is refused, and no secret is told`, () => {
    const { problems } = read({ servers: ['ajp://127.0.0.1'], ajp });
    assert.equal(problems.length, 1);
    const text = JSON.stringify(problems);
    assert.match(text, message);
    if ('secret' in ajp && String(ajp.secret).length > 3)
      assert.ok(!text.includes(String(ajp.secret)));
  });
}

for (const ajp of [
  { packetSize: '8KiB' },
  { packetSize: '64KiB' },
  { secret: 'x'.repeat(1024) },
  { secret: 'a b' },
]) {
  test(`AJP with ${JSON.stringify(ajp).slice(0, 40)} is taken`, () => {
    assert.deepEqual(read({ servers: ['ajp://127.0.0.1'], ajp }).problems, []);
  });
}

test('options of AJP where no server speaks it are a mistake', () => {
  const { problems } = read({ servers: ['http://127.0.0.1:1'], ajp: { secret: 'x' } });
  assert.deepEqual(
    problems.map(({ code, path }) => [code, path]),
    [['conflict', ['ajp']]],
  );
});
