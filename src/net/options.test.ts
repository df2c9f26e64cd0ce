import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Problem, resolve } from '../schema/index.ts';
import { listenEntry, type ListenEntry } from './options.ts';

const DEFAULTS = { default: false, lenientLineEnds: false, backlog: 511, tls: null, ajp: null };
const ENTRIES: readonly (readonly [ListenEntry, unknown])[] = [
  [80, { ...DEFAULTS, endpoint: { kind: 'tcp', host: '*', port: 80 } }],
  [0, { ...DEFAULTS, endpoint: { kind: 'tcp', host: '*', port: 0 } }],
  ['[::1]:80', { ...DEFAULTS, endpoint: { kind: 'tcp', host: '::1', port: 80 } }],
  ['unix:/run/x.sock', { ...DEFAULTS, endpoint: { kind: 'unix', path: '/run/x.sock' } }],
  [{ port: 80 }, { ...DEFAULTS, endpoint: { kind: 'tcp', host: '*', port: 80 } }],
  [
    { port: 80, address: '127.0.0.1' },
    { ...DEFAULTS, endpoint: { kind: 'tcp', host: '127.0.0.1', port: 80 } },
  ],
  [
    { port: 80, address: '::1' },
    { ...DEFAULTS, endpoint: { kind: 'tcp', host: '::1', port: 80 } },
  ],
  [
    { port: 80, address: '[::1]' },
    { ...DEFAULTS, endpoint: { kind: 'tcp', host: '::1', port: 80 } },
  ],
  [
    { port: 8009, ajp: { secret: 's3cret' } },
    {
      ...DEFAULTS,
      endpoint: { kind: 'tcp', host: '127.0.0.1', port: 8009 },
      ajp: { secret: 's3cret', packetSize: 8192 },
    },
  ],
  [
    { port: 8009, address: '*', ajp: { secret: false, packetSize: '64KiB' } },
    {
      ...DEFAULTS,
      endpoint: { kind: 'tcp', host: '*', port: 8009 },
      ajp: { secret: null, packetSize: 65_536 },
    },
  ],
  [{ address: '*:81' }, { ...DEFAULTS, endpoint: { kind: 'tcp', host: '*', port: 81 } }],
  [
    { port: 443, tls: { certificate: 'a.pem', key: '/b.key' } },
    {
      ...DEFAULTS,
      endpoint: { kind: 'tcp', host: '*', port: 443 },
      tls: { certificate: '/a.pem', key: '/b.key' },
    },
  ],
  [
    { address: 'unix:/x', default: true, lenientLineEnds: true, backlog: 1 },
    {
      default: true,
      lenientLineEnds: true,
      backlog: 1,
      tls: null,
      ajp: null,
      endpoint: { kind: 'unix', path: '/x' },
    },
  ],
];
for (const [entry, model] of ENTRIES)
  test(`listening on ${JSON.stringify(entry)} is understood`, () => {
    assert.deepEqual(resolve(listenEntry, entry, { directory: '/' }).model, model);
  });

// What a configuration without types may say.
function problemsOf(entry: unknown): readonly Problem[] {
  return resolve(listenEntry, entry as ListenEntry, { directory: '/' }).problems ?? [];
}

for (const secret of [4_829_174_829, true, '', 'caf\u00e9', null])
  test(`the secret ${String(secret)} of AJP is refused, and not told`, () => {
    const problems = problemsOf({ port: 8009, ajp: { secret } });
    assert.equal(problems.length, 1);
    const text = JSON.stringify(problems);
    assert.match(text, /secret/);
    assert.ok(!text.includes('4829174829') && !text.includes('caf'));
  });

test('AJP without a word about its secret is refused', () => {
  const problems = problemsOf({ port: 8009, ajp: {} });
  assert.deepEqual(
    problems.map(({ code, path }) => [code, path]),
    [['missing-key', ['ajp']]],
  );
});
