import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySite } from '../../test/support/memory-site.ts';
import type { Context } from './handler.ts';
import { DONE } from './handler.ts';
import { type Variable, Variables } from './variables.ts';

function contexts(count: number): Context[] {
  const made: Context[] = [];
  const site = new MemorySite({
    x: {
      '/': {
        handle: (context) => {
          made.push(context);
          return DONE;
        },
      },
    },
  });
  for (let i = 0; i < count; i++) site.ask();
  return made;
}

function found(variables: Variables, name: string): Variable {
  const result = variables.find(name);
  assert.ok('value' in result, name);
  return result.value;
}

test('a cached variable is found once a request, null included; another each time', () => {
  let calls = 0;
  const count = (): string => String(++calls);
  const variables = new Variables(
    [
      { name: 'kept', cached: true, evaluate: count },
      { name: 'none', cached: true, evaluate: () => (calls++, null) },
      { name: 'fresh', evaluate: count },
    ],
    [],
  );
  const [one, two] = contexts(2);
  assert.ok(one !== undefined && two !== undefined);
  const kept = found(variables, 'kept');
  assert.deepEqual([kept.read(one), kept.read(one), kept.read(two)], ['1', '1', '2']);
  const none = found(variables, 'none');
  assert.deepEqual([none.read(one), none.read(one), calls], [null, null, 3]);
  const fresh = found(variables, 'fresh');
  assert.deepEqual([fresh.read(one), fresh.read(one)], ['4', '5']);
});

test('names have no letter case, and one name is one variable', () => {
  const variables = new Variables([{ name: 'uri', evaluate: () => '/' }], []);
  assert.equal(found(variables, 'URI'), found(variables, 'uri'));
});

test('a declared variable has no value until it is given one, in its own request alone', () => {
  const variables = new Variables([{ name: 'uri', evaluate: () => '/' }], []);
  const declared = variables.declare('Mine');
  assert.ok('value' in declared);
  const mine = found(variables, 'mine');
  assert.equal(mine, declared.value);
  const other = variables.declare('other');
  assert.ok('value' in other);
  const [one, two] = contexts(2);
  assert.ok(one !== undefined && two !== undefined);
  mine.write(one, 'v');
  assert.deepEqual([mine.read(one), mine.read(two), other.value.read(one)], ['v', null, null]);
  mine.write(one, 'w');
  assert.equal(mine.read(one), 'w');
});

test('what a part defines cannot be declared, written to, or defined twice', () => {
  const definition = { name: 'uri', evaluate: () => '/' };
  const variables = new Variables([definition], []);
  assert.ok('message' in variables.declare('URI'));
  const [context] = contexts(1);
  assert.ok(context !== undefined);
  assert.throws(() => found(variables, 'uri').write(context, 'x'), TypeError);
  assert.throws(() => new Variables([definition, definition], []), /defined twice/);
});

test('a family makes variables for whatever follows its beginning, but not for nothing', () => {
  const variables = new Variables([], [{ prefix: 'x_', define: (rest) => () => rest }]);
  const [context] = contexts(1);
  assert.ok(context !== undefined);
  assert.equal(found(variables, 'X_Some_Name').read(context), 'some_name');
  assert.ok('message' in variables.find('x_'));
  assert.ok('message' in variables.find('x'));
});

test('an unknown name is refused with the name that was probably meant', () => {
  const variables = new Variables([{ name: 'remote_addr', evaluate: () => '' }], []);
  assert.deepEqual(variables.find('remote_adr'), {
    message: 'There is no variable $remote_adr',
    cure: 'Did you mean $remote_addr? All variables are in docs/reference/variables.md',
  });
  const far = variables.find('zzz');
  assert.ok('cure' in far);
  assert.equal(far.cure, 'All variables are in docs/reference/variables.md');
  for (const name of ['__proto__', 'constructor', 'toString', '']) {
    assert.ok('message' in variables.find(name), name);
  }
});

test('an unknown name is refused with all that are near, of families those with the same end', () => {
  const evaluate = (): string => '';
  const variables = new Variables(
    ['remote_addr', 'remote_port', 'remove_addr', 'remote_addt', 'remote_adds'].map((name) => ({
      name,
      evaluate,
    })),
    ['http_', 'sent_http_', 'arg_'].map((prefix) => ({ prefix, define: () => evaluate })),
  );
  const guess = (name: string): string => {
    const unknown = variables.find(name);
    assert.ok('cure' in unknown, name);
    return /^Did you mean (.*)\?/.exec(unknown.cure)?.[1] ?? '';
  };
  assert.equal(guess('remote_add'), '$remote_addr or $remote_addt or $remote_adds');
  assert.equal(guess('REMOTE_PROT'), '$remote_port');
  assert.equal(guess('htpp_x_y'), '$http_x_y');
  assert.equal(guess('snt_http_x'), '$sent_http_x');
  assert.equal(guess('http_'), '');
});

test('the use of a name is told when it is found, once, and not when it is defined', () => {
  let used = 0;
  const variables = new Variables([{ name: 'uri', onUse: () => used++, evaluate: () => '' }], []);
  variables.find('urii');
  assert.equal(used, 0);
  variables.find('URI');
  variables.find('uri');
  assert.equal(used, 1);
});

test('all names can be listed', () => {
  const variables = new Variables(
    [{ name: 'uri', evaluate: () => '' }],
    [{ prefix: 'arg_', define: () => () => '' }],
  );
  assert.deepEqual(variables.names(), ['arg_*', 'uri']);
});
