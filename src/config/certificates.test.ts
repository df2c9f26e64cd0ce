import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  certificateName,
  certificatesOf,
  checkCertificates,
  readCertificate,
} from './certificates.ts';
import type { SiteModel } from './native.ts';
import { writtenListens } from './written-listens.ts';

const FOLDER = join(import.meta.dirname, '../../test/support/certificates');
const file = (name: string): string => join(FOLDER, name);
const pair = (certificate: string, key: string): { certificate: string; key: string } => ({
  certificate: file(certificate),
  key: file(key),
});
const text = (name: string): string => readFileSync(file(name), 'latin1');

function withFiles(files: Readonly<Record<string, string>>, act: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'daemun-certificates-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const name of ['a', 'b', 'rsa'])
  test(`the pair ${name} is read as it stands`, () => {
    const read = readCertificate(pair(`${name}.pem`, `${name}.key`));
    assert.ok('texts' in read);
    assert.deepEqual(read.texts, { certificate: text(`${name}.pem`), key: text(`${name}.key`) });
    assert.ok(read.ends.getUTCFullYear() > 2100);
  });

test('a chain is served whole, and what surrounds the blocks does not matter', () => {
  const chain = `subject=a\n${text('a.pem')}issuer=b\r\n${text('b.pem')}`;
  withFiles({ 'chain.pem': chain }, (folder) => {
    const read = readCertificate({ certificate: join(folder, 'chain.pem'), key: file('a.key') });
    assert.ok('texts' in read);
    assert.equal(read.texts.certificate, chain);
  });
});

const CUT = `${text('a.pem').slice(0, 100)}\n-----END CERTIFICATE-----\n`;
const WRONG: readonly (readonly [
  what: string,
  certificate: string,
  key: string,
  option: 'certificate' | 'key',
  message: RegExp,
  cure: RegExp,
])[] = [
  [
    'no certificate file',
    'none.pem',
    'a.key',
    'certificate',
    /none\.pem cannot be read: ENOENT/,
    /./,
  ],
  ['no key file', 'a.pem', 'none.key', 'key', /none\.key cannot be read: ENOENT/, /./],
  ['a directory', '.', 'a.key', 'certificate', /cannot be read: EISDIR/, /./],
  ['the two exchanged', 'a.key', 'a.pem', 'certificate', /no certificate/, /It holds a key/],
  ['another file', 'make.sh', 'a.key', 'certificate', /no certificate/, /openssl x509 -inform der/],
  ['a certificate as key', 'a.pem', 'a.pem', 'key', /no private key/, /"PRIVATE KEY"/],
  ['the key of another', 'a.pem', 'b.key', 'key', /does not belong/, /comes first/],
  ['a passphrase', 'a.pem', 'locked.key', 'key', /passphrase/, /openssl pkey -in .*locked\.key/],
  [
    'a key that is too short',
    'short.pem',
    'short.key',
    'certificate',
    /cannot be used: its key has 1024 bits/,
    /anew/,
  ],
];
for (const [what, certificate, key, option, message, cure] of WRONG)
  test(`wrong: ${what}`, () => {
    const read = readCertificate(pair(certificate, key));
    assert.ok('fault' in read);
    assert.equal(read.option, option);
    assert.match(read.fault.message, message);
    assert.match(read.fault.cure, cure);
    assert.equal(read.isMissing ?? false, message.source.includes('EN') || certificate === '.');
  });

test('blocks that cannot be read are told, wherever they stand in a chain', () => {
  const chain = `${text('a.pem')}${CUT}`;
  const key = `${text('a.key').slice(0, 60)}\n-----END PRIVATE KEY-----\n`;
  withFiles({ 'cut.pem': CUT, 'chain.pem': chain, 'cut.key': key }, (folder) => {
    const faults = [
      readCertificate({ certificate: join(folder, 'cut.pem'), key: file('a.key') }),
      readCertificate({ certificate: join(folder, 'chain.pem'), key: file('a.key') }),
      readCertificate({ certificate: file('a.pem'), key: join(folder, 'cut.key') }),
    ].map((read) => ('fault' in read ? [read.option, read.fault.message] : null));
    assert.deepEqual(
      faults.map((fault) => fault?.[0]),
      ['certificate', 'certificate', 'key'],
    );
    for (const fault of faults) assert.match(fault?.[1] ?? '', /cannot be used: /);
  });
});

function listening(...tls: readonly (object | undefined)[]): object {
  return { x: { listen: tls.map((own, index) => ({ port: 443 + index, tls: own })) } };
}

test('each pair of an input is told once, at its first place; what ran out is a note', () => {
  const wrong = pair('a.pem', 'b.key');
  const sites = listening(
    pair('a.pem', 'a.key'),
    wrong,
    undefined,
    wrong,
    pair('old.pem', 'old.key'),
  );
  const listens = writtenListens(sites, { directory: '/' });
  const faults = checkCertificates(listens, { now: new Date('2026-01-01'), node: '24.0.0' });
  assert.deepEqual(
    faults.map(({ path, isNote, fault }) => [path.join('.'), isNote, fault.message]),
    [
      [
        'sites.x.listen.1.tls.key',
        undefined,
        `The key ${file('b.key')} does not belong to the certificate ${file('a.pem')}`,
      ],
      [
        'sites.x.listen.4.tls.certificate',
        true,
        `The certificate ${file('old.pem')} ran out on 2001-01-01`,
      ],
    ],
  );
  assert.deepEqual(
    checkCertificates(listens, { now: new Date('2000-12-31'), node: '24.0.0' }).map(
      ({ isNote }) => isNote,
    ),
    [undefined],
  );
});

test('files that are not there are left to the check of paths', () => {
  const sites = listening(pair('none.pem', 'a.key'), pair('a.pem', 'none.key'));
  const facts = { now: new Date(), node: '24.0.0' };
  assert.deepEqual(checkCertificates(writtenListens(sites, { directory: '/' }), facts), []);
});

function siteOn(...tls: readonly SiteModel['listen'][number]['tls'][]): SiteModel {
  const listen = tls.map((own) => ({ tls: own }));
  return { listen } as unknown as SiteModel; // nothing else of a site is looked at
}

test('what a configuration names is read once for each pair, or all faults are told', () => {
  const [a, b, wrong] = [pair('a.pem', 'a.key'), pair('b.pem', 'b.key'), pair('a.pem', 'b.key')];
  const read = certificatesOf({ sites: { x: siteOn(a, null), y: siteOn(b, a) } });
  assert.ok('certificates' in read);
  assert.deepEqual(Object.keys(read.certificates), [certificateName(a), certificateName(b)]);
  assert.equal(read.certificates[certificateName(b)]?.key, text('b.key'));
  const failed = certificatesOf({
    sites: { x: siteOn(null, wrong), y: siteOn(wrong, pair('none.pem', 'a.key')) },
  });
  assert.ok('faults' in failed);
  assert.deepEqual(
    failed.faults.map(({ path }) => path.join('.')),
    ['sites.x.listen.1.tls.key', 'sites.y.listen.1.tls.certificate'],
  );
});

test('two kinds of keys on one address are refused where Node would show the wrong one', () => {
  const tls = (name: string): object => ({ port: 443, tls: pair(`${name}.pem`, `${name}.key`) });
  const sites = {
    x: { listen: [tls('a')] },
    y: { listen: [tls('rsa'), { ...tls('rsa'), port: 444 }] },
    z: { listen: [tls('rsa'), tls('b')] },
  };
  const told = (node: string): readonly string[] =>
    checkCertificates(writtenListens(sites, { directory: '/' }), { now: new Date(), node }).map(
      ({ path }) => path.join('.'),
    );
  for (const node of ['24.0.0', '26.10.0']) assert.deepEqual(told(node), []);
  for (const node of ['22.18.0', '23.6.0'])
    assert.deepEqual(told(node), [
      'sites.y.listen.0.tls.certificate',
      'sites.z.listen.0.tls.certificate',
    ]);
});
