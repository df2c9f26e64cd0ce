// The quick part of fuzzing: the first streams of a run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AJP_TARGET } from '../../../fuzz/ajp/packets.ts';
import { streamSeed } from '../../../fuzz/random.ts';

const STREAMS = 2000;

test(`the first ${STREAMS} streams of the fuzzer hold, accepted and refused ones`, () => {
  const outcomes = new Set<string>();
  for (let index = 0; index < STREAMS; index++)
    outcomes.add(AJP_TARGET.outcomeOf(streamSeed(1, index)));
  for (const outcome of [
    'container: accepted, whole',
    'container: refused a field, whole',
    'container: refused the framing of the body, whole',
    'container: refused the end of the attributes, whole',
    'server: headers, whole',
    'server: body, whole',
    'server: refused, whole',
    'server: headers, magic',
  ])
    assert.ok(outcomes.has(outcome), `no stream was ${outcome}`);
});
