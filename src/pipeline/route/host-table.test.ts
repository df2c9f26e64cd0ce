import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HostEntry, HostTable, HostTableBuilder, parseHostNames } from './host-table.ts';

function entries(...names: string[]): HostEntry<string>[] {
  return names.flatMap((written) => {
    const parsed = parseHostNames(written);
    assert.ok('value' in parsed, written);
    return parsed.value.map((name) => ({ name, target: written }));
  });
}

function table(...names: string[]): HostTable<string> {
  const built = HostTable.build(entries(...names), 'default');
  assert.ok('value' in built, JSON.stringify(built));
  return built.value;
}

test('names are chosen as nginx 1.22 was seen to choose them', () => {
  const hosts = table(
    'example.com',
    '*.example.com',
    '*.b.example.com',
    'www.example.*',
    'www.*',
    '.dot.test',
    '~^r[0-9]+\\.test$',
    '~^r1\\.test$',
    '~example\\.org$',
    '*.dot2.test',
  );
  const seen: [host: string, chosen: string][] = [
    ['example.com', 'example.com'],
    ['www.example.com', '*.example.com'],
    ['a.b.example.com', '*.b.example.com'],
    ['b.example.com', '*.example.com'],
    ['x.y.b.example.com', '*.b.example.com'],
    ['www.example.org', 'www.example.*'],
    ['www.example.net', 'www.example.*'],
    ['www.other', 'www.*'],
    ['dot.test', '.dot.test'],
    ['a.dot.test', '.dot.test'],
    ['r1.test', '~^r[0-9]+\\.test$'],
    ['r2.test', '~^r[0-9]+\\.test$'],
    ['x.example.org', '~example\\.org$'],
    ['dot2.test', 'default'],
    ['unknown', 'default'],
  ];
  for (const [host, chosen] of seen) assert.equal(hosts.find(host), chosen, host);
});

test('a wildcard stands for whole labels, one or more', () => {
  const hosts = table('*.example.com', 'mail.*');
  assert.equal(hosts.find('xexample.com'), 'default');
  assert.equal(hosts.find('example.com'), 'default');
  assert.equal(hosts.find('a.b.c.example.com'), '*.example.com');
  assert.equal(hosts.find('mail'), 'default');
  assert.equal(hosts.find('mailx.com'), 'default');
  assert.equal(hosts.find('mail.a.b'), 'mail.*');
});

test('a request without a host gets the default', () => {
  assert.equal(table('example.com').find(null), 'default');
  assert.equal(table('*.com', 'null.*', '~.').find(null), 'default');
});

test('the site called * takes the place of the default', () => {
  const hosts = table('example.com', '*');
  assert.equal(hosts.find('other'), '*');
  assert.equal(hosts.find(null), '*');
  assert.equal(hosts.fallback, '*');
});

test('addresses are names like others', () => {
  const hosts = table('127.0.0.1', '[::1]');
  assert.equal(hosts.find('127.0.0.1'), '127.0.0.1');
  assert.equal(hosts.find('[::1]'), '[::1]');
  assert.equal(hosts.find('[::2]'), 'default');
});

test('expressions on names ignore letter case', () => {
  assert.equal(table('~^WWW\\.').find('www.x'), '~^WWW\\.');
});

test('names that belong to an object in JavaScript are ordinary names', () => {
  const hosts = table('*.com');
  for (const host of ['__proto__', 'constructor', 'tostring.__proto__']) {
    assert.equal(hosts.find(host), 'default');
  }
  assert.equal(hosts.find('constructor.com'), '*.com');
});

test('a name that comes twice is a fault for each kind of name, and all faults are told', () => {
  for (const name of ['a.test', '*.a.test', 'a.*', '~a', '*', '.a.test']) {
    const built = HostTable.build(entries(name, 'b.test', name), '');
    assert.ok('faults' in built, name);
    assert.equal(built.faults.length, name.startsWith('.') ? 2 : 1);
    assert.match(built.faults[0]?.message ?? '', /two sites/);
  }
  const overlap = HostTable.build(entries('.a.test', 'a.test', '*.a.test'), '');
  assert.ok('faults' in overlap);
  assert.equal(overlap.faults.length, 2);
});

test('a name that is none is told, not taken for a host', () => {
  for (const written of ['a b', '.a b', '~(', '']) {
    assert.ok(!('value' in parseHostNames(written)), written);
  }
});

test('names are added one by one, and what is wrong with some of them is told at the end', () => {
  const builder = new HostTableBuilder('default');
  for (const entry of entries('a.test', '*.b.test', 'a.test', '*')) builder.add(entry);
  builder.add({ name: { kind: 'regex', source: '(a)\\1' }, target: '' });
  const built = builder.finish();
  assert.ok('faults' in built);
  assert.deepEqual(
    built.faults.map(({ entry }) => entry),
    ['a.test', '~(a)\\1'],
  );
});

test('an expression that cannot be matched in linear time is a fault', () => {
  const built = HostTable.build([{ name: { kind: 'regex', source: '(a)\\1' }, target: '' }], '');
  assert.ok('faults' in built);
  assert.equal(built.faults[0]?.entry, '~(a)\\1');
});

test('ten thousand hosts are all found, and their neighbours are not', () => {
  const names: string[] = [];
  for (let i = 0; i < 10_000; i++) names.push(i % 2 === 0 ? `h${i}.test` : `*.h${i}.test`);
  const hosts = table(...names);
  for (let i = 0; i < 10_000; i++) {
    const host = i % 2 === 0 ? `h${i}.test` : `w.h${i}.test`;
    assert.equal(hosts.find(host), names[i]);
    assert.equal(hosts.find(i % 2 === 0 ? `w.h${i}.test` : `h${i}.test`), 'default');
  }
});
