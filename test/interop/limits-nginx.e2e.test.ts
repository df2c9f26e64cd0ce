/** Limits: the same configuration to nginx and to us, the same requests in the same order, the same answers. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { needs, peerPath } from '../support/needs.ts';
import { freePort, startDaemun, startNginx, temporaryDirectory } from '../support/process.ts';
import { type RawAnswer, RawClient } from '../support/raw-client.ts';

interface Both {
  readonly nginx: RawClient;
  readonly daemun: RawClient;
  readonly ports: readonly [number, number];
  /** What each logged of its requests: status and what limits came to. */
  readonly logs: () => readonly [string, string];
  /** Levels of what limits told, in order. */
  readonly levels: () => readonly [readonly string[], readonly string[]];
}

interface Given {
  /** Directives of nginx at the level `http`. */
  readonly http: string;
  /** And of its location. */
  readonly location: string;
  readonly top: object;
  readonly route: object;
  readonly more?: { readonly locations: string; readonly routes: object };
}

const FORMAT = '$request_method $uri $status $limit_req_status $limit_conn_status';

async function both(t: TestContext, given: Given): Promise<Both> {
  const [nginxPort, daemunPort] = [await freePort(), await freePort()];
  const root = temporaryDirectory();
  for (const name of ['a', 'b', 'page']) writeFileSync(join(root, name), name);
  const nginx = await startNginx(
    peerPath('nginx') ?? 'nginx',
    nginxPort,
    `log_format limits '${FORMAT}'; error_log {dir}/limits.log info;
     ${given.http}
     server { listen 127.0.0.1:${nginxPort}; root ${root}; access_log {dir}/requests.log limits;
       location / { ${given.location} } ${given.more?.locations ?? ''} }`,
  );
  t.after(() => nginx.stop());
  const own = temporaryDirectory();
  const daemun = await startDaemun(daemunPort, {
    threads: 1,
    logs: {
      access: { path: join(own, 'requests.log'), format: FORMAT, buffer: '0B' },
      error: { path: join(own, 'limits.log'), level: 'info' },
    },
    ...given.top,
    sites: {
      '*': {
        listen: [`127.0.0.1:${daemunPort}`],
        routes: {
          '/': { files: root, ...given.route },
          ...Object.fromEntries(
            Object.entries(given.more?.routes ?? {}).map(([pattern, route]: [string, object]) => [
              pattern,
              'files' in route ? { ...route, files: root } : route,
            ]),
          ),
        },
      },
    },
  });
  t.after(() => daemun.stop());
  const clients = { nginx: new RawClient(nginxPort), daemun: new RawClient(daemunPort) };
  t.after(() => {
    clients.nginx.close();
    clients.daemun.close();
  });
  const read = (name: string): readonly [string, string] => [
    readFileSync(join(nginx.directory, name), 'latin1'),
    readFileSync(join(own, name), 'latin1'),
  ];
  // Starting looks whether anybody listens; nginx writes a line of it.
  const linesOf = (log: string): string =>
    log
      .split('\n')
      .filter((line) => / \/\S* \d+ /.test(line))
      .join('\n');
  const levelsOf = (log: string): readonly string[] =>
    log
      .split('\n')
      .filter((line) => /limiting|delaying|-limited|delayed|refused:/.test(line))
      .map((line) => /\[(\w+)\]/.exec(line)?.[1] ?? '');
  return {
    ...clients,
    ports: [nginxPort, daemunPort],
    logs: () => {
      const [theirs, ours] = read('requests.log');
      return [linesOf(theirs), linesOf(ours)];
    },
    levels: () => {
      const [theirs, ours] = read('limits.log');
      return [levelsOf(theirs), levelsOf(ours)];
    },
  };
}

/** Both told the same, as gravely; answers it when both have told all. */
async function sameLevels(pair: Both): Promise<readonly string[]> {
  const told = (): boolean => {
    const [theirs, ours] = pair.levels();
    return theirs.length === ours.length;
  };
  await eventually('as many lines in both error logs', told);
  const [theirs, ours] = pair.levels();
  assert.deepEqual(ours, theirs);
  return ours;
}

function get(target = '/a', method = 'GET'): string {
  return `${method} ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;
}

function factsOf({ status, body }: RawAnswer): readonly [number, string] {
  return [status, status === 200 ? body.toString('latin1') : ''];
}

/** Sends requests to both, one after the other or pipelined, and returns the statuses after comparing all. */
async function same(
  pair: Both,
  requests: readonly string[],
  { pipelined = false } = {},
): Promise<readonly number[]> {
  const ask = async (client: RawClient): Promise<readonly RawAnswer[]> => {
    if (pipelined) return Promise.all(requests.map((request) => client.ask(request)));
    const answers: RawAnswer[] = [];
    for (const request of requests) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      answers.push(await client.ask(request));
    }
    return answers;
  };
  const [theirs, ours] = await Promise.all([ask(pair.nginx), ask(pair.daemun)]);
  assert.deepEqual(ours.map(factsOf), theirs.map(factsOf));
  await eventually('the same lines in the logs', () => {
    const [left, right] = pair.logs();
    return left === right;
  }).catch(() => {
    const [left, right] = pair.logs();
    assert.equal(right, left);
  });
  return theirs.map(({ status }) => status);
}

const ZONE = 'limit_req_zone $remote_addr zone=z:1m rate=1r/m;';
const RATE_ZONES = { rateZones: { z: { key: '$remote_addr', rate: '1r/m', size: '1MiB' } } };

function rated(location: string, route: object): Given {
  return { http: ZONE, location, top: RATE_ZONES, route };
}

const [NO, YES] = [503, 200];
const RATES: readonly (readonly [string, string, object, readonly number[]])[] = [
  ['no burst', 'limit_req zone=z;', { limitRequests: [{ zone: 'z' }] }, [YES, NO, NO]],
  [
    'a burst of 1 without delay',
    'limit_req zone=z burst=1 nodelay;',
    { limitRequests: [{ zone: 'z', burst: 1, noDelay: true }] },
    [YES, YES, NO, NO],
  ],
  [
    'a burst of 5 without delay',
    'limit_req zone=z burst=5 nodelay;',
    { limitRequests: [{ zone: 'z', burst: 5, noDelay: true }] },
    [YES, YES, YES, YES, YES, YES, NO, NO],
  ],
  [
    'a delay as large as the burst',
    'limit_req zone=z burst=2 delay=2;',
    { limitRequests: [{ zone: 'z', burst: 2, delay: 2 }] },
    [YES, YES, YES, NO],
  ],
  [
    'another status',
    'limit_req zone=z burst=1 nodelay; limit_req_status 429;',
    { limitRequests: [{ zone: 'z', burst: 1, noDelay: true }], limitStatus: 429 },
    [YES, YES, 429, 429],
  ],
  [
    'a dry run',
    'limit_req zone=z burst=1; limit_req_dry_run on;',
    { limitRequests: [{ zone: 'z', burst: 1 }], limitDryRun: true },
    [YES, YES, YES, YES],
  ],
  [
    'the level info',
    'limit_req zone=z burst=1 nodelay; limit_req_log_level info;',
    { limitRequests: [{ zone: 'z', burst: 1, noDelay: true }], limitLogLevel: 'info' },
    [YES, YES, NO],
  ],
  [
    'a dry run at the level notice',
    'limit_req zone=z burst=1; limit_req_dry_run on; limit_req_log_level notice;',
    { limitRequests: [{ zone: 'z', burst: 1 }], limitDryRun: true, limitLogLevel: 'notice' },
    [YES, YES, YES],
  ],
];

describe('limits as nginx has them', { skip: needs('nginx') }, () => {
  for (const [what, location, route, expected] of RATES)
    for (const pipelined of [false, true])
      test(`rates: ${what}${pipelined ? ', pipelined' : ''}`, async (t) => {
        const pair = await both(t, rated(location, route));
        const statuses = await same(
          pair,
          expected.map(() => get()),
          { pipelined },
        );
        assert.deepEqual(statuses, expected);
        await sameLevels(pair);
      });

  test('what waits is answered in its turn', async (t) => {
    const pair = await both(t, {
      http: 'limit_req_zone $remote_addr zone=z:1m rate=5r/s;',
      location: 'limit_req zone=z burst=3;',
      top: { rateZones: { z: { key: '$remote_addr', rate: '5r/s' } } },
      route: { limitRequests: [{ zone: 'z', burst: 3 }] },
    });
    // The second comes with the first; what its answer lasts is a turn, whatever the clock says.
    await same(pair, [get(), get('/b')], { pipelined: true });
    assert.deepEqual(await sameLevels(pair), ['warn']);
    assert.match(pair.logs()[1], /\/b 200 DELAYED -/);
  });

  test('HEAD, errors and other methods count as GET does', async (t) => {
    const pair = await both(
      t,
      rated('limit_req zone=z burst=3 nodelay;', {
        limitRequests: [{ zone: 'z', burst: 3, noDelay: true }],
      }),
    );
    const requests = [
      get('/a', 'HEAD'),
      get('/nothing'),
      get('/a', 'DELETE'),
      get(),
      get(),
      get('/a', 'HEAD'),
    ];
    assert.deepEqual(await same(pair, requests), [200, 404, 405, 200, 503, 503]);
  });

  test('an error page answers for what is refused and is not counted again', async (t) => {
    const limited = { limitRequests: [{ zone: 'z', burst: 1, noDelay: true }] };
    const pair = await both(
      t,
      rated('limit_req zone=z burst=1 nodelay; error_page 503 /page;', {
        ...limited,
        errorPages: { 503: '/page' },
      }),
    );
    const ask = async (client: RawClient): Promise<readonly (readonly [number, string])[]> => {
      const answers: (readonly [number, string])[] = [];
      for (let i = 0; i < 4; i++) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { status, body } = await client.ask(get());
        answers.push([status, body.toString('latin1')]);
      }
      return answers;
    };
    const [theirs, ours] = [await ask(pair.nginx), await ask(pair.daemun)];
    assert.deepEqual(ours, theirs);
    assert.deepEqual(ours, [
      [200, 'a'],
      [200, 'a'],
      [503, 'page'],
      [503, 'page'],
    ]);
  });

  test('444 closes the connection', async (t) => {
    const pair = await both(
      t,
      rated('limit_req zone=z; limit_req_status 444;', {
        limitRequests: [{ zone: 'z' }],
        limitStatus: 444,
      }),
    );
    await same(pair, [get()]);
    await assert.rejects(pair.nginx.ask(get()));
    await assert.rejects(pair.daemun.ask(get()));
  });

  test('several limits: a request must be within all, and is counted in none if one refuses', async (t) => {
    const pair = await both(t, {
      http: `limit_req_zone $remote_addr zone=wide:1m rate=1r/m;
        limit_req_zone $uri zone=narrow:1m rate=1r/m;`,
      location: 'limit_req zone=wide burst=3 nodelay; limit_req zone=narrow burst=1 nodelay;',
      top: {
        rateZones: {
          wide: { key: '$remote_addr', rate: '1r/m' },
          narrow: { key: '$uri', rate: '1r/m' },
        },
      },
      route: {
        limitRequests: [
          { zone: 'wide', burst: 3, noDelay: true },
          { zone: 'narrow', burst: 1, noDelay: true },
        ],
      },
    });
    const requests = [get(), get(), get(), get(), get('/b'), get('/b'), get('/b'), get('/page')];
    const statuses = await same(pair, requests);
    assert.deepEqual(statuses, [200, 200, 503, 503, 200, 200, 503, 503]);
  });

  test('a key that is empty is not counted, a long one whole', async (t) => {
    const pair = await both(t, {
      http: 'limit_req_zone $http_x_key zone=z:1m rate=1r/m;',
      location: 'limit_req zone=z;',
      top: { rateZones: { z: { key: '$http_x_key', rate: '1r/m' } } },
      route: { limitRequests: [{ zone: 'z' }] },
    });
    const keyed = (key: string): string => `GET /a HTTP/1.1\r\nHost: x\r\nX-Key: ${key}\r\n\r\n`;
    const long = 'x'.repeat(300);
    const requests = [
      get(),
      get(),
      keyed(''),
      keyed('k'),
      keyed('k'),
      keyed(`${long}1`),
      keyed(`${long}2`),
      keyed(`${long}1`),
    ];
    assert.deepEqual(await same(pair, requests), [200, 200, 200, 200, 503, 200, 200, 503]);
  });

  test('locations inherit, or have their own', async (t) => {
    const pair = await both(t, {
      http: `${ZONE} limit_req zone=z burst=1 nodelay;`,
      location: '',
      top: RATE_ZONES,
      route: { limitRequests: [{ zone: 'z', burst: 1, noDelay: true }] },
      more: {
        locations: 'location = /b { limit_req zone=z burst=2 nodelay; limit_req_status 429; }',
        routes: {
          '/b': {
            files: 'ROOT',
            limitRequests: [{ zone: 'z', burst: 2, noDelay: true }],
            limitStatus: 429,
          },
        },
      },
    });
    const targets = ['/a', '/b', '/b', '/b', '/a'];
    assert.deepEqual(
      await same(
        pair,
        targets.map((target) => get(target)),
      ),
      [200, 200, 200, 429, 503],
    );
  });

  for (const dryRun of [false, true])
    test(`requests under way: as many as the limit says${dryRun ? ', in a dry run' : ''}`, async (t) => {
      const held: ServerResponse[] = [];
      const back = createServer((_request, response) => {
        held.push(response);
      });
      await new Promise<void>((done) => {
        back.listen(0, '127.0.0.1', done);
      });
      t.after(() => {
        back.closeAllConnections();
        back.close();
      });
      const { port } = back.address() as AddressInfo;
      const pair = await both(t, {
        http: 'limit_conn_zone $remote_addr zone=c:1m;',
        location: `limit_conn c 2; limit_conn_status 429; limit_conn_log_level warn; proxy_pass http://127.0.0.1:${port};
          ${dryRun ? 'limit_conn_dry_run on;' : ''}`,
        top: {
          connectionZones: { c: { key: '$remote_addr', size: '1MiB' } },
          upstreams: { b: { servers: [`http://127.0.0.1:${port}`] } },
        },
        route: {},
        more: {
          locations: '',
          routes: {
            '/': {
              proxy: 'b',
              limitConnections: [{ zone: 'c', max: 2 }],
              limitStatus: { connections: 429 },
              limitLogLevel: { connections: 'warn' },
              ...(dryRun ? { limitDryRun: { connections: true } } : {}),
            },
          },
        },
      });
      for (const [at, clientPort] of pair.ports.entries()) {
        const clients = Array.from({ length: 3 }, () => new RawClient(clientPort));
        // One that waits between two requests does not count, nor does one that has sent nothing.
        const waiting = clients.map((client, index) => client.ask(get(`/${index}`)));
        // oxlint-disable no-await-in-loop -- one server after the other
        if (dryRun) {
          await eventually('all three', () => held.length === 3);
        } else {
          await eventually('two', () => held.length === 2);
          assert.equal((await Promise.race(waiting)).status, 429, `server ${at}`);
        }
        for (const response of held.splice(0)) response.end('in');
        const statuses = (await Promise.all(waiting))
          .map(({ status }) => status)
          .toSorted((a, b) => a - b);
        assert.deepEqual(statuses, dryRun ? [200, 200, 200] : [200, 200, 429], `server ${at}`);
        // They are over, so the next is let in.
        const again = clients[0]?.ask(get('/again'));
        await eventually('another one', () => held.length === 1);
        for (const response of held.splice(0)) response.end('in');
        assert.equal((await again)?.status, 200);
        // oxlint-enable no-await-in-loop
        for (const client of clients) client.close();
      }
      const outcomes = (log: string): readonly string[] =>
        log
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => line.split(' ').slice(2).join(' '))
          .toSorted();
      await eventually('the lines of the logs', () =>
        pair.logs().every((log) => outcomes(log).length === 4),
      );
      const [theirs, ours] = pair.logs();
      assert.deepEqual(outcomes(ours), outcomes(theirs));
      assert.deepEqual(await sameLevels(pair), ['warn']);
    });
});
