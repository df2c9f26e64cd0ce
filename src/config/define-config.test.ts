import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineConfig } from './define-config.ts';

test('the helpers build the same data as JSON has', () => {
  const config = defineConfig({
    threads: 2,
    upstreams: { shop: { servers: ['http://127.0.0.1:1'] } },
    sites: ({ files, proxy, redirect, respond }) => ({
      '*': {
        listen: [80],
        routes: {
          '/': files('./public'),
          '/f': files('./public', { etag: false }),
          '/shop/*': proxy('shop'),
          '/p': proxy('shop', { readTimeout: '1s' }),
          '/r': redirect('/x', { status: 301 }),
          '/h': respond(200, { body: 'ok' }),
        },
      },
    }),
  });
  assert.deepEqual(config, {
    threads: 2,
    upstreams: { shop: { servers: ['http://127.0.0.1:1'] } },
    sites: {
      '*': {
        listen: [80],
        routes: {
          '/': { files: './public' },
          '/f': { files: './public', etag: false },
          '/shop/*': { proxy: 'shop' },
          '/p': { proxy: 'shop', readTimeout: '1s' },
          '/r': { redirect: '/x', status: 301 },
          '/h': { respond: 200, body: 'ok' },
        },
      },
    },
  });
});

test('what is no configuration is handed on, for loading to say what is wrong', () => {
  for (const input of [undefined, null, 1, 'x', { sites: {} }, {}])
    // JavaScript files are not checked by a compiler.
    assert.equal(defineConfig(input as never), input);
});
