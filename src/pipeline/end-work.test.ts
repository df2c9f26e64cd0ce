import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../base/index.ts';
import { EXCHANGE_FAULTS, NO_FIELDS } from '../http/message/index.ts';
import { MemorySite } from '../../test/support/memory-site.ts';
import { DONE, type EndWork } from './handler.ts';

/** Notes under a name that its request is over. */
function endWork(name: string, done: string[]): EndWork {
  return {
    nextEndWork: null,
    onRequestEnd: () => {
      done.push(name);
      if (name === 'throws') throw new Error('broken');
    },
  };
}

test('what is to be done at the end of a request is done once, the latest first, however it ends', () => {
  const done: string[] = [];
  const site = new MemorySite({
    x: {
      '/': {
        handle: (context) => {
          context.atEnd(endWork('first', done));
          context.atEnd(endWork('throws', done));
          context.atEnd(endWork('last', done));
          if (context.query === null) context.send(200, NO_FIELDS, 'ok');
          return DONE;
        },
      },
    },
  });
  const answered = site.ask({});
  assert.equal(answered.text, 'ok');
  assert.deepEqual(done, ['last', 'throws', 'first']);
  assert.match(site.errorLines[0] ?? '', /defect: Error: broken/);
  const left = site.ask({ target: '/?waits' });
  assert.equal(done.length, 3);
  left.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'handler'));
  assert.deepEqual(done.slice(3), ['last', 'throws', 'first']);
});
