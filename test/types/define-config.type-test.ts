// Checked by the compiler alone, never run: what must compile, and after `@ts-expect-error` what must not.
import { type Config, type ConfigInput, defineConfig } from 'daemun';

export const good: Config = defineConfig({
  threads: 2,
  upstreams: {
    shop: {
      servers: ['http://10.0.0.1:8080', { url: 'http://10.0.0.2:8080', weight: 2, route: 'b' }],
      balance: 'least-connections',
      sticky: 'JSESSIONID',
    },
  },
  limits: { headTimeout: '10s', headLimit: '16KiB' },
  sites: ({ files, proxy, redirect, respond }) => ({
    'example.com': {
      listen: [80, '[::1]:8080', { port: 8081, default: true }],
      serverNames: ['www.example.com', '~^img[0-9]+'],
      bodyLimit: '10MiB',
      errorPages: { 404: '/404.html', 500: { file: '/sorry.html', status: 200 } },
      routes: {
        '/': files('./public', { index: ['index.html'], precompressed: ['br', 'gzip'] }),
        '/shop/*': proxy('shop', { readTimeout: '30s', bodyLimit: '1MiB' }),
        '/old': redirect('https://example.com/new', { status: 308 }),
        '/health': respond(200, { body: 'ok', headers: { set: { 'Cache-Control': 'no-store' } } }),
        '*.php': { proxy: 'shop' },
      },
    },
  }),
});

export const typo = defineConfig({
  upstreams: { shop: { servers: ['http://127.0.0.1:1'] } },
  sites: ({ proxy, redirect }) => ({
    '*': {
      listen: [80],
      routes: {
        // @ts-expect-error there is no upstream of that name
        '/a': proxy('shpo'),
        // @ts-expect-error nor as plain data
        '/b': { proxy: 'shpo' },
        '/c': { proxy: 'shop' },
        '/d': proxy('shop', { readTimeout: '30s', bodyLimit: '1MiB' }),
        // @ts-expect-error no duration
        '/e': proxy('shop', { readTimeout: '30 seconds' }),
        // @ts-expect-error no size
        '/f': proxy('shop', { bodyLimit: 1_000_000 }),
        // @ts-expect-error misspelt option of a helper
        '/g': proxy('shop', { readTimeuot: '30s' }),
        // @ts-expect-error no status of a redirect
        '/h': redirect('/x', { status: 200 }),
        // @ts-expect-error two actions
        '/i': { proxy: 'shop', files: './x' },
      },
    },
  }),
});

// every key of `Config` but those that `defineConfig` types anew, so that a new one cannot be forgotten
const others: Required<Omit<Config, 'upstreams' | 'apps' | 'sites'>> = {
  threads: 'auto',
  logs: { access: 'off', error: { path: 'stderr', level: 'warn' } },
  rateZones: { perClient: { key: '$remote_addr', rate: '10r/s', size: '1MiB' } },
  connectionZones: { perClient: { key: '$remote_addr' } },
  limits: { headTimeout: '10s' },
  hotFileMemory: '128MiB',
  user: 'www-data',
  group: 'www-data',
  pidFile: '/run/daemun.pid',
  drainTimeout: '10m',
  shutdownDelay: '5s',
  stuckThreadTimeout: '30s',
  threadHeap: '512MiB',
  admin: { listen: '127.0.0.1:9000', tokenFile: './token' },
  trustedProxies: ['10.0.0.0/8'],
};
export const everyKey = defineConfig({ ...others, sites: () => ({}) });
export const hotFiles = defineConfig({ hotFileMemory: '128MiB', sites: () => ({}) });
export const wrongHotFiles = defineConfig({
  // @ts-expect-error no size
  hotFileMemory: 128,
  sites: () => ({}),
});
type KeysAreThoseOfConfig = keyof ConfigInput<never, never, object> extends keyof Config
  ? keyof Config extends keyof ConfigInput<never, never, object>
    ? true
    : never
  : never;
export const sameKeys: KeysAreThoseOfConfig = true;

// the order of the properties does not matter
export const order = defineConfig({
  sites: ({ proxy }) => ({
    '*': {
      listen: [80],
      routes: {
        '/a': proxy('shop'),
        // @ts-expect-error there is no upstream of that name
        '/c': proxy('gallery'),
      },
    },
  }),
  upstreams: { shop: { servers: [] } },
});

export const none = defineConfig({
  sites: ({ proxy }) => ({
    // @ts-expect-error no upstreams at all
    '*': { listen: [80], routes: { '/': proxy('x') } },
  }),
});

export const plain = defineConfig({
  upstreams: { b: { servers: ['http://127.0.0.1:9001'] } },
  sites: () => ({ '*': { listen: ['127.0.0.1:8080'], routes: { '/': { proxy: 'b' } } } }),
});
export const plainTypo = defineConfig({
  upstreams: { b: { servers: ['http://127.0.0.1:9001'] } },
  // @ts-expect-error there is no upstream of that name
  sites: () => ({ '*': { listen: ['127.0.0.1:8080'], routes: { '/': { proxy: 'c' } } } }),
});
export const misspelt = defineConfig({
  upstreams: {
    // @ts-expect-error
    b: { servers: [], balence: 'round-robin' },
  },
  sites: () => ({}),
});
export const wrongValue = defineConfig({
  upstreams: {
    // @ts-expect-error
    b: { servers: [], balance: 'lest-connections' },
  },
  sites: () => ({}),
});
export const wrongPeer = defineConfig({
  upstreams: {
    // @ts-expect-error no protocol of that name is spoken
    b: { servers: ['gopher://127.0.0.1'] },
  },
  sites: () => ({}),
});
export const misspeltSite = defineConfig({
  sites: ({ files }) => ({
    // @ts-expect-error
    '*': { listen: [80], rutes: {}, routes: { '/': files('x') } },
  }),
});
export const misspeltTop = defineConfig({
  // @ts-expect-error
  upstream: {},
  sites: () => ({}),
});
export const sitesAsData = defineConfig({
  // @ts-expect-error a function only
  sites: { '*': { listen: [80], routes: {} } },
});
export const apps = defineConfig({
  apps: { gallery: { root: './gallery', route: 'node1' }, shop: { root: './shop' } },
  sites: ({ app }) => ({
    '*': {
      listen: [80],
      routes: {
        '/gallery/*': app('gallery', { bodyLimit: '10MiB' }),
        '/shop/*': { app: 'shop' },
        // @ts-expect-error there is no application of that name
        '/a/*': app('galery'),
        // @ts-expect-error nor as plain data
        '/b/*': { app: 'galery' },
        // @ts-expect-error two actions
        '/c/*': { app: 'shop', files: './x' },
      },
    },
  }),
});
export const noApps = defineConfig({
  sites: ({ app }) => ({
    // @ts-expect-error no applications at all
    '*': { listen: [80], routes: { '/': app('x') } },
  }),
});
export const misspeltApp = defineConfig({
  apps: {
    // @ts-expect-error the option is called root
    gallery: { rot: './gallery' },
  },
  sites: () => ({}),
});
// TLS has its place in the types; loading says that it is not served
export const tls = defineConfig({
  sites: ({ files }) => ({
    '*': {
      listen: [{ port: 443, tls: { certificate: 'a.pem', key: 'a.key' } }],
      routes: { '/': files('x') },
    },
  }),
});
// names that are known only at run time are allowed
const many: Record<string, { servers: `http:${string}`[] }> = {};
export const dynamic = defineConfig({
  upstreams: many,
  sites: ({ proxy }) => ({ '*': { listen: [80], routes: { '/': proxy('anything') } } }),
});
// what defineConfig returns is the shape of JSON, and so is data without it
export const data: Config = {
  threads: 'auto',
  upstreams: { b: { servers: ['unix:/run/b.sock'] } },
  sites: { '*': { listen: ['127.0.0.1:8080'], routes: { '/': { proxy: 'b' } } } },
};
export const satisfying = {
  hotFileMemory: '32MiB',
  sites: { '*': { listen: [8080], routes: { '/': { files: './public', etag: false } } } },
} satisfies Config;
export const satisfyingNot = {
  sites: {
    // @ts-expect-error misspelt option
    '*': { listen: [8080], routes: { '/': { files: './public', etagg: false } } },
  },
} satisfies Config;
