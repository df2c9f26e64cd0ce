// The table of what is measured, out of DESIGN.md section 5. A new row is an entry here and, for a kind of work that is
// new, a template for each peer that can do it: peers/<peer>/<work>.<extension>.

/** One column of a row: a peer and the work that its template configures it for. */
export interface Entrant {
  /** What the table prints and bars name; different from the peer where a row has it twice. */
  readonly label: string;
  readonly peer: string;
  /** Name of the template. */
  readonly work: string;
}

/**
 * What Daemun has to reach: `most` times what the entrant `of` needs, or, without `of`, `most` in the row's unit.
 */
export interface Bar {
  readonly most: number;
  readonly of?: string;
}

/**
 * What is measured: `requests`, CPU time for each finished one; `idle`, memory for each connection that has had its
 * answer and waits; `start`, memory of a server that has answered once.
 */
export type RowKind = 'requests' | 'idle' | 'start';

/** A line of the benchmark's table. */
export interface Row {
  /** What `--only` calls it. */
  readonly name: string;
  readonly title: string;
  readonly kind: RowKind;
  /** The file that is asked for, one of `BODIES`. */
  readonly file: string;
  readonly entrants: readonly Entrant[];
  readonly bars: readonly Bar[];
  /** What the entrants stand in front of, whose CPU time does not count. */
  readonly behind?: BackEnd;
  /** The entrant whose figure the ratios are to; `REFERENCE` unless said. */
  readonly reference?: string;
}

/** A server behind proxies, and what it speaks to them. */
export type BackEnd = 'http' | 'ajp';

/** As cheap a server as there is for each protocol. */
export const BACK_ENDS: Readonly<Record<BackEnd, Entrant>> = {
  http: { label: 'back end', peer: 'nginx', work: 'backend' },
  ajp: { label: 'back end', peer: 'tomcat', work: 'ajp-backend' },
};

/** What the figures of each kind count, as table and record print it. */
export const UNITS: Readonly<Record<RowKind, string>> = {
  requests: 'µs CPU/request',
  idle: 'bytes/connection',
  start: 'bytes',
};

/** The entrant whose figure the ratios of most rows are to. */
export const REFERENCE = 'nginx';

/** The entrant whose figures are held against the bars: this checkout's own server. */
export const SUBJECT = 'daemun';

const STATIC = entrants('static', 'nginx', 'apache2', 'daemun');
const PROXIES = entrants('proxy', 'nginx', 'haproxy', 'apache2', 'daemun');

/** All rows, in the order in which they are measured and printed. */
export const ROWS: readonly Row[] = [
  {
    name: 'static-1k',
    title: 'static 1 KiB',
    kind: 'requests',
    file: '1k.txt',
    entrants: [...STATIC, { label: 'node, a constant answer', peer: 'node', work: 'static' }],
    bars: [{ most: 0.9, of: 'nginx' }],
  },
  {
    name: 'static-100k',
    title: 'static 100 KiB',
    kind: 'requests',
    file: '100k.txt',
    entrants: STATIC,
    bars: [],
  },
  {
    name: 'static-10m',
    title: 'static 10 MiB',
    kind: 'requests',
    file: '10m.txt',
    entrants: [...STATIC, { label: 'nginx, sendfile off', peer: 'nginx', work: 'static-read' }],
    bars: [
      { most: 2, of: 'nginx' },
      { most: 1.2, of: 'nginx, sendfile off' },
    ],
  },
  {
    name: 'proxy-1k',
    title: 'proxied 1 KiB',
    kind: 'requests',
    file: '1k.txt',
    entrants: PROXIES,
    bars: [{ most: 1.2, of: 'nginx' }],
    behind: 'http',
  },
  {
    name: 'proxy-100k',
    title: 'proxied 100 KiB',
    kind: 'requests',
    file: '100k.txt',
    entrants: PROXIES,
    bars: [],
    behind: 'http',
  },
  {
    name: 'ajp-1k',
    title: 'over AJP to Tomcat, 1 KiB',
    kind: 'requests',
    file: '1k.txt',
    entrants: [
      { label: 'mod_proxy_ajp', peer: 'apache2', work: 'ajp' },
      { label: 'mod_jk', peer: 'apache2', work: 'ajp-jk' },
      { label: 'daemun', peer: 'daemun', work: 'ajp' },
    ],
    bars: [
      { most: 0.6, of: 'mod_proxy_ajp' },
      { most: 0.6, of: 'mod_jk' },
    ],
    behind: 'ajp',
    reference: 'mod_proxy_ajp',
  },
  {
    name: 'servlet-1k',
    title: 'servlet 1 KiB',
    kind: 'requests',
    file: '1k.txt',
    entrants: entrants('servlet', 'tomcat', 'daemun'),
    bars: [{ most: 0.6, of: 'tomcat' }],
    reference: 'tomcat',
  },
  {
    name: 'idle',
    title: 'idle keep-alive connection',
    kind: 'idle',
    file: '1k.txt',
    entrants: STATIC,
    bars: [{ most: 5 * 1024 }],
  },
  {
    name: 'start',
    title: 'memory after start',
    kind: 'start',
    file: '1k.txt',
    entrants: STATIC,
    bars: [],
  },
];

function entrants(work: string, ...peers: readonly string[]): readonly Entrant[] {
  return peers.map((peer) => ({ label: peer, peer, work }));
}
