// Wrong configurations: what is said about each, and where. Files themselves are loaded end to end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileKind } from '../schema/index.ts';
import { resolveConfig } from './load.ts';

const KINDS = new Map<string, FileKind>([
  ['/etc/daemun/public', 'directory'],
  ['/etc/daemun/index.html', 'file'],
]);
const FILES = { files: 'public' };
const PROXY = { proxy: 'b' };

function problemsOf(input: unknown): readonly (readonly [string, string, string])[] {
  const place = { directory: '/etc/daemun', file: '/etc/daemun/c.json' };
  const { problems } = resolveConfig(input, place, { lookup: (path) => KINDS.get(path) });
  for (const problem of problems ?? []) {
    assert.match(problem.message, /^[^a-z].*[^.]$/s, 'a message begins large and has no period');
    assert.notEqual(problem.cure, '');
  }
  return (problems ?? []).map(({ object, message, cure }) => [object, message, cure]);
}

const site = (options: object): object => ({
  sites: { x: { listen: [80], routes: { '/': FILES }, ...options } },
});
const route = (options: unknown): object => site({ routes: { '/a': options } });
const listen = (entry: unknown): object => site({ listen: [entry] });
const upstream = (options: object): object => ({
  ...site({}),
  upstreams: { b: { servers: ['http://10.0.0.1'], ...options } },
});
const proxy = (options: object): object => ({
  ...upstream({}),
  ...route({ ...PROXY, ...options }),
});
const LISTEN = 'sites.x.listen[0]';
const ROUTE = 'sites.x.routes["/a"]';

/** The input, the object that is named, a part of the message, a part of the cure. */
const WRONG: readonly (readonly [string, unknown, string, RegExp, RegExp])[] = [
  ['nothing', undefined, '', /Expected an object, got undefined/, /./],
  ['null', null, '', /got null/, /./],
  ['a list', [], '', /got a list/, /./],
  ['no sites', {}, '', /Missing key "sites"/, /Add sites: \{ "\*": \{ "listen": \[8080\]/],
  ['empty sites', { sites: {} }, 'sites', /There is no site/, /Add one/],
  ['a misspelt key at the top', { ...site({}), thraeds: 1 }, 'thraeds', /Unknown key/, /"threads"/],
  ['half a thread', { ...site({}), threads: 1.5 }, 'threads', /whole number.*got 1.5/, /./],
  ['no thread', { ...site({}), threads: 0 }, 'threads', /0 is out of range/, /from 1 to 1024/],
  ['not a number of threads', { ...site({}), threads: Number.NaN }, 'threads', /got NaN/, /./],
  [
    'threads in words',
    { ...site({}), threads: 'yes' },
    'threads',
    /got "yes"/,
    /^Write a whole number from 1 to 1024, or "auto"$/,
  ],
  [
    'a negative duration',
    { ...site({}), limits: { headTimeout: '-1s' } },
    'limits.headTimeout',
    /got "-1s"/,
    /not negative/,
  ],
  [
    'a duration with an exponent',
    { ...site({}), limits: { headTimeout: '-1e3s' } },
    'limits.headTimeout',
    /got "-1e3s"/,
    /./,
  ],
  [
    'a time limit of nothing',
    { ...site({}), limits: { headTimeout: '0s' } },
    'limits.headTimeout',
    /out of range/,
    /at least 1ms/,
  ],
  [
    'a negative size',
    { ...site({}), limits: { headLimit: '-1KiB' } },
    'limits.headLimit',
    /got "-1KiB"/,
    /./,
  ],
  [
    'a size in bytes without a unit',
    site({ bodyLimit: 1000 }),
    'sites.x.bodyLimit',
    /got 1000/,
    /64KiB/,
  ],
  [
    'a size in thousands',
    site({ bodyLimit: '1MB' }),
    'sites.x.bodyLimit',
    /got "1MB"/,
    /^Write "1MiB"$/,
  ],
  [
    'no listen address',
    { sites: { x: { routes: {} } } },
    'sites.x',
    /Missing key "listen"/,
    /Add listen/,
  ],
  ['an empty listen', site({ listen: [] }), 'sites.x.listen', /0 of at least 1/, /port or address/],
  [
    'listen without a list',
    site({ listen: 80 }),
    'sites.x.listen',
    /Expected a list, got 80/,
    /^Put it in brackets: \[80\]$/,
  ],
  ['a port that is too high', listen(65536), LISTEN, /65536 is out of range/, /0 to 65535/],
  ['a negative port', listen(-1), LISTEN, /-1 is out of range/, /./],
  ['a broken port', listen(80.5), LISTEN, /whole number/, /./],
  [
    'a port out of range after an address',
    listen('127.0.0.1:70000'),
    LISTEN,
    /Port 70000 is out of range/,
    /65535/,
  ],
  [
    'an impossible address',
    listen('999.0.0.1:80'),
    LISTEN,
    /neither an IP address nor a host name/,
    /127.0.0.1/,
  ],
  [
    'a unix socket with a long path',
    listen(`unix:/${'x'.repeat(107)}`),
    LISTEN,
    /too long: 108 bytes/,
    /shorter/,
  ],
  ['a relative unix socket', listen('unix:x.sock'), LISTEN, /must be absolute/, /unix:\/run/],
  ['an empty listen object', listen({}), LISTEN, /neither a port nor an address/, /Add port/],
  [
    'a port twice',
    listen({ port: 80, address: '127.0.0.1:81' }),
    `${LISTEN}.port`,
    /says where to listen already/,
    /Remove/,
  ],
  [
    'a port and a unix socket',
    listen({ port: 80, address: 'unix:/x' }),
    `${LISTEN}.port`,
    /already/,
    /Remove/,
  ],
  [
    'a bad address in an object',
    listen({ port: 80, address: 'a b' }),
    `${LISTEN}.address`,
    /neither/,
    /./,
  ],
  [
    'a misspelt listen option',
    listen({ port: 80, defualt: true }),
    `${LISTEN}.defualt`,
    /Unknown key/,
    /"default"/,
  ],
  [
    'a site name with a port',
    { sites: { 'x.com:80': { listen: [80], routes: {} } } },
    'sites["x.com:80"]',
    /has a port/,
    /listen/,
  ],
  [
    'a site name that is none',
    { sites: { 'x y': { listen: [80], routes: {} } } },
    'sites["x y"]',
    /not the name of a host/,
    /./,
  ],
  [
    'a site name in letters of its own',
    { sites: { 대문: { listen: [80], routes: {} } } },
    'sites["대문"]',
    /not ASCII/,
    /xn--/,
  ],
  [
    'a site name with a broken regex',
    { sites: { '~(': { listen: [80], routes: {} } } },
    'sites["~("]',
    /not valid: Unterminated group/,
    /./,
  ],
  [
    'an alias with a broken regex',
    site({ serverNames: ['~['] }),
    'sites.x.serverNames[0]',
    /Unterminated character class/,
    /./,
  ],
  [
    'an alias that is the name already',
    site({ serverNames: ['X'] }),
    'sites.x.serverNames[0]',
    /name "x" twice/,
    /Remove/,
  ],
  [
    'a site without routes',
    { sites: { x: { listen: [80] } } },
    'sites.x',
    /Missing key "routes"/,
    /Add routes/,
  ],
  [
    'a route pattern that is none',
    site({ routes: { a: FILES } }),
    'sites.x.routes.a',
    /not the pattern of a route/,
    /"\/path"/,
  ],
  [
    'a star in the middle',
    site({ routes: { '/a*b': FILES } }),
    'sites.x.routes["/a*b"]',
    /no pattern can have/,
    /star/,
  ],
  [
    'a route with a broken regex',
    site({ routes: { '~ (': FILES } }),
    'sites.x.routes["~ ("]',
    /not valid: Unterminated group/,
    /JavaScript/,
  ],
  [
    'an empty regex',
    site({ routes: { '~ ': FILES } }),
    'sites.x.routes["~ "]',
    /is empty/,
    /tilde/,
  ],
  [
    'an ending of nothing',
    site({ routes: { '*.': FILES } }),
    'sites.x.routes["*."]',
    /not a file ending/,
    /\*\.php/,
  ],
  [
    'two spellings of one route',
    site({ routes: { '/': FILES, '/*': FILES } }),
    'sites.x.routes["/*"]',
    /same requests/,
    /Remove/,
  ],
  ['a route with no action', route({}), ROUTE, /does nothing/, /"files"/],
  [
    'a route with two actions',
    { ...upstream({}), ...route({ ...FILES, ...PROXY }) },
    ROUTE,
    /both "files" and "proxy"/,
    /one of them/,
  ],
  ['a misspelt action', route({ file: 'public' }), `${ROUTE}.file`, /none of the keys/, /"files"/],
  ['a route that is a text', route('public'), ROUTE, /Expected a route/, /./],
  [
    'an unknown upstream',
    { ...upstream({}), ...route({ proxy: 'bb' }) },
    `${ROUTE}.proxy`,
    /no upstream "bb"/,
    /Did you mean "b"\?/,
  ],
  [
    'an upstream without any',
    route(PROXY),
    `${ROUTE}.proxy`,
    /no upstream "b"/,
    /Add "b" to upstreams/,
  ],
  [
    'an upstream called like what every object has',
    { ...upstream({}), ...route({ proxy: 'constructor' }) },
    `${ROUTE}.proxy`,
    /no upstream "constructor"/,
    /Known are "b"/,
  ],
  [
    'a missing root directory',
    route({ files: 'publik' }),
    `${ROUTE}.files`,
    /no directory \/etc\/daemun\/publik/,
    /Create/,
  ],
  [
    'a root that is a file',
    route({ files: 'index.html' }),
    `${ROUTE}.files`,
    /is a file, a directory is needed/,
    /directory/,
  ],
  [
    'an index with a slash',
    route({ ...FILES, index: ['a/b'] }),
    `${ROUTE}.index[0]`,
    /not a file name/,
    /./,
  ],
  [
    'an encoding that nobody knows',
    route({ ...FILES, precompressed: ['gz'] }),
    `${ROUTE}.precompressed[0]`,
    /got "gz"/,
    /"gzip"/,
  ],
  [
    'a status before the end of tryFiles',
    route({ ...FILES, tryFiles: ['=404', '/x'] }),
    `${ROUTE}.tryFiles[0]`,
    /before the end/,
    /last/,
  ],
  [
    'a named location in tryFiles',
    route({ ...FILES, tryFiles: ['$uri', '@app'] }),
    `${ROUTE}.tryFiles[1]`,
    /There are no named locations such as "@app" in this version/,
    /"\/app\$uri" and a route "\/app\/\*"/,
  ],
  [
    'tryFiles without a fallback',
    route({ ...FILES, tryFiles: ['$uri'] }),
    `${ROUTE}.tryFiles`,
    /1 of at least 2/,
    /fallback/,
  ],
  [
    'a media type that is none',
    route({ ...FILES, types: { x: 'html' } }),
    `${ROUTE}.types.x`,
    /not a media type/,
    /text\/html/,
  ],
  [
    'a file ending with its dot',
    route({ ...FILES, types: { 'tar.gz': 'a/b' } }),
    `${ROUTE}.types["tar.gz"]`,
    /"tar\.gz" has a dot inside.*the last dot/,
    /^Write "gz"$/,
  ],
  [
    'an ending with its dot',
    route({ ...FILES, types: { '.x': 'a/b' } }),
    `${ROUTE}.types[".x"]`,
    /not a file ending/,
    /without its dot/,
  ],
  [
    'a charset that is switched on',
    route({ ...FILES, charset: true }),
    `${ROUTE}.charset`,
    /got true/,
    /./,
  ],
  [
    'a redirect with a status of another kind',
    route({ redirect: '/x', status: 200 }),
    `${ROUTE}.status`,
    /got 200/,
    /308/,
  ],
  [
    'a redirect to nowhere',
    route({ redirect: 'example.com' }),
    `${ROUTE}.redirect`,
    /neither an address nor a path/,
    /https/,
  ],
  [
    'a redirect that splits the answer',
    route({ redirect: '/x\r\nSet-Cookie: a=b' }),
    `${ROUTE}.redirect`,
    /cannot hold "\\r"/,
    /./,
  ],
  [
    'an answer below 200',
    route({ respond: 100 }),
    `${ROUTE}.respond`,
    /out of range/,
    /200 to 599/,
  ],
  ['a body for 204', route({ respond: 204, body: 'x' }), `${ROUTE}.body`, /204 has no body/, /./],
  [
    'a header that splits the answer',
    site({ headers: { set: { 'X-A': 'a\nb' } } }),
    'sites.x.headers.set["X-A"]',
    /cannot hold "\\n"/,
    /./,
  ],
  [
    'a header name that is none',
    site({ headers: { set: { 'X A': 'a' } } }),
    'sites.x.headers.set["X A"]',
    /not the name of a header field/,
    /./,
  ],
  [
    'an error page for a success',
    site({ errorPages: { 200: '/x' } }),
    'sites.x.errorPages["200"]',
    /no status that an error page/,
    /300 to 599/,
  ],
  [
    'an error page without its slash',
    site({ errorPages: { 404: 'x.html' } }),
    'sites.x.errorPages["404"]',
    /not a path on the site/,
    /slash/,
  ],
  [
    'a log format that is none',
    site({ accessLog: { path: 'off', format: 'combned' } }),
    'sites.x.accessLog.format',
    /no format/,
    /combined/,
  ],
  [
    'a log level that is none',
    site({ errorLog: { path: 'off', level: 'warning' } }),
    'sites.x.errorLog.level',
    /got "warning"/,
    /"warn"/,
  ],
  [
    'an upstream without servers',
    upstream({ servers: [] }),
    'upstreams.b.servers',
    /0 of at least 1/,
    /Add a server/,
  ],
  [
    'the same peer twice',
    upstream({ servers: ['http://10.0.0.1', { url: 'http://10.0.0.1:80/' }] }),
    'upstreams.b.servers[1]',
    /server 10.0.0.1:80 twice/,
    /weight/,
  ],
  [
    'a peer with a path',
    upstream({ servers: ['http://10.0.0.1/app'] }),
    'upstreams.b.servers[0]',
    /has no path/,
    /uri/,
  ],
  [
    'a peer over TLS',
    upstream({ servers: ['https://10.0.0.1'] }),
    'upstreams.b.servers[0]',
    /https are not available in this version/,
    /http:/,
  ],
  [
    'a peer over FastCGI',
    upstream({ servers: [{ url: 'fastcgi://10.0.0.1:9000' }] }),
    'upstreams.b.servers[0].url',
    /fastcgi are not available/,
    /./,
  ],
  [
    'options of AJP without a server that speaks it',
    upstream({ servers: ['http://10.0.0.1'], ajp: { secret: 'x' } }),
    'upstreams.b.ajp',
    /No server of this upstream speaks AJP/,
    /ajp:/,
  ],
  [
    'a weight of nothing',
    upstream({ servers: [{ url: 'http://10.0.0.1', weight: 0 }] }),
    'upstreams.b.servers[0].weight',
    /0 is out of range/,
    /1 to 65535/,
  ],
  [
    'a balance that is none',
    upstream({ balance: 'lest-connections' }),
    'upstreams.b.balance',
    /got "lest-connections"/,
    /"least-connections"/,
  ],
  [
    'a misspelt upstream option',
    upstream({ balence: 'round-robin' }),
    'upstreams.b.balence',
    /Unknown key/,
    /"balance"/,
  ],
  [
    'a network that is none',
    { ...site({}), trustedProxies: ['10.0.0.0/33'] },
    'trustedProxies[0]',
    /prefix/,
    /10.0.0.0\/8/,
  ],
  [
    'two words about Host',
    proxy({ hostHeader: 'a', preserveHost: true }),
    `${ROUTE}.preserveHost`,
    /Both hostHeader and preserveHost/,
    /Remove/,
  ],
  [
    'a replacement path with a query',
    proxy({ uri: '/a?b' }),
    `${ROUTE}.uri`,
    /not the path of a request/,
    /no query/,
  ],
  [
    'a condition that is none',
    proxy({ nextUpstream: { conditions: ['http-501'] } }),
    `${ROUTE}.nextUpstream.conditions[0]`,
    /got "http-501"/,
    /"http-50/,
  ],
  [
    'a spool directory that is not there',
    proxy({ bodySpool: { directory: '/none' } }),
    `${ROUTE}.bodySpool.directory`,
    /no directory \/none/,
    /./,
  ],
];
for (const [what, input, object, message, cure] of WRONG)
  test(`wrong: ${what}`, () => {
    const problems = problemsOf(input);
    assert.equal(problems.length, 1, JSON.stringify(problems));
    assert.equal(problems[0]?.[0], object);
    assert.match(problems[0][1], message);
    assert.match(problems[0][2], cure);
  });

test('a certificate that is not there is one problem', () => {
  const tls = { certificate: 'none.pem', key: 'index.html' };
  const problems = problemsOf(listen({ port: 443, tls }));
  assert.deepEqual(
    problems.map(([object]) => object),
    [`${LISTEN}.tls.certificate`],
  );
  assert.match(problems[0]?.[1] ?? '', /There is no file .*none\.pem/);
});

test('everything that is wrong is told at once, whatever else is', () => {
  const input = {
    threads: 0,
    upstreams: { b: { servers: ['http://10.0.0.1', 'http://10.0.0.1'], sticky: '' } },
    sites: {
      x: { listen: [80, 70000], default: true, routes: { '/': { files: 'none', index: 1 } } },
      y: { listen: [80], default: true, serverNames: ['x'], routes: { '~ (': { proxy: 'c' } } },
    },
  };
  assert.deepEqual(
    problemsOf(input)
      .map(([object]) => object)
      .toSorted(),
    [
      'sites.x.listen[1]',
      'sites.x.routes["/"].files',
      'sites.x.routes["/"].index',
      'sites.y.default',
      'sites.y.routes["~ ("]',
      'sites.y.routes["~ ("].proxy',
      'sites.y.serverNames[0]',
      'threads',
      'upstreams.b.servers[1]',
      'upstreams.b.sticky',
    ],
  );
});

test('a configuration that holds itself is refused, not followed for ever', () => {
  const loop: Record<string, unknown> = { listen: [80], routes: {} };
  loop['headers'] = loop;
  assert.ok(problemsOf({ sites: { x: loop } }).length > 0);
});
