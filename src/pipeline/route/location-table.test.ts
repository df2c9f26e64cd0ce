import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type LocationEntry,
  type LocationPattern,
  LocationTable,
  parseRoute,
} from './location-table.ts';

/** An entry in nginx's notation; what it answers with is that notation. */
function at(written: string, ...nested: LocationEntry<string>[]): LocationEntry<string> {
  const [modifier, rest = ''] = written.split(' ');
  let pattern: LocationPattern = { kind: 'prefix', path: written, final: false };
  if (modifier === '=') pattern = { kind: 'exact', path: rest };
  else if (modifier === '^~') pattern = { kind: 'prefix', path: rest, final: true };
  else if (modifier === '~' || modifier === '~*') {
    pattern = { kind: 'regex', source: rest, ignoreCase: modifier === '~*' };
  } else if (written.startsWith('@')) pattern = { kind: 'named', name: written };
  else if (written.startsWith('*.')) pattern = { kind: 'extension', ending: written.slice(1) };
  return { pattern, target: written, nested };
}

function table(...entries: LocationEntry<string>[]): LocationTable<string> {
  const built = LocationTable.build(entries);
  assert.ok('value' in built, JSON.stringify(built));
  return built.value;
}

function faults(...entries: LocationEntry<string>[]): string[] {
  const built = LocationTable.build(entries);
  return 'faults' in built ? built.faults.map(({ entry, message }) => `${entry}: ${message}`) : [];
}

test('locations, nested ones included, are chosen as nginx 1.22 was seen to choose them', () => {
  const locations = table(
    at('/'),
    at('= /'),
    at('/a'),
    at(
      '/a/',
      at('/a/b/', at('~ \\.nest$')),
      at('^~ /a/final/'),
      at('= /a/ex.outer'),
      at('~ \\.inner$'),
    ),
    at('^~ /f/', at('/f/n/'), at('~ \\.in+er$')),
    at('~ \\.(outer|inner|nest)$'),
    at('~* \\.PHP$'),
    at('~ ^/rx/', at('~ two$')),
    at('= /exact'),
    at('/exact'),
  );
  const seen: [path: string, chosen: string][] = [
    ['/', '= /'],
    ['/x', '/'],
    ['/a', '/a'],
    ['/a/', '/a/'],
    ['/a/x', '/a/'],
    ['/a/x.inner', '~ \\.inner$'],
    ['/a/x.outer', '~ \\.(outer|inner|nest)$'],
    ['/a/x.nest', '~ \\.(outer|inner|nest)$'],
    ['/a/b/x', '/a/b/'],
    ['/a/b/x.nest', '~ \\.nest$'],
    ['/a/b/x.inner', '~ \\.inner$'],
    ['/a/final/x', '^~ /a/final/'],
    ['/a/final/x.inner', '~ \\.(outer|inner|nest)$'],
    ['/a/final/x.outer', '~ \\.(outer|inner|nest)$'],
    ['/a/ex.outer', '= /a/ex.outer'],
    ['/f/x', '^~ /f/'],
    ['/f/x.outer', '^~ /f/'],
    ['/f/n/x.outer', '/f/n/'],
    ['/f/x.inner', '~ \\.in+er$'],
    ['/f/n/x.inner', '~ \\.in+er$'],
    ['/f/n/x', '/f/n/'],
    ['/x.php', '~* \\.PHP$'],
    ['/x.PhP', '~* \\.PHP$'],
    ['/rx/a', '~ ^/rx/'],
    ['/rx/two', '~ two$'],
    ['/exact', '= /exact'],
    ['/exactly', '/exact'],
    ['/exact/', '/exact'],
  ];
  for (const [path, chosen] of seen) assert.equal(locations.find(path)?.target, chosen, path);
});

test('native routes: exact, then the longest prefix, then expressions, then endings, then /', () => {
  const keys = [
    '/',
    '/a',
    '/a/*',
    '/a/b/*',
    '*.php',
    '~ ^/a|\\.php5?$',
    '/p/x.php',
    '*.tar.gz',
    '*.gz',
  ];
  const locations = table(
    ...keys.map((key): LocationEntry<string> => {
      const parsed = parseRoute(key);
      assert.ok('value' in parsed);
      return { pattern: parsed.value, target: key, bare: `301 ${key}` };
    }),
  );
  const cases: [path: string, chosen: string][] = [
    ['/', '/'],
    ['/a', '/a'],
    ['/a/', '/a/*'],
    ['/a/x.php', '/a/*'],
    ['/a/b', '301 /a/b/*'],
    ['/a/b/', '/a/b/*'],
    ['/a/b/c', '/a/b/*'],
    ['/ab', '~ ^/a|\\.php5?$'],
    ['/x.php', '~ ^/a|\\.php5?$'],
    ['/p/x.php', '/p/x.php'],
    ['/x.gz', '*.gz'],
    ['/x.tar.gz', '*.tar.gz'],
    ['/.gz', '*.gz'],
    ['/gz', '/'],
    ['/x.gz/y', '/'],
    ['/x.GZ', '/'],
  ];
  for (const [path, chosen] of cases) assert.equal(locations.find(path)?.target, chosen, path);
});

test('the path of a prefix without its slash gets the redirect, unless somebody else has that path', () => {
  const bare = (entry: LocationEntry<string>): LocationEntry<string> => ({ ...entry, bare: '301' });
  assert.equal(table(bare(at('/a/')), at('/')).find('/a')?.target, '301');
  assert.equal(table(bare(at('/a/')), at('/'), at('~ a')).find('/a')?.target, '301');
  assert.equal(table(bare(at('/a/')), at('= /a')).find('/a')?.target, '= /a');
  assert.equal(table(at('/a'), bare(at('/a/'))).find('/a')?.target, '/a');
  assert.equal(table(bare(at('/a/'))).find('/b'), null);
  assert.equal(table(bare(at('/'))).find(''), null);
  assert.equal(table(bare(at('/a'))).find('/'), null);
});

test('captures are those of the expression that decided, and empty for groups that took no part', () => {
  const locations = table(
    at('~ ^/(\\w+)/(x)?(.*)$', at('~ /(deep)$')),
    at('/plain'),
    at('~ ^/none$'),
  );
  assert.deepEqual(locations.find('/abc/rest')?.captures, ['abc', '', 'rest']);
  assert.deepEqual(locations.find('/abc/deep')?.captures, ['deep']);
  assert.equal(locations.find('/plain')?.captures, null);
  assert.deepEqual(locations.find('/none')?.captures, []);
  assert.equal(locations.find('/plain')?.captures, null);
});

test('a look-up without captures hands out the same object each time', () => {
  const locations = table(at('/'));
  assert.equal(locations.find('/x'), locations.find('/y'));
});

test('named locations answer to their name and to no path', () => {
  const locations = table(at('@back'));
  assert.equal(locations.named('@back'), '@back');
  assert.equal(locations.named('@other'), null);
  assert.equal(locations.find('@back'), null);
  assert.equal(locations.find('/@back'), null);
});

test('what cannot stand is a fault, and every fault is told', () => {
  assert.deepEqual(faults(at('/a'), at('^~ /a'), at('= /a'), at('= /a'), at('*.x'), at('*.x')), [
    '= /a: The location is there twice',
    '*.x: The location is there twice',
    '/a: The location is there twice',
  ]);
  assert.deepEqual(faults(at('/a/', at('/b/'), at('= /a'))), [
    '= /a: It lies outside of /a/',
    '/b/: It lies outside of /a/',
  ]);
  assert.deepEqual(faults(at('~ ^/r/', at('/r/x'))), ['/r/x: It lies outside of ~ ^/r/']);
  assert.match(faults(at('= /a', at('/a/b')))[0] ?? '', /No location can be nested/);
  assert.match(faults(at('/a/', at('@x')))[0] ?? '', /named location is nested/);
  assert.match(faults(at('~ (?=a)'))[0] ?? '', /Look-ahead/);
  assert.deepEqual(faults(at('~ a'), at('~ a')), []);
});

test('the listing is in the order of the search, nested locations behind theirs', () => {
  const rows = table(
    at('/'),
    at('/long/'),
    at('@n'),
    at('*.e'),
    at('~ b'),
    at('~* a'),
    at('^~ /f', at('/f/x')),
    at('= /e'),
  ).describe();
  assert.deepEqual(
    rows.map(({ pattern, within }) => [...within, pattern].join(' > ')),
    ['= /e', '^~ /f', '^~ /f > /f/x', '~ b', '~* a', '*.e', '/long/', '/', '@n'],
  );
});

test('keys of native routes are read as patterns', () => {
  const read = (key: string): unknown => {
    const parsed = parseRoute(key);
    return 'value' in parsed ? parsed.value : parsed.message;
  };
  assert.deepEqual(read('/'), { kind: 'prefix', path: '/', final: false });
  assert.deepEqual(read('/*'), { kind: 'prefix', path: '/', final: false });
  assert.deepEqual(read('/a/*'), { kind: 'prefix', path: '/a/', final: true });
  assert.deepEqual(read('/a'), { kind: 'exact', path: '/a' });
  assert.deepEqual(read('/a/'), { kind: 'exact', path: '/a/' });
  assert.deepEqual(read('*.php'), { kind: 'extension', ending: '.php' });
  assert.deepEqual(read('~ \\.x$'), { kind: 'regex', source: '\\.x$', ignoreCase: false });
  assert.equal(typeof read('a'), 'string');
  assert.deepEqual(read('/\ub300\ubb38/*'), {
    kind: 'prefix',
    path: '/\xeb\x8c\x80\xeb\xac\xb8/',
    final: true,
  });
});
