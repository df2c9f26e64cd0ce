import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crossCheck } from './cross-check.ts';

const FILES = { files: 'public' };

function said(input: unknown): readonly (readonly [string, string])[] {
  return crossCheck(input, { directory: '/etc/daemun' }).map(({ object, message }) => [
    object,
    message,
  ]);
}

/** Two sites, x and y: what is said about the second. */
const PAIRS: readonly (readonly [string, object, object, string, RegExp])[] = [
  [
    'two defaults by the site',
    { default: true },
    { default: true },
    'sites.y.default',
    /Two sites are the default of \*:80: "x" and "y"/,
  ],
  [
    'two defaults by the address',
    { listen: [{ port: 80, default: true }] },
    { listen: [{ address: '*:80', default: true }] },
    'sites.y.listen[0].default',
    /default of \*:80/,
  ],
  [
    'a default beside a site for every host',
    { serverNames: ['*'] },
    { default: true },
    'sites.y.default',
    /default of \*:80/,
  ],
  [
    'the same name on one address',
    { serverNames: ['a.com'] },
    { serverNames: ['A.com'] },
    'sites.y.serverNames[0]',
    /"a.com" on \*:80 belongs to the site "x"/,
  ],
  [
    'the same expression on one address',
    { serverNames: ['~^a'] },
    { serverNames: ['~ ^a'] },
    'sites.y.serverNames[0]',
    /"~\^a" on/,
  ],
  [
    'other options for the same socket',
    { listen: [{ port: 80, backlog: 9 }] },
    { listen: [80] },
    'sites.y.listen[0].backlog',
    /option backlog is 511 for \*:80 here, but 9/,
  ],
  [
    'TLS on a socket with plain HTTP',
    { listen: [80] },
    { listen: [{ port: 80, tls: { certificate: './c', key: './k' } }] },
    'sites.y.listen[0].tls',
    /\*:80 is TLS here, but plain HTTP in the site "x"/,
  ],
  [
    'plain HTTP on a socket with TLS',
    { listen: [{ port: 80, tls: { certificate: './c', key: './k' } }] },
    { listen: [80] },
    'sites.y.listen[0]',
    /\*:80 is plain HTTP here, but TLS in the site "x"/,
  ],
  [
    'AJP on a socket with HTTP',
    { listen: ['127.0.0.1:80'] },
    { listen: [{ port: 80, ajp: { secret: 's' } }] },
    'sites.y.listen[0].ajp',
    /127\.0\.0\.1:80 is AJP here, but HTTP in the site "x"/,
  ],
  [
    'HTTP on a socket with AJP',
    { listen: [{ port: 80, ajp: { secret: 's' } }] },
    { listen: ['127.0.0.1:80'] },
    'sites.y.listen[0]',
    /127\.0\.0\.1:80 is HTTP here, but AJP in the site "x"/,
  ],
  [
    'another secret for the same socket',
    { listen: [{ port: 80, ajp: { secret: 's' } }] },
    { listen: [{ port: 80, ajp: { secret: false } }] },
    'sites.y.listen[0].ajp',
    /The secret of 127\.0\.0\.1:80 is another one in the site "x"/,
  ],
  [
    'another size of packets for the same socket',
    { listen: [{ port: 80, ajp: { secret: 's' } }] },
    { listen: [{ port: 80, ajp: { secret: 's', packetSize: '9KiB' } }] },
    'sites.y.listen[0].ajp',
    /The packetSize of 127\.0\.0\.1:80 is another one/,
  ],
  [
    'other line ends for the same socket',
    { listen: ['[::1]:80'] },
    { listen: [{ address: '[::1]:80', lenientLineEnds: true }] },
    'sites.y.listen[0].lenientLineEnds',
    /lenientLineEnds is true/,
  ],
  [
    'the same address twice',
    {},
    { listen: [81, '*:81'] },
    'sites.y.listen[1]',
    /listens on \*:81 twice/,
  ],
];
for (const [what, x, y, object, message] of PAIRS)
  test(`wrong between two sites: ${what}`, () => {
    const of = (options: object): object => ({ listen: [80], routes: { '/': FILES }, ...options });
    const problems = said({ sites: { x: of(x), y: of(y) } });
    assert.equal(problems.length, 1, JSON.stringify(problems));
    assert.equal(problems[0]?.[0], object);
    assert.match(problems[0][1], message);
  });

const FINE: readonly (readonly [string, object, object])[] = [
  ['defaults on two addresses', { default: true }, { default: true, listen: [81] }],
  [
    'the same name on two addresses',
    { serverNames: ['a.com'] },
    { serverNames: ['a.com'], listen: [81] },
  ],
  ['one default and one site', { default: true }, {}],
  ['a site for every host and one of its own', { serverNames: ['*'] }, {}],
  [
    'the same port on two addresses',
    { listen: ['127.0.0.1:80'] },
    { listen: [{ address: '[::1]:80', backlog: 9 }] },
  ],
  ['one unix socket', { listen: ['unix:/run/x'] }, { listen: ['unix:/run/x'] }],
];
for (const [what, x, y] of FINE)
  test(`fine between two sites: ${what}`, () => {
    const of = (options: object): object => ({ listen: [80], routes: { '/': FILES }, ...options });
    assert.deepEqual(said({ sites: { x: of(x), y: of(y) } }), []);
  });

test('a site that says twice to be the default is no conflict with itself', () => {
  const listen = [
    { port: 80, default: true },
    { address: '*:80', default: true },
  ];
  assert.deepEqual(said({ sites: { '*': { default: true, listen } } }), [
    ['sites["*"].listen[1]', 'The site listens on *:80 twice'],
  ]);
});

test('two spellings of one route are told apart from two routes', () => {
  const routes = { '/a/*': FILES, '/a': FILES, '~ x': FILES, '~x': FILES, '*.x': FILES };
  assert.deepEqual(
    said({ sites: { x: { routes } } }).map(([object]) => object),
    ['sites.x.routes["~x"]'],
  );
});

test('servers are the same by address and port, however they are written', () => {
  const servers = [
    'http://A.internal',
    'http://a.internal:80/',
    { url: 'http://[::1]:81' },
    'http://[::1]',
    'unix:/a',
    { url: 'unix:/a' },
  ];
  assert.deepEqual(
    said({ sites: { x: {} }, upstreams: { u: { servers }, v: { servers: ['unix:/a'] } } }).map(
      ([object]) => object,
    ),
    ['upstreams.u.servers[1]', 'upstreams.u.servers[5]'],
  );
});

for (const input of [
  undefined,
  null,
  [],
  { sites: [] },
  { sites: { x: null } },
  { sites: { x: { listen: {}, routes: [], serverNames: 'x' } } },
  { sites: { x: { listen: [null, {}, 'x'], serverNames: [null, '~('] } } },
  { sites: { x: {} }, upstreams: { u: null, v: { servers: 1 }, w: { servers: [null, 'x', {}] } } },
])
  test(`what cannot be read is left to others: ${JSON.stringify(input)}`, () => {
    assert.deepEqual(said(input), []);
  });

const SHARED: readonly (readonly [admin: string, listen: string])[] = [
  ['127.0.0.1:80', '127.0.0.1:80'],
  ['127.0.0.1:80', '*:80'],
  ['127.0.0.1:80', '0.0.0.0:80'],
  ['127.0.0.1:80', '[::]:80'],
  ['127.0.0.1:80', 'localhost:80'],
  ['localhost:80', '127.0.0.1:80'],
  ['localhost:80', '[::1]:80'],
  ['localhost:80', '*:80'],
  ['[::1]:80', '[::]:80'],
  ['unix:/run/a.sock', 'unix:/run/a.sock'],
];
for (const [listen, address] of SHARED)
  test(`the administration at ${listen} is in the way of a site at ${address}`, () => {
    const sites = { x: { listen: ['127.0.0.1:81', address], routes: { '/': FILES } } };
    const found = said({ admin: { listen, tokenFile: 't' }, sites });
    assert.deepEqual(
      found.map(([object]) => object),
      ['admin.listen'],
    );
    assert.match(
      found[0]?.[1] ?? '',
      /The site "x" listens on .*, which is where the administration/,
    );
  });

const APART: readonly (readonly [admin: unknown, listen: string])[] = [
  ['127.0.0.1:80', '127.0.0.1:81'],
  ['127.0.0.1:80', '127.0.0.2:80'],
  ['127.0.0.1:80', '[::1]:80'],
  ['[::1]:80', '0.0.0.0:80'],
  ['127.0.0.1:0', '127.0.0.1:0'],
  ['unix:/run/a.sock', 'unix:/run/b.sock'],
  ['nonsense', '127.0.0.1:80'],
  [80, '127.0.0.1:80'],
  [undefined, '127.0.0.1:80'],
];
for (const [listen, address] of APART)
  test(`the administration at ${String(listen)} leaves ${address} to a site`, () => {
    const sites = { x: { listen: [address], routes: { '/': FILES } } };
    assert.deepEqual(said({ admin: { listen }, sites }), []);
    assert.deepEqual(said({ admin: 'off', sites }), []);
  });

for (const [threads, apps, isTold] of [
  [1, { a: { root: '.' } }, false],
  ['auto', { a: { root: '.' } }, false],
  [undefined, { a: { root: '.' } }, false],
  [2, {}, false],
  [2, { a: { root: '.' } }, true],
] as const) {
  test(`${threads} threads with ${Object.keys(apps).length} applications ${isTold ? 'are told' : 'are fine'}`, () => {
    const found = said({ threads, apps, sites: { '*': { listen: [80], routes: { '/': FILES } } } });
    assert.equal(found.length, isTold ? 1 : 0);
    if (isTold) assert.match(found[0]?.[1] ?? '', /run in one thread, and 2 are asked for/);
  });
}
