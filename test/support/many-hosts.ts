// Configurations of very many sites, and who asks all of them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RawClient } from './raw-client.ts';

/** What differs between two configurations of the same hosts. */
export interface ManyHosts {
  readonly count: number;
  /** Which generation the site of a number belongs to. */
  readonly generation: (site: number) => number;
  /** Port behind the proxy route; without it the sites have none. */
  readonly back?: number;
}

/** A file of every site that is not looked at again for an hour once it is in memory. */
export const WARM_PAGE = '/warm/page.txt';

/** Sites share them, each with the one of its number in turn. */
const UPSTREAMS = 100;

/** One site for each number, with routes of every kind; all of them on one address, in one web thread. */
export function manyHosts({ count, generation, back }: ManyHosts): object {
  const sites: Record<string, object> = {};
  for (let number = 0; number < count; number++) {
    const tag = generation(number);
    sites[nameOf(number)] = {
      listen: ['127.0.0.1:0'],
      headers: { set: { 'X-Generation': String(tag) } },
      routes: {
        '/': { respond: 200, body: answerOf(number, tag) },
        '/old/*': { redirect: '/new$request_uri', status: 301 },
        '/warm/*': { files: './pages', hotFiles: { revalidate: '1h' } },
        '/pages/*': { files: '.', cacheControl: 'max-age=60' },
        ...(back === undefined ? {} : { '/behind/*': { proxy: `back${number % UPSTREAMS}` } }),
      },
    };
  }
  const upstreams: Record<string, object> = {};
  if (back !== undefined) {
    const servers = [`http://127.0.0.1:${back}`];
    for (let number = 0; number < Math.min(count, UPSTREAMS); number++) {
      upstreams[`back${number}`] = { servers };
    }
  }
  const limits = { keepAliveRequests: 1_000_000 };
  return { threads: 1, logs: { access: 'off' }, limits, upstreams, sites };
}

/** Makes the files that the sites show. */
export function makePages(directory: string, page: string): void {
  mkdirSync(join(directory, 'pages/warm'), { recursive: true });
  writeFileSync(join(directory, 'pages/warm/page.txt'), page);
}

function nameOf(number: number): string {
  return `h${number}.example.test`;
}

function answerOf(number: number, generation: number): string {
  return `site ${number}, generation ${generation}`;
}

/** The host of a number is asked for a path; resolves to the body. */
export async function askHost(client: RawClient, number: number, path: string): Promise<string> {
  const answer = await client.ask(`GET ${path} HTTP/1.1\r\nHost: ${nameOf(number)}\r\n\r\n`);
  return answer.body.toString('latin1');
}

/** Asks every host; resolves to what was not answered as `hosts` says. */
export async function wrongHosts(port: number, hosts: ManyHosts): Promise<readonly string[]> {
  const client = new RawClient(port);
  const wrong: string[] = [];
  const batch = 200;
  for (let first = 0; first < hosts.count; first += batch) {
    const numbers = Array.from(
      { length: Math.min(batch, hosts.count - first) },
      (_, i) => first + i,
    );
    // oxlint-disable-next-line no-await-in-loop -- not more at a time than the server reads ahead
    const answers = await Promise.all(numbers.map((number) => askHost(client, number, '/')));
    for (const [at, number] of numbers.entries()) {
      const expected = answerOf(number, hosts.generation(number));
      if (answers[at] !== expected) wrong.push(`${expected} was answered by ${answers[at]}`);
    }
  }
  client.close();
  return wrong;
}
