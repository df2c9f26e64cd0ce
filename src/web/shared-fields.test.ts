import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fields } from '../http/message/index.ts';
import { isShared, share } from './shared-fields.ts';

test('shared fields are sealed and known to be shared; copies are neither', () => {
  const fields = Fields.of(['A', 'b']);
  assert.equal(isShared(fields), false);
  assert.equal(share(fields), fields);
  assert.ok(isShared(fields));
  assert.throws(() => fields.append('C', 'd'), TypeError);
  const copy = fields.copy();
  copy.append('C', 'd');
  assert.equal(isShared(copy), false);
});
