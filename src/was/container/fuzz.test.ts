// The quick part of fuzzing: the first streams of a run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streamSeed } from '../../../fuzz/random.ts';
import { SERVLET_TARGET } from '../../../fuzz/servlet/request.ts';

test('the first 2000 requests of the fuzzer agree with another reading of the specification', () => {
  const outcomes = new Set<string>();
  for (let index = 0; index < 2000; index++)
    outcomes.add(SERVLET_TARGET.outcomeOf(streamSeed(1, index)));
  assert.deepEqual([...outcomes].toSorted(), ['200', '400', '404']);
});
