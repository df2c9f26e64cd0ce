import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PeerZone } from '../proxy/index.ts';
import { PeerBook } from './peer-book.ts';

const ONE = { thread: 1, generation: 1 };

test('an upstream keeps what is known of its servers as long as its text stays', () => {
  const book = new PeerBook(2);
  const texts = (b: string): ReadonlyMap<string, string> =>
    new Map([
      ['a', 'same'],
      ['b', b],
    ]);
  const first = book.offer(texts('1'), () => 2);
  book.commit();
  const second = book.offer(texts('2'), () => 3);
  assert.equal(second.get('a'), first.get('a'));
  assert.notEqual(second.get('b'), first.get('b'));
  // It was not served in the end.
  assert.equal(book.offer(texts('1'), () => 2).get('b'), first.get('b'));
});

test('what a lost thread had under way is given back, in what is served and in what is offered', () => {
  const book = new PeerBook(2);
  const served = book.offer(new Map([['a', '1']]), () => 1).get('a');
  book.commit();
  const offered = book.offer(new Map([['a', '2']]), () => 1).get('a');
  assert.ok(served !== undefined && offered !== undefined);
  const states = [served, offered].map((zone) => new PeerZone(zone, ONE).stateOf(0));
  for (const state of states) state.begin(0);
  book.repair(ONE);
  assert.deepEqual(
    states.map(({ active }) => active),
    [0, 0],
  );
});
