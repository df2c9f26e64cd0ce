import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryRun } from '../../test/support/memory-context.ts';
import { plainText } from './plain-text.ts';

test('plain text is the same for every request, as the bytes of its UTF-8', () => {
  const text = plainText('$uri \u00e9 \u20ac');
  assert.equal(text.constant, '$uri \xc3\xa9 \xe2\x82\xac');
  assert.equal(text.evaluate(new MemoryRun({ handlers: [] }, {}).context), text.constant);
});
