import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineFaults, Fault } from './fault.ts';

const kinds = defineFaults({
  'example-refused': {
    blame: 'client',
    status: 400,
    means: 'It was refused',
    cure: 'Send another.',
  },
});

test('a fault kind knows the code that it is listed under', () => {
  assert.equal(kinds['example-refused'].code, 'example-refused');
  assert.ok(Object.isFrozen(kinds['example-refused']));
});

test('a fault carries kind, stage, detail and cause, and takes no stack trace', () => {
  const cause = new Error('why');
  const fault = new Fault(kinds['example-refused'], 'head', 'byte 7', cause);
  assert.equal(fault.message, 'It was refused (byte 7)');
  assert.equal(fault.stage, 'head');
  assert.equal(fault.cause, cause);
  assert.ok(!/\n\s+at /.test(fault.stack ?? ''));
  assert.ok(/\n\s+at /.test(new Error('later errors keep theirs').stack ?? ''));
});
