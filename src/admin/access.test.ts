import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  MemoryExchange,
  memoryConnection,
  memoryRequest,
} from '../../test/support/memory-exchange.ts';
import { Fields, parseHost } from '../http/message/index.ts';
import { type AdminAccess, Gate } from './access.ts';

const HOSTS = [
  '127.0.0.1:9000',
  '[::1]:9000',
  'localhost:9000',
  'admin.example:80',
  'plain.example',
];
const TCP: AdminAccess = { kind: 'tcp', hosts: HOSTS, token: 't' };

/** The status that a request is refused with, 0 where it passes; the token is not asked for. */
function refused(
  host: string | null,
  pairs: readonly (readonly [string, string])[] = [],
  access: AdminAccess = TCP,
  secure = false,
): number {
  const request = memoryRequest({ fields: Fields.of(...pairs) });
  const exchange = new MemoryExchange(
    { ...request, host: host === null ? null : parseHost(host) },
    memoryConnection({ secure }),
  );
  return new Gate(access).deny(exchange, true)?.answer.status ?? 0;
}

test('a listener goes by the names that lead to it, with its port', () => {
  const own = [
    '127.0.0.1:9000',
    '[::1]:9000',
    'localhost:9000',
    'LOCALHOST:9000',
    'localhost.:9000',
    'admin.example',
    'admin.example:80',
    'plain.example',
    'plain.example:80',
  ];
  for (const host of own) assert.equal(refused(host), 0, host);
});

test('a name of somebody else, who let it lead to the loopback address, is refused', () => {
  const others = [
    'evil.example:9000',
    'evil.example',
    '127.0.0.1',
    '127.0.0.1:9001',
    '127.0.0.2:9000',
    'localhost',
    'localhost:80',
    'localhost.evil.example:9000',
    'admin.example:9000',
    '[::2]:9000',
    null,
  ];
  for (const host of others) assert.equal(refused(host), 421, String(host));
});

test('over TLS the usual port is 443', () => {
  const access: AdminAccess = { kind: 'tcp', hosts: ['admin.example:443'], token: 't' };
  assert.equal(refused('admin.example', [], access, true), 0);
  assert.equal(refused('admin.example', [], access, false), 421);
});

test('a unix socket has no name', () => {
  for (const host of ['anything', 'localhost:1', null]) {
    assert.equal(refused(host, [], { kind: 'unix' }), 0);
  }
});

const host = 'localhost:9000';
const OWN: readonly (readonly (readonly [string, string])[])[] = [
  [],
  [['Origin', 'http://localhost:9000']],
  [['Sec-Fetch-Site', 'same-origin']],
  [['Sec-Fetch-Site', 'none']],
  [
    ['Sec-Fetch-Site', 'same-origin'],
    ['Origin', 'http://localhost:9000'],
  ],
];
const FOREIGN: typeof OWN = [
  [['Origin', 'null']],
  [['Origin', '']],
  [['Origin', 'http://evil.example']],
  [['Origin', 'http://evil.example:9000']],
  [['Origin', 'http://localhost']],
  [['Origin', 'http://localhost:9001']],
  [['Origin', 'https://localhost:9000']],
  [['Origin', 'http://127.0.0.1:9000']],
  [['Origin', 'http://localhost:9000.evil.example']],
  [['Origin', 'http://localhost:9000/']],
  [['Origin', 'http://localhost:9000@evil.example']],
  [
    ['Origin', 'http://localhost:9000'],
    ['Origin', 'http://evil.example'],
  ],
  [['Sec-Fetch-Site', 'cross-site']],
  [['Sec-Fetch-Site', 'same-site']],
  [['Sec-Fetch-Site', 'Same-Origin']],
  [['Sec-Fetch-Site', '']],
  [
    ['Sec-Fetch-Site', 'same-origin'],
    ['sec-fetch-site', 'cross-site'],
  ],
  [
    ['Sec-Fetch-Site', 'cross-site'],
    ['Origin', 'http://localhost:9000'],
  ],
  [
    ['Sec-Fetch-Site', 'same-origin'],
    ['Origin', 'http://evil.example'],
  ],
];

for (const access of [TCP, { kind: 'unix' } as const]) {
  test(`pages of other sites may not ask over ${access.kind}, those of this one may`, () => {
    for (const pairs of OWN) assert.equal(refused(host, pairs, access), 0, JSON.stringify(pairs));
    for (const pairs of FOREIGN) {
      assert.equal(refused(host, pairs, access), 403, JSON.stringify(pairs));
    }
  });
}

test('an origin on the usual port of its scheme is the same with and without it', () => {
  assert.equal(refused('plain.example', [['Origin', 'http://plain.example:80']]), 0);
  assert.equal(refused('plain.example:80', [['Origin', 'http://plain.example']]), 0);
  const unix = { kind: 'unix' } as const;
  assert.equal(refused('a.example', [['Origin', 'https://a.example:443']], unix, true), 0);
  assert.equal(refused('a.example', [['Origin', 'https://a.example:80']], unix, true), 403);
  assert.equal(refused(null, [['Origin', 'http://a.example']], unix), 403);
});

test('an access that would let everybody in, or nobody, is refused', () => {
  assert.throws(() => new Gate({ ...TCP, token: '' }), TypeError);
  assert.throws(() => new Gate({ ...TCP, hosts: ['a b'] }), /"a b" is no host/);
});
