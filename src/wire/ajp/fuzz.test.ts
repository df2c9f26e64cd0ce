// The quick part of fuzzing: the first streams of a run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AJP_CLIENT_TARGET } from '../../../fuzz/ajp/client-role.ts';
import { AJP_TARGET } from '../../../fuzz/ajp/packets.ts';
import { AJP_SERVER_TARGET } from '../../../fuzz/ajp/server-role.ts';
import { streamSeed } from '../../../fuzz/random.ts';

const STREAMS = 2000;

for (const [name, target, expected] of [
  [
    'packets',
    AJP_TARGET,
    [
      'container: accepted, whole',
      'container: refused a field, whole',
      'container: refused the framing of the body, whole',
      'container: refused the end of the attributes, whole',
      'server: headers, whole',
      'server: body, whole',
      'server: refused, whole',
      'server: headers, magic',
    ],
  ],
  [
    'a web server',
    AJP_CLIENT_TARGET,
    ['ajp-response-malformed, the last call', 'answered, and another call', 'right, 3 calls'],
  ],
  [
    'a container',
    AJP_SERVER_TARGET,
    ['3 requests, served', '1 requests, ajp-secret', '2 requests, ajp-request-malformed'],
  ],
] as const) {
  test(`the first ${STREAMS} streams of the fuzzer for ${name} hold, accepted and refused ones`, () => {
    const outcomes = new Set<string>();
    for (let index = 0; index < STREAMS; index++)
      outcomes.add(target.outcomeOf(streamSeed(1, index)));
    for (const outcome of expected) assert.ok(outcomes.has(outcome), `no stream was ${outcome}`);
  });
}
