import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusPage } from './page.ts';

test('a page names the status and its phrase, if it has one', () => {
  assert.ok(statusPage(301).includes('<title>301 Moved Permanently</title>'));
  assert.ok(statusPage(599).includes('<h1>599</h1>'));
});
