/** What servlets see, say and bring about: as Tomcat does it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DIFFERENCES } from '../support/behaviour-differences-inside.ts';
import { FILTERS } from '../support/behaviour-filters.ts';
import { BehaviourPair } from '../support/behaviour-pair.ts';
import { REQUESTS } from '../support/behaviour-requests.ts';
import { DISPATCHES, ERRORS } from '../support/behaviour-dispatches.ts';
import { LARGER_BUFFERS, RESPONSES } from '../support/behaviour-responses.ts';
import { SESSIONS } from '../support/behaviour-sessions.ts';
import { needs } from '../support/needs.ts';

describe('servlets behave as in Tomcat', { skip: needs('tomcat10') }, () => {
  let pair: BehaviourPair;

  before(async () => {
    pair = await BehaviourPair.start();
  });
  after(() => pair.stop());

  for (const [subject, rows] of Object.entries({
    ...REQUESTS,
    ...RESPONSES,
    ...DISPATCHES,
    ...ERRORS,
    ...FILTERS,
    ...SESSIONS,
    ...LARGER_BUFFERS,
  })) {
    test(subject, async () => {
      const wrong: string[] = [];
      for (const row of rows) wrong.push(...(await pair.compare(row, DIFFERENCES)));
      assert.equal(wrong.length, 0, `${wrong.length} differ\n${wrong.join('\n')}`);
    });
  }

  test('every difference is still there', (t) => {
    t.diagnostic(`${pair.asked} requests`);
    for (const difference of DIFFERENCES) {
      const count = pair.used.get(difference) ?? 0;
      t.diagnostic(`${count} × ${difference.reason}`);
      assert.ok(count > 0, difference.reason);
    }
  });
});
