import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionMentionFaults, optionWordFaults } from './option-mentions.ts';

const OPTIONS = new Map([
  [
    'Config',
    new Map([
      ['limits', 'LimitOptions'],
      ['upstreams', '{ [name: string]: UpstreamOptions }'],
    ]),
  ],
  ['LimitOptions', new Map([['headLimit', 'Size']])],
  ['UpstreamOptions', new Map([['servers', 'string[]']])],
]);

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['Raise `headLimit`, or `limits.headLimit`.', []],
  ['Add `servers`, or say `headLimit: "1KiB"`.', []],
  ['Raise `limits.head`.', ['there is no option limits.head']],
  ['Raise `limits.servers`.', ['there is no option limits.servers']],
  ['Raise `headLimits`.', ['there is no option headLimits']],
  ['Raise headLimit.', ['headLimit looks like an option; put it in backticks']],
  [
    'Raise limits.head if LimitNOFILE and HTTP/1.1 of x.y are fine.',
    [
      'limits.head looks like an option; put it in backticks',
      'x.y looks like an option; put it in backticks',
    ],
  ],
  ['Mend it. Look at WEB-INF, keep-alive and 32 KiB.', []],
];
for (const [text, faults] of CASES)
  test(`options that a cure names have to exist, in backticks: ${text}`, () => {
    assert.deepEqual(optionMentionFaults(text, OPTIONS), faults);
  });

test('options that a text for a log names have to exist', () => {
  assert.deepEqual(optionWordFaults('More than headLimit allows, or tailLimit', OPTIONS), [
    'there is no option tailLimit',
  ]);
});
