import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import { test } from 'node:test';

import { mayHaveBody, reasonPhrase } from './status.ts';

test('phrases are the registry ones, where Node keeps older names too', () => {
  // RFC 9110 renamed these; 305 and 509 are Node's or unregistered.
  const renamed = new Map([
    [413, 'Content Too Large'],
    [422, 'Unprocessable Content'],
    [418, ''],
    [509, ''],
  ]);
  for (let status = 0; status < 1000; status++) {
    const expected = renamed.get(status) ?? STATUS_CODES[status] ?? '';
    assert.equal(reasonPhrase(status), expected, String(status));
  }
});

test('codes without registration have no phrase', () => {
  for (const status of [0, 99, 306, 418, 444, 494, 499, 512, 599, 1000, NaN]) {
    assert.equal(reasonPhrase(status), '');
  }
});

test('a body is framed except for HEAD, 1xx, 204, 304 and 2xx to CONNECT', () => {
  const bodiless = [100, 101, 103, 199, 204, 304];
  const framed = [200, 203, 205, 206, 299, 300, 303, 305, 400, 404, 500, 599];
  for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'head', 'connect']) {
    for (const status of bodiless) assert.equal(mayHaveBody(method, status), false, `${status}`);
    for (const status of framed) assert.equal(mayHaveBody(method, status), true, `${status}`);
  }
  for (const status of [...bodiless, ...framed]) assert.equal(mayHaveBody('HEAD', status), false);
  for (const status of [...bodiless, 200, 205, 299]) {
    assert.equal(mayHaveBody('CONNECT', status), false, `${status}`);
  }
  for (const status of [300, 400, 502]) assert.equal(mayHaveBody('CONNECT', status), true);
});
