import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DispatcherType } from '../../api/index.ts';
import type { FilterMappingModel } from '../../descriptor/index.ts';
import { FilterTable } from './filter-table.ts';

function mapping(filterName: string, given: Partial<FilterMappingModel>): FilterMappingModel {
  return {
    filterName,
    patterns: [],
    servletNames: [],
    dispatchers: new Set<DispatcherType>(['REQUEST']),
    ...given,
  };
}

function table(...mappings: readonly FilterMappingModel[]): FilterTable {
  const filters = mappings.map(({ filterName: name }) => {
    return [name, { name, filter: { doFilter: () => {} } }] as const;
  });
  return new FilterTable(new Map(filters), mappings);
}

function names(found: FilterTable, path: string | null, type: DispatcherType = 'REQUEST'): string {
  return found
    .find(path, 'hello', type)
    .map(({ name }) => name)
    .join(' ');
}

test('FilterTable finds by pattern, at its boundaries', () => {
  const cases: readonly (readonly [pattern: string, taken: string[], left: string[]])[] = [
    ['/*', ['/', '/a', '/a/b.x'], []],
    ['/a/*', ['/a', '/a/', '/a/b'], ['/', '/ab', '/A/b', '/b/a/']],
    ['/a', ['/a'], ['/a/', '/a/b', '/ab']],
    ['*.x', ['/a.x', '/a/b.x', '/.x'], ['/a.x/b', '/ax', '/a.xy', '/a.x.y']],
    // No meaning of its own for filters: the path / and nothing else.
    ['/', ['/'], ['/a', '/a/']],
  ];
  for (const [pattern, taken, left] of cases) {
    const found = table(mapping('f', { patterns: [pattern] }));
    for (const path of taken) assert.equal(names(found, path), 'f', `${pattern} ${path}`);
    for (const path of left) assert.equal(names(found, path), '', `${pattern} ${path}`);
  }
});

test('FilterTable puts filters by pattern before those by servlet, each in the order of the descriptor', () => {
  const found = table(
    mapping('byName', { servletNames: ['hello'] }),
    mapping('second', { patterns: ['*.x', '/b/*'] }),
    mapping('first', { patterns: ['/*'] }),
    mapping('every', { servletNames: ['*'] }),
    mapping('other', { servletNames: ['bye'] }),
  );
  assert.equal(names(found, '/b/a.x'), 'second first byName every');
});

test('FilterTable gives a filter once, however often it is mapped', () => {
  const both = mapping('both', { patterns: ['/*', '/a'], servletNames: ['hello'] });
  assert.equal(names(table(both, mapping('both', { patterns: ['/a'] })), '/a'), 'both');
});

test('FilterTable finds for the ways of dispatch that a mapping names', () => {
  const found = table(
    mapping('request', { patterns: ['/*'] }),
    mapping('inside', { patterns: ['/*'], dispatchers: new Set(['FORWARD', 'INCLUDE'] as const) }),
    mapping('error', { servletNames: ['hello'], dispatchers: new Set(['ERROR'] as const) }),
  );
  assert.equal(names(found, '/a', 'REQUEST'), 'request');
  assert.equal(names(found, '/a', 'FORWARD'), 'inside');
  assert.equal(names(found, '/a', 'INCLUDE'), 'inside');
  assert.equal(names(found, '/a', 'ERROR'), 'error');
});

test('FilterTable finds nothing by pattern for a servlet that was called by its name', () => {
  const found = table(
    mapping('byPath', { patterns: ['/*'] }),
    mapping('byName', { servletNames: ['hello'] }),
  );
  assert.equal(names(found, null), 'byName');
});
