// The quick part of fuzzing: what was found once or written by hand, and the first streams of a run.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ALL_READINGS, examine } from '../../../fuzz/h1/oracle.ts';
import { H1_TARGET } from '../../../fuzz/h1/stream.ts';
import { Random, streamSeed } from '../../../fuzz/random.ts';

const CORPUS = join(import.meta.dirname, '../../../fuzz/corpus/h1');
const STREAMS = 2000;

describe('each input of the corpus is read alike however it is cut, and as the reference reads it', () => {
  const files = readdirSync(CORPUS);
  test('the corpus is there', () => {
    assert.ok(files.length >= 100, `${files.length} files`);
  });
  for (const file of files) {
    test(file, () => {
      const bytes = readFileSync(join(CORPUS, file));
      for (const reading of ALL_READINGS) examine(bytes, reading, new Random(1));
    });
  }
});

test(`the first ${STREAMS} streams of the fuzzer hold, accepted and refused ones`, () => {
  const outcomes = new Set<string>();
  for (let index = 0; index < STREAMS; index++) {
    outcomes.add(H1_TARGET.outcomeOf(streamSeed(1, index)));
  }
  for (const outcome of [
    'request accepted',
    'request h1-transfer-encoding',
    'request h1-content-length',
    'request h1-chunk',
    'request h1-body-cut',
    'response accepted',
    'response h1-response-framing',
    'response h1-response-chunk',
  ]) {
    assert.ok(outcomes.has(outcome), `no stream was ${outcome}`);
  }
});
