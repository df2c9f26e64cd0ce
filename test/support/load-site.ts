// What servers under load serve: a site whose answers tell the configuration, one that never changes, files of two
// sizes, and a back end under two names.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { patternBytes } from './load-back-end.ts';
import { type Errand, GENERATION } from './load-clients.ts';

/** One of `sites`, as it is written to a file. */
export interface LoadSite {
  readonly listen: readonly unknown[];
  readonly [option: string]: unknown;
}

/** A configuration as it is written to a file. */
export interface LoadConfig {
  readonly threads: number;
  readonly upstreams: object;
  readonly sites: Readonly<Record<string, LoadSite>>;
  readonly [option: string]: unknown;
}

/** What differs between configurations beside their generation. */
export interface LoadParts {
  readonly threads: number;
  /** Port of the back end. */
  readonly back: number;
  /** Where the changing site listens; the other one has the first of them. */
  readonly listen: readonly string[];
}

const PAGE = 'a page of some length. '.repeat(500);
/** Bytes of `/files/big.bin`, which consists of the pattern of downloads. */
export const BIG = 8 * 1024 * 1024;
/** The site that changes with each configuration. */
export const MAIN = { host: 'main.test', tagged: true };
/** The other one, which every configuration has alike. */
export const STEADY = { host: 'steady.test', tagged: false };
/** Short requests of every kind, the same of both sites. */
export const ERRANDS: readonly Errand[] = [MAIN, STEADY].flatMap((site) => [
  { ...site, path: '/', answer: 'fixed' },
  { ...site, path: '/files/page.txt', answer: PAGE },
  { ...site, path: '/live/hello', answer: 'hello from behind' },
  { ...site, path: '/live/echo', body: PAGE, answer: PAGE },
  { ...site, path: '/other/hello', answer: 'hello from behind' },
]);

/** Writes the files of the sites below `directory`. */
export function makeLoadFiles(directory: string): void {
  mkdirSync(join(directory, 'files'));
  writeFileSync(join(directory, 'files/page.txt'), PAGE);
  writeFileSync(join(directory, 'files/big.bin'), patternBytes(0, BIG));
}

/** The configuration of a generation: header values and the weight of an upstream tell it. */
export function loadConfig(generation: number, { threads, back, listen }: LoadParts): LoadConfig {
  const proxied = { requestBody: 'stream', responseBody: 'stream', bodyLimit: '1GiB' };
  const routes = {
    '/': { respond: 200, body: 'fixed' },
    '/files/*': { files: '.' },
    '/live/*': { proxy: 'live', ...proxied },
    '/other/*': { proxy: 'other', bodyLimit: '1GiB', responseBody: 'stream' },
  };
  const url = `http://127.0.0.1:${back}`;
  const headers = { set: { [GENERATION]: String(generation) } };
  return {
    threads,
    logs: { access: 'access.log', error: 'error.log' },
    upstreams: {
      live: { servers: [url] },
      other: { servers: [{ url, weight: generation + 1 }] },
    },
    sites: {
      'main.test': { listen, default: true, headers, routes },
      'steady.test': { listen: listen.slice(0, 1), routes },
    },
  };
}
