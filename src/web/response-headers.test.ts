import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fields } from '../http/message/index.ts';
import type { Template } from '../pipeline/index.ts';
import { MemoryRun } from '../../test/support/memory-context.ts';
import { plainText } from './plain-text.ts';
import { type HeaderChanges, ResponseHeaders } from './response-headers.ts';
import { share } from './shared-fields.ts';

const { context } = new MemoryRun({ handlers: [] }, { target: '/?value' });

function varying(evaluate: () => string): Template {
  return { constant: null, evaluate };
}

function changes(some: Partial<HeaderChanges>): HeaderChanges {
  return { remove: [], set: [], add: [], always: true, ...some };
}

function named(name: string, value: string): { name: string; value: Template } {
  return { name, value: plainText(value) };
}

function after(filter: ResponseHeaders, fields: Fields, status = 200): [string, string][] {
  return [...filter.filter(context, status, fields).entries()];
}

test('removing comes before setting and setting before adding, list after list', () => {
  const filter = new ResponseHeaders([
    changes({
      remove: ['x-old', 'Server'],
      set: [named('x-set', 'new'), named('X-Old', 'back')],
      add: [named('X-Add', '1'), named('X-Add', '2')],
    }),
    changes({ remove: ['x-add'], add: [named('X-Late', '3')] }),
  ]);
  const fields = Fields.of(['X-Old', 'a'], ['X-Set', 'b'], ['X-Old', 'c'], ['Server', 's']);
  assert.deepEqual(after(filter, fields), [
    ['X-Set', 'new'],
    ['X-Old', 'back'],
    ['X-Late', '3'],
  ]);
  assert.equal(fields.size, 4);
});

test('without always only the statuses that nginx lists are changed', () => {
  const filter = new ResponseHeaders([
    changes({ add: [named('X-Some', '1')], always: false }),
    changes({ add: [named('X-All', '2')] }),
  ]);
  const shared = share(Fields.of(['A', 'b']));
  const ordinary = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308];
  for (let status = 200; status < 600; status++) {
    const expected = ordinary.includes(status) ? ['A', 'X-Some', 'X-All'] : ['A', 'X-All'];
    assert.deepEqual(
      after(filter, shared, status).map(([name]) => name),
      expected,
      String(status),
    );
  }
  const some = new ResponseHeaders([changes({ add: [named('X-Some', '1')], always: false })]);
  assert.equal(some.filter(context, 404, shared), shared);
});

test('shared fields are changed once for all answers, others each time', () => {
  const filter = new ResponseHeaders([changes({ set: [named('X', '1')] })]);
  const shared = share(Fields.of(['A', 'b']));
  const once = filter.filter(context, 200, shared);
  assert.equal(filter.filter(context, 200, shared), once);
  assert.equal(filter.filter(context, 404, shared).getByName('x'), '1');
  assert.throws(() => once.append('late', 'x'));
  const own = new Fields();
  assert.notEqual(filter.filter(context, 200, own), filter.filter(context, 200, own));
  // What one filter made of shared fields is shared for the next one.
  const next = new ResponseHeaders([changes({ set: [named('Y', '2')] })]);
  assert.equal(next.filter(context, 200, once), next.filter(context, 200, once));
});

test('with a variable every answer is changed anew', () => {
  let n = 0;
  const value = varying(() => String(++n));
  const filter = new ResponseHeaders([changes({ set: [{ name: 'X', value }] })]);
  const shared = share(new Fields());
  assert.deepEqual(after(filter, shared), [['X', '1']]);
  assert.deepEqual(after(filter, shared), [['X', '2']]);
});

test('a value that is empty or breaks the line is left out, and replaces what it was to replace', () => {
  for (const text of ['', 'a\r\nX: y', 'a\nb', 'a\0', 'a\rb', '\x7f']) {
    const value = varying(() => text);
    const filter = new ResponseHeaders([
      changes({ set: [{ name: 'X', value }], add: [{ name: 'Y', value }, named('Z', 'z')] }),
    ]);
    assert.deepEqual(after(filter, Fields.of(['X', 'old'], ['Y', 'kept'])), [
      ['Y', 'kept'],
      ['Z', 'z'],
    ]);
  }
  const bytes = new ResponseHeaders([changes({ set: [named('X', '\u00e9\t~')] })]);
  assert.deepEqual(after(bytes, new Fields()), [['X', '\xc3\xa9\t~']]);
});

test('fields that frame the message and fixed values that break the line are refused at load', () => {
  for (const name of [
    'Content-Length',
    'transfer-encoding',
    'CONNECTION',
    'Upgrade',
    'Trailer',
    'Keep-Alive',
  ]) {
    assert.throws(() => new ResponseHeaders([changes({ remove: [name] })]), TypeError, name);
    assert.throws(
      () => new ResponseHeaders([changes({ set: [named(name, '1')] })]),
      TypeError,
      name,
    );
    assert.throws(
      () => new ResponseHeaders([changes({ add: [named(name, '1')] })]),
      TypeError,
      name,
    );
  }
  assert.throws(() => new ResponseHeaders([changes({ add: [named('X', 'a\r\nb')] })]), TypeError);
});
