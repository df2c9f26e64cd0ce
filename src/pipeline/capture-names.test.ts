import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MemoryLocation, MemorySite } from '../../test/support/memory-site.ts';
import { CaptureNames } from './capture-names.ts';
import { DONE } from './handler.ts';

test('named groups of hosts and locations are variables; those of the location go first', () => {
  const seen: (string | null)[][] = [];
  const host = '~^(?<sub>\\w+)\\.(?<Zone>test)$';
  const route = '~ ^/(?<first>\\w+)/(?<sub>\\w+)$';
  const site: MemorySite = new MemorySite({ 'default.test': {}, [host]: {} });
  const names = new CaptureNames(site.variables);
  assert.deepEqual([...names.add(host), ...names.add(route)], []);
  const location: MemoryLocation = {
    handle: (context) => {
      seen.push(
        ['first', 'sub', 'zone', '1', '2'].map((name) => {
          const variable = site.variables.find(name);
          assert.ok('value' in variable);
          return variable.value.read(context);
        }),
      );
      return DONE;
    },
  };
  const routes = { '/': location, [route]: location, '~ ^/nothing': location };
  site.pipeline.swap(site.model({ 'd.test': {}, [host]: routes }));
  site.ask({ host: 'www.test', target: '/a/b' });
  site.ask({ host: 'www.test', target: '/' });
  site.ask({ host: 'www.test', target: '/nothing/x/y' });
  assert.deepEqual(seen, [
    ['a', 'b', 'test', 'a', 'b'],
    [null, 'www', 'test', 'www', 'test'],
    [null, 'www', 'test', null, null],
  ]);
});

test('an exact host leaves nothing behind of the expression that decided before', () => {
  const matches: unknown[] = [];
  const site = new MemorySite({ 'x.test': {} });
  const location: MemoryLocation = {
    handle: (context) => {
      matches.push(context.hostMatch);
      return DONE;
    },
  };
  site.pipeline.swap(site.model({ 'x.test': { '/': location }, '~^y': { '/': location } }));
  for (const host of ['y.test', 'x.test', 'z.test']) site.ask({ host });
  assert.deepEqual(
    matches.map((match) => match !== null),
    [true, false, false],
  );
});

test('one name may stand in several expressions, in any letter case, but not for a known variable', () => {
  const { variables } = new MemorySite({ x: {} });
  const names = new CaptureNames(variables);
  assert.deepEqual(names.add('(?<Name>a)|b(?:c)'), []);
  assert.deepEqual(names.add('(?<name>a)'), []);
  assert.ok('value' in variables.find('name'));
  for (const taken of ['uri', 'http_x', 'ARG_y']) {
    assert.equal(names.add(`(?<${taken}>a)`).length, 1, taken);
  }
  assert.deepEqual(names.add('\\(?<text>a'), []);
  assert.ok('message' in variables.find('text'));
  assert.deepEqual(names.add('\\\\(?<real>a)'), []);
  assert.ok('value' in variables.find('real'));
});
