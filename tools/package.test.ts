import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const home = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(home, path), 'utf8');

interface Manifest {
  readonly engines: { readonly node: string };
  readonly devEngines: { readonly runtime: { readonly name: string; readonly version: string } };
  readonly files: readonly string[];
}
const manifest = JSON.parse(read('package.json')) as Manifest;

test('npm warns users of the package below the version that the launcher asks for', () => {
  const launcher = read('bin/daemun.cjs');
  const floor = /var FLOOR = '([0-9.]+)'/.exec(launcher)?.[1];
  const exception = /parts\[0\] === 23\) return parts\[1\] >= ([0-9]+)/.exec(launcher)?.[1];
  assert.equal(manifest.engines.node, `^${floor}.0 || >=23.${exception}.0`);
});

test('npm does not warn in a checkout, which brings its own Node, from 20 on', () => {
  assert.deepEqual(manifest.devEngines, { runtime: { name: 'node', version: '>=20' } });
});

test('what the README links to is in the package as well', () => {
  const links = [...read('README.md').matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(
    ([, link]) => link ?? '',
  );
  const paths = links.filter((link) => !link.startsWith('http'));
  assert.ok(paths.length > 5);
  const packed = (path: string): boolean =>
    manifest.files.some((entry) => path === entry || path.startsWith(`${entry}/`));
  assert.deepEqual(
    paths.filter((path) => !packed(path)),
    [],
  );
});
