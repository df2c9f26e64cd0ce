import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProgram, versionIn } from './peer.ts';

test('the version is the first number with a dot', () => {
  assert.equal(versionIn('nginx version: nginx/1.22.1'), '1.22.1');
  assert.equal(
    versionIn('Server version: Apache/2.4.71 (Debian)\nServer built:   2026-11-12T08:58:41'),
    '2.4.71',
  );
  assert.equal(versionIn('HAProxy version 2.6.12-1+deb12u4 2026/10/17'), '2.6.12');
  assert.equal(versionIn('tool 3.1'), '3.1');
});

test('a program that says nothing has an unknown version', () => {
  assert.equal(versionIn(''), 'unknown');
  assert.equal(versionIn('built in 2026'), 'unknown');
});

test('a program that no machine has is not found', () => {
  assert.equal(findProgram('no-program-has-this-name'), undefined);
});

test('a program in the path is found with its folder', () => {
  assert.match(findProgram('sh') ?? '', /\/sh$/);
});
