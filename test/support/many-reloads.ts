// What is left behind by reloads: memory and descriptors of a server that was reloaded again and again.
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { get } from './cli-process.ts';
import { freePort } from './process.ts';
import { ServedConfig } from './served-config.ts';

/** Memory and descriptors at one moment; null where the system does not tell. */
export interface Footprint {
  readonly residentKib: number | null;
  readonly descriptors: number | null;
}

/** What a server held after its first reloads and after the last ones. */
export interface ReloadFootprints {
  readonly first: Footprint;
  /** After so many reloads, where that was asked for. */
  readonly between: ReadonlyMap<number, Footprint>;
  readonly last: Footprint;
}

/** What is done beside swaps, and when memory is looked at. */
export interface ReloadManner {
  /** Whether an address comes or goes at times, for which another process is started. True unless said. */
  readonly handOvers?: boolean;
  /** Reloads after which to look, beside the first ones and the last. */
  readonly looks?: readonly number[];
}

/** Reloads after which a server has what it keeps for good: compiled code, a heap of its usual size. */
const WARM_UP = 20;

/**
 * Reloads a configuration of `sites` sites `reloads` times. Every time all sites, upstreams and logs change, and
 * every twentieth time an address comes or goes; each site is proxied, so that connections to the back end are left behind.
 */
export async function reloadAgain(
  sites: number,
  reloads: number,
  { handOvers = true, looks = [] }: ReloadManner = {},
): Promise<ReloadFootprints> {
  const back = createServer((_request, response) => response.end('behind'));
  const backPort = await freePort();
  await new Promise<void>((resolve) => {
    back.listen(backPort, '127.0.0.1', resolve);
  });
  const extra = await freePort();
  const config = (generation: number): object =>
    configOf(generation, sites, backPort, handOvers ? extra : null);
  const server = await ServedConfig.start(config(0));
  let first: Footprint | null = null;
  const between = new Map<number, Footprint>();
  try {
    for (let generation = 1; generation <= WARM_UP + reloads; generation++) {
      // oxlint-disable no-await-in-loop -- one after the other
      const { taken, reasons } = await server.reload(config(generation));
      if (!taken) throw new Error(reasons);
      const host = { host: `s${generation % sites}.test` };
      const answer = await get(server.port, '/behind', host);
      if (answer.body !== 'behind') throw new Error(`${answer.status} ${answer.body}`);
      const { body } = await get(server.port, '/', host);
      if (body !== `generation ${generation}`) throw new Error(`${generation} was ${body}`);
      if (generation === WARM_UP) first = await settled(server);
      if (looks.includes(generation - WARM_UP))
        between.set(generation - WARM_UP, await settled(server));
      // oxlint-enable no-await-in-loop
    }
    const last = await settled(server);
    return { first: first ?? last, between, last };
  } finally {
    await server.stop();
    server.remove();
    back.close();
    back.closeAllConnections();
  }
}

/** The footprint once what was let go of is gone: connections end a moment after their reload. */
async function settled(server: ServedConfig): Promise<Footprint> {
  const now = (): Footprint => ({
    residentKib: server.residentKib,
    descriptors: server.descriptors,
  });
  let least = now();
  for (let i = 0; i < 10; i++) {
    // oxlint-disable-next-line no-await-in-loop -- a look now and then
    await delay(100);
    const { residentKib, descriptors } = now();
    if (residentKib === null || descriptors === null) return least;
    least = {
      residentKib: Math.min(least.residentKib ?? residentKib, residentKib),
      descriptors: Math.min(least.descriptors ?? descriptors, descriptors),
    };
  }
  return least;
}

function configOf(generation: number, count: number, back: number, extra: number | null): object {
  const sites: Record<string, object> = {};
  const more =
    extra === null || Math.floor(generation / 20) % 2 === 0 ? [] : [`127.0.0.1:${extra}`];
  for (let number = 0; number < count; number++) {
    sites[`s${number}.test`] = {
      listen: ['127.0.0.1:0', ...more],
      accessLog: `access-${generation % 4}.log`,
      headers: { set: { 'X-Generation': String(generation) } },
      routes: {
        '/': { respond: 200, body: `generation ${generation}` },
        '/behind': { proxy: 'back' },
        '/files/*': { files: '.' },
        '/old/*': { redirect: '/new$request_uri' },
      },
    };
  }
  const server = { url: `http://127.0.0.1:${back}`, weight: generation + 1 };
  return { threads: 2, logs: { access: 'off' }, upstreams: { back: { servers: [server] } }, sites };
}
