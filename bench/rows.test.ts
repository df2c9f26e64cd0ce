import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BODIES } from './bodies.ts';
import { readTemplate } from './peers/peer.ts';
import { peerNamed, PEERS } from './peers/peers.ts';
import { fillTemplate } from './peers/template.ts';
import { BACK_ENDS, ROWS, SUBJECT } from './rows.ts';

test('names of rows are unique, and so are the labels within one', () => {
  assert.equal(new Set(ROWS.map(({ name }) => name)).size, ROWS.length);
  for (const { name, entrants } of ROWS) {
    assert.equal(new Set(entrants.map(({ label }) => label)).size, entrants.length, name);
  }
});

test('every row asks for a file that there is, and measures the subject', () => {
  for (const { name, file, entrants } of ROWS) {
    assert.ok(Object.hasOwn(BODIES, file), name);
    assert.ok(
      entrants.some(({ label, peer }) => label === SUBJECT && peer === SUBJECT),
      name,
    );
  }
});

test('every bar is above nothing and refers to another entrant of its row', () => {
  for (const { name, entrants, bars } of ROWS) {
    for (const { most, of } of bars) {
      assert.ok(most > 0, name);
      if (of === undefined) continue;
      assert.notEqual(of, SUBJECT, name);
      assert.ok(
        entrants.some(({ label }) => label === of),
        `${name}: ${of}`,
      );
    }
  }
});

test('every entrant has a template whose places all have values', () => {
  const values = {
    dir: '/d',
    root: '/r',
    port: 1,
    backendPort: 2,
    descriptors: 3,
    connections: 4,
    user: 'u',
    body1k: 'b',
  };
  const works = ROWS.flatMap(({ entrants }) => entrants);
  for (const { peer: name, work } of [...works, ...Object.values(BACK_ENDS)]) {
    const peer = peerNamed(name);
    const filled = fillTemplate(readTemplate(peer, work), { ...peer.values(), ...values });
    assert.match(
      filled,
      /127\.0\.0\.1(?::|" port=")1\b/,
      `${name} ${work} listens on loopback, on its port`,
    );
    assert.match(
      filled,
      /\/d\/access\.log|access_log off|without a log/,
      `${name} ${work} has its log`,
    );
    if (peer.extension === 'json') JSON.parse(filled);
  }
});

test('a peer is found by its name only', () => {
  assert.deepEqual([...PEERS.keys()], ['nginx', 'apache2', 'haproxy', 'tomcat', 'node', 'daemun']);
  assert.throws(() => peerNamed('nginy'), /No peer/);
});
