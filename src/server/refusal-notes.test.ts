import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../base/index.ts';
import { NET_FAULTS } from '../net/index.ts';
import { RefusalNotes } from './refusal-notes.ts';

class Minutes {
  now = 5000;
  readonly notes = new RefusalNotes({ monotonic: () => this.now, wall: () => 0 });

  refuse(code: keyof typeof NET_FAULTS, client = '192.0.2.1'): string | null {
    return this.notes.lineOf(new Fault(NET_FAULTS[code], 'accept'), client);
  }
}

test('where the server has no room, one line a minute tells it, with the number of the others', () => {
  const log = new Minutes();
  assert.match(
    log.refuse('no-descriptors') ?? '',
    /^no-descriptors \(accept\): .*, client: 192\.0\.2\.1$/,
  );
  log.now += 59_999;
  assert.equal(log.refuse('no-descriptors'), null);
  assert.equal(log.refuse('no-descriptors', '192.0.2.2'), null);
  log.now += 1;
  assert.match(log.refuse('no-descriptors') ?? '', /192\.0\.2\.1; 2 more since it was told last$/);
  log.now += 60_000;
  assert.match(log.refuse('no-descriptors') ?? '', /client: 192\.0\.2\.1$/);
});

test('each kind is told for itself, and each client of which there are too many connections', () => {
  const log = new Minutes();
  assert.notEqual(log.refuse('no-descriptors'), null);
  assert.notEqual(log.refuse('connections-per-thread'), null);
  assert.equal(log.refuse('connections-per-thread'), null);
  for (const client of ['192.0.2.1', '192.0.2.1', '192.0.2.2'])
    assert.match(
      log.refuse('connections-per-address', client) ?? '',
      new RegExp(`client: ${client}$`),
    );
});
