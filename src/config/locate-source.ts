/**
 * Finds the line of a value in a TypeScript or JavaScript configuration by looking at its text: the
 * object literals of the default export, also inside calls and functions, and constants by name.
 * A value that a loop or an imported file makes has no line of its own; its nearest written parent's
 * is given.
 */
import type { Path, Position } from '../schema/index.ts';
import { scanSource, type SourceNode } from './source-tokens.ts';
import { LineIndex } from './text-position.ts';

/** Makes the look-up for one source; the source is scanned at the first use. */
export function sourceLocator(source: string): (path: Path) => Position | undefined {
  let prepared: { readonly lines: LineIndex; readonly nodes: readonly SourceNode[] } | undefined;
  return (path) => {
    prepared ??= { lines: new LineIndex(source), nodes: scanSource(source) };
    const offset = find(prepared.nodes, path);
    return offset === undefined ? undefined : prepared.lines.at(offset);
  };
}

type Nodes = readonly SourceNode[];

interface Found {
  readonly offset: number;
  readonly value: Nodes;
}

function find(source: Nodes, path: Path): number | undefined {
  let value = exported(source);
  let offset = value?.[0]?.offset;
  for (const segment of path) {
    if (value === undefined) return offset;
    const found = findInside(deref(source, value), segment);
    if (found === undefined) return offset;
    ({ offset, value } = found);
  }
  return offset;
}

/** What `export default` or `module.exports =` stands before. */
function exported(source: Nodes): Nodes | undefined {
  for (const [index, node] of source.entries()) {
    if (isWord(node, 'export') && isWord(source[index + 1], 'default'))
      return source.slice(index + 2);
    if (isWord(node, 'module.exports')) return source.slice(index + 2);
  }
  return undefined;
}

/** The value of a constant that is named and nothing else, or the nodes themselves. */
function deref(source: Nodes, nodes: Nodes): Nodes {
  const [name, after] = nodes;
  if (name?.kind !== 'word' || (after !== undefined && !isSign(after, ';'))) return nodes;
  for (const [index, node] of source.entries()) {
    const declares = isWord(node, 'const') || isWord(node, 'let') || isWord(node, 'var');
    if (!declares || !isWord(source[index + 1], name.value)) continue;
    const equals = source.findIndex((sign, at) => at > index && isSign(sign, '='));
    return equals === -1 ? nodes : source.slice(equals + 1, statementEnd(source, equals + 1));
  }
  return nodes;
}

function statementEnd(source: Nodes, from: number): number {
  const words = ['const', 'let', 'var', 'export', 'import', 'function', 'interface', 'type'];
  for (let index = from; index < source.length; index++) {
    const node = source[index];
    if (isSign(node, ';') || words.some((word) => isWord(node, word))) return index;
  }
  return source.length;
}

function findInside(nodes: Nodes, segment: string | number): Found | undefined {
  for (const [index, node] of nodes.entries()) {
    if (isSign(node, ';')) return undefined;
    if (node.kind !== 'group') continue;
    let found: Found | undefined;
    if (node.open === '(' && isParameters(nodes[index + 1])) continue;
    if (node.open === '(') found = findInside(node.items, segment);
    else if (node.open === '[')
      found = typeof segment === 'number' ? nthItem(node.items, segment) : undefined;
    else if (isBlock(nodes[index - 1])) found = findReturned(node.items, segment);
    else if (typeof segment === 'string') found = entryOf(node.items, segment);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What follows tells parameters, whose names are not keys, from arguments and parentheses. */
function isParameters(after: SourceNode | undefined): boolean {
  return (
    isSign(after, '=>') || isSign(after, ':') || (after?.kind === 'group' && after.open === '{')
  );
}

function isBlock(before: SourceNode | undefined): boolean {
  return isSign(before, '=>') || (before?.kind === 'group' && before.open === '(');
}

function findReturned(items: Nodes, segment: string | number): Found | undefined {
  for (const [index, node] of items.entries()) {
    if (!isWord(node, 'return')) continue;
    const found = findInside(deref(items, items.slice(index + 1)), segment);
    if (found !== undefined) return found;
  }
  return undefined;
}

// An object of ten thousand sites is asked for each of its faults.
const splits = new WeakMap<Nodes, readonly Nodes[]>();

function splitByComma(items: Nodes): readonly Nodes[] {
  const known = splits.get(items);
  if (known !== undefined) return known;
  const parts: SourceNode[][] = [[]];
  for (const node of items) {
    if (isSign(node, ',')) parts.push([]);
    else parts.at(-1)?.push(node);
  }
  splits.set(items, parts);
  return parts;
}

function nthItem(items: Nodes, index: number): Found | undefined {
  const parts = splitByComma(items);
  // After a spread nobody knows which item is which.
  if (parts.slice(0, index + 1).some((part) => isSign(part[0], '...'))) return undefined;
  const value = parts[index];
  const [first] = value ?? [];
  return value === undefined || first === undefined ? undefined : { offset: first.offset, value };
}

function entryOf(items: Nodes, name: string): Found | undefined {
  let last: Found | undefined;
  for (const entry of splitByComma(items)) {
    const [key, after] = entry;
    if (key === undefined || key.kind === 'group' || key.kind === 'sign' || key.value !== name)
      continue;
    // `key: value`, the shorthand `key`, or the method `key() { … }`; the last of equal keys counts.
    const value = isSign(after, ':')
      ? entry.slice(2)
      : after === undefined
        ? [key]
        : entry.slice(1);
    last = { offset: key.offset, value };
  }
  return last;
}

function isWord(node: SourceNode | undefined, value: string): boolean {
  return node?.kind === 'word' && node.value === value;
}

function isSign(node: SourceNode | undefined, value: string): boolean {
  return node?.kind === 'sign' && node.value === value;
}
