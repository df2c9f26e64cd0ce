// DESIGN.md section 2, "Layout and who may import whom", as data. Where this file and that page disagree, one is wrong.

/** One row: what a part may reach beyond its own files and `node:` modules. */
export interface ImportRule {
  /**
   * Parts it may import, each through a door (`index.ts`). `a/b` allows that sub-folder, or the one file `a/b.ts`;
   * `a` allows everything below `a` as well.
   */
  readonly mayImport: readonly string[];
  /** npm packages it may import; `daemun` stands for the package's own public exports. */
  readonly packages?: readonly string[];
  /** It may import the `options.ts` of any part (configuration alone). */
  readonly reachesOptions?: true;
  /** It may import the doors of every part under src (what tests stand on). */
  readonly reachesEveryPart?: true;
  /** Only `import type`: nothing of the targets may be left at run time. */
  readonly typesOnly?: true;
  /** `node:` modules that would break its promise of no I/O, sockets or timers. */
  readonly forbiddenNode?: readonly string[];
}

const INPUT_OUTPUT = [
  'child_process',
  'cluster',
  'dgram',
  'dns',
  'fs',
  'http',
  'http2',
  'https',
  'net',
  'timers',
  'tls',
  'worker_threads',
];
const WEB = ['base', 'schema', 'http', 'zone', 'storage', 'pipeline'];

/**
 * The rows for folders under `src/`; the longest matching name wins, and `*` stands for one folder name.
 * `''` is the files directly in `src/`: the doors of the published package.
 */
export const SOURCE_RULES: Readonly<Record<string, ImportRule>> = {
  '': { mayImport: ['schema', 'http/message', 'pipeline', 'config', 'was/api'] },
  base: { mayImport: [] },
  schema: { mayImport: ['base'] },
  http: { mayImport: ['base'], forbiddenNode: INPUT_OUTPUT },
  wire: { mayImport: ['base', 'http/message'], forbiddenNode: INPUT_OUTPUT },
  zone: { mayImport: ['base', 'schema'] },
  storage: { mayImport: ['base', 'schema'] },
  net: { mayImport: ['base', 'schema', 'http', 'wire', 'zone'] },
  pipeline: { mayImport: ['base', 'schema', 'http', 'zone'] },
  web: { mayImport: WEB, packages: ['mime'] },
  proxy: { mayImport: [...WEB, 'wire', 'net'] },
  'was/api': { mayImport: [] },
  'was/jsp': { mayImport: ['base', 'was/api'] },
  'was/descriptor': { mayImport: ['base', 'schema', 'was/api'], packages: ['saxes'] },
  'was/session': { mayImport: ['base', 'schema', 'storage', 'was/api'] },
  'was/datasource': { mayImport: ['base', 'schema', 'storage', 'was/api'] },
  'was/container': {
    mayImport: ['base', 'schema', 'http', 'pipeline', 'was/api', 'was/descriptor', 'was/session'],
    packages: ['mime'],
  },
  'was/deploy': { mayImport: ['base', 'schema', 'storage', 'was/descriptor', 'was/container'] },
  runner: { mayImport: ['base', 'schema', 'net', 'storage'] },
  cluster: { mayImport: ['base', 'schema', 'net', 'storage'] },
  config: { mayImport: ['base', 'schema'], packages: ['yaml'], reachesOptions: true },
  'config/import/*': { mayImport: ['base', 'schema', 'config/native'] },
  // The types of what it says to a server process are all it knows of one.
  supervisor: { mayImport: ['base', 'schema', 'config', 'runner', 'server/port'] },
  server: {
    mayImport: [...WEB, 'wire', 'net', 'web', 'proxy', 'was', 'runner', 'cluster', 'config'],
  },
  admin: { mayImport: ['base', 'schema', 'http/message', 'pipeline', 'server/port'] },
  // The entry of the server process joins `server` to `admin`, which do not know each other.
  cli: {
    mayImport: ['base', 'schema', 'supervisor', 'server', 'config', 'admin', 'admin/contract'],
  },
};

/** The rows for folders beside `src/`; `test/support` and the like are named so that they may do more than a test. */
export const OUTSIDE_RULES: Readonly<Record<string, ImportRule>> = {
  console: { mayImport: ['admin/contract'], typesOnly: true },
  test: { mayImport: [], packages: ['daemun', 'fast-check'] },
  'test/support': { mayImport: [], packages: ['daemun', 'fast-check'], reachesEveryPart: true },
  'test/conformance': { mayImport: [], packages: ['daemun', 'fast-check'], reachesEveryPart: true },
  bench: { mayImport: [], packages: ['daemun'] },
  examples: { mayImport: [], packages: ['daemun'] },
  // Fuzzers drive the parts themselves, as tests do.
  fuzz: { mayImport: [], reachesEveryPart: true },
  tools: { mayImport: [], packages: ['oxc-parser'] },
};

/** What a unit test (`*.test.ts`) may import on top of its part's row: packages, and files by folder. */
export const UNIT_TESTS = {
  // Another reader of forms is what ours is compared with.
  packages: ['fast-check', '@fastify/busboy'],
  folders: ['test/support', 'test/conformance', 'fuzz'],
} as const;

/** Sub-folders with an `index.ts` of their own that others may use, beside the part's. */
export const DOORS: Readonly<Record<string, readonly string[]>> = {
  http: ['message', 'h1', 'h2', 'ws'],
  wire: ['ajp', 'fastcgi', 'scgi', 'uwsgi', 'proxy-protocol', 'client-hello'],
  was: ['api', 'container', 'descriptor', 'jsp', 'session', 'datasource', 'deploy'],
};
