import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ServletMapper } from './servlet-mapper.ts';

function mapper(...patterns: readonly string[]): ServletMapper<string> {
  const made = new ServletMapper<string>();
  for (const pattern of patterns) made.add(pattern, pattern);
  return made;
}

/** `pattern servletPath pathInfo matchValue` of what a path leads to; the rules in their order. */
function find(found: ServletMapper<string>, path: string): string {
  const mapped =
    found.exact(path) ?? found.byPrefix(path) ?? found.byEnding(path) ?? found.fallback(path);
  if (mapped === null) return 'none';
  assert.equal(mapped.target, mapped.pattern);
  return `${mapped.match} ${mapped.pattern} ${mapped.servletPath} ${mapped.pathInfo} ${mapped.matchValue}`;
}

test('ServletMapper finds as the table of the specification says', () => {
  // Jakarta Servlet section 12.2.2.
  const table = mapper('/foo/bar/*', '/baz/*', '/catalog', '*.bop');
  assert.equal(
    find(table, '/foo/bar/index.html'),
    'PATH /foo/bar/* /foo/bar /index.html index.html',
  );
  assert.equal(find(table, '/foo/bar/index.bop'), 'PATH /foo/bar/* /foo/bar /index.bop index.bop');
  assert.equal(find(table, '/baz'), 'PATH /baz/* /baz null null');
  assert.equal(find(table, '/baz/index.html'), 'PATH /baz/* /baz /index.html index.html');
  assert.equal(find(table, '/catalog'), 'EXACT /catalog /catalog null catalog');
  assert.equal(find(table, '/catalog/index.html'), 'none');
  assert.equal(
    find(table, '/catalog/racecar.bop'),
    'EXTENSION *.bop /catalog/racecar.bop null catalog/racecar',
  );
  assert.equal(find(table, '/index.bop'), 'EXTENSION *.bop /index.bop null index');
});

test('ServletMapper takes the exact pattern, then the longest prefix, then the ending, then /', () => {
  const table = mapper('/a/b.x', '/a/*', '/a/b/*', '*.x', '/');
  assert.match(find(table, '/a/b.x'), /^EXACT/);
  assert.match(find(table, '/a/b/c.x'), /^PATH \/a\/b\/\* /);
  assert.match(find(table, '/a/c.x'), /^PATH \/a\/\* /);
  assert.match(find(table, '/c.x'), /^EXTENSION/);
  assert.equal(find(table, '/c'), 'DEFAULT / /c null ');
});

test('ServletMapper knows the boundaries of a prefix', () => {
  const table = mapper('/a/b/*');
  assert.equal(find(table, '/a/b'), 'PATH /a/b/* /a/b null null');
  assert.equal(find(table, '/a/b/'), 'PATH /a/b/* /a/b / ');
  assert.equal(find(table, '/a/b/c/d'), 'PATH /a/b/* /a/b /c/d c/d');
  for (const path of ['/a/bc', '/a', '/a/', '/', '/A/b', '/x/a/b']) {
    assert.equal(find(table, path), 'none', path);
  }
});

test('ServletMapper gives everything to /*', () => {
  const table = mapper('/*', '*.x', '/');
  assert.equal(find(table, '/'), 'PATH /*  / ');
  assert.equal(find(table, '/a.x'), 'PATH /*  /a.x a.x');
});

test('ServletMapper gives the root of the context to the empty pattern alone', () => {
  const table = mapper('', '/');
  assert.equal(find(table, '/'), 'CONTEXT_ROOT   / ');
  assert.equal(find(table, '/a'), 'DEFAULT / /a null ');
  assert.match(find(mapper('', '/*'), '/'), /^CONTEXT_ROOT/);
});

test('ServletMapper looks for endings in the last segment alone, behind its last dot', () => {
  const table = mapper('*.x', '*.gz', '*.tar.gz');
  assert.match(find(table, '/a.y.x'), /^EXTENSION \*\.x/);
  // The ending is what is behind the last dot, so a pattern with two is never met.
  assert.match(find(table, '/a.tar.gz'), /^EXTENSION \*\.gz/);
  assert.match(find(table, '/.x'), /^EXTENSION/);
  for (const path of ['/a.x/b', '/a.x/', '/ax', '/a.', '/a.X', '/x']) {
    assert.equal(find(table, path), 'none', path);
  }
});

test('ServletMapper takes a pattern with a star in another place as it stands', () => {
  const table = mapper('/a*', '/a/*/b');
  assert.match(find(table, '/a*'), /^EXACT/);
  assert.match(find(table, '/a/*/b'), /^EXACT/);
  assert.equal(find(table, '/ab'), 'none');
  assert.equal(find(table, '/a/x/b'), 'none');
});

test('ServletMapper does as a plain reading of section 12.1 for any patterns and paths', () => {
  const segment = fc.constantFrom('a', 'b', 'a.x', 'b.y', '');
  const path = fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
  const pattern = fc.oneof(
    path,
    path.map((prefix) => `${prefix === '/' ? '' : prefix}/*`),
    fc.constantFrom('*.x', '*.y', '/', ''),
  );
  fc.assert(
    fc.property(fc.array(pattern), path, (patterns, asked) => {
      assert.equal(find(mapper(...patterns), asked).split(' ')[1] ?? '', plain(patterns, asked));
    }),
    { numRuns: 2000 },
  );
});

function plain(patterns: readonly string[], path: string): string {
  const has = (pattern: string): boolean => patterns.includes(pattern);
  if (path !== '/' && has(path)) return path;
  if (path === '/' && has('')) return '';
  const prefixes = patterns
    .filter((pattern) => pattern.endsWith('/*'))
    .filter((pattern) => path === pattern.slice(0, -2) || path.startsWith(pattern.slice(0, -1)))
    .toSorted((a, b) => b.length - a.length);
  if (prefixes[0] !== undefined) return prefixes[0];
  const last = path.slice(path.lastIndexOf('/') + 1);
  const ending = last.includes('.') ? `*.${last.slice(last.lastIndexOf('.') + 1)}` : null;
  if (ending !== null && has(ending)) return ending;
  return has('/') ? '/' : find(mapper(...patterns), path) === 'none' ? '' : 'wrong';
}
