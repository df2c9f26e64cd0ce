import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { certificateName, type SiteModel } from '../config/index.ts';
import { CertificateSet } from './certificates.ts';

const FOLDER = join(import.meta.dirname, '../../test/support/certificates');
const now = (): number => 0;

function jsonOf(name: string): string {
  const text = (kind: string): string => readFileSync(join(FOLDER, `${name}.${kind}`), 'latin1');
  return JSON.stringify({ certificate: text('pem'), key: text('key') });
}

const FILES = { certificate: '/s.pem', key: '/s.key' };
const NAME = certificateName(FILES);
const KEY = '*:443';
const LISTEN: SiteModel['listen'] = [
  {
    endpoint: { kind: 'tcp', host: '*', port: 443 },
    default: false,
    lenientLineEnds: false,
    backlog: 511,
    tls: FILES,
    ajp: null,
  },
];
const ADDRESS = {
  key: KEY,
  tls: true,
  ajp: null,
  lenientLineEnds: false,
  hosts: ['s'],
  fallback: 's',
};

test('what is the same keeps what was made of it, and what changed is made anew', async () => {
  const first = await CertificateSet.buildBeside(null, [[NAME, jsonOf('a')]], now);
  const shown = first.shownBy(LISTEN, ADDRESS);
  assert.ok(shown);
  const { context } = shown;
  for (const text of [null, jsonOf('a')]) {
    // oxlint-disable-next-line no-await-in-loop -- two
    const same = await CertificateSet.buildBeside(first, [[NAME, text]], now);
    assert.equal(same.shownBy(LISTEN, ADDRESS), shown);
    assert.equal(shown.context, context);
  }
  const other = await CertificateSet.buildBeside(first, [[NAME, jsonOf('b')]], now);
  assert.notEqual(other.shownBy(LISTEN, ADDRESS), shown);
});

test('a site shows nothing on a plain address, on one where it does not listen, and after its pair is gone', async () => {
  const set = await CertificateSet.buildBeside(null, [[NAME, jsonOf('a')]], now);
  assert.equal(set.shownBy(LISTEN, { ...ADDRESS, tls: false }), null);
  assert.equal(set.shownBy(LISTEN, { ...ADDRESS, key: '*:444' }), null);
  const later = await CertificateSet.buildBeside(set, [], now);
  assert.equal(later.shownBy(LISTEN, ADDRESS), null);
});
