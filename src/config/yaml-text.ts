/** YAML 1.2 with the place of every value. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Pair,
  visit,
} from 'yaml';
import type { ReadText, TextFault } from './json-text.ts';
import type { PlacedValue } from './text-position.ts';

const NOWHERE: PlacedValue = { offset: 0, inside: new Map() };
const DEEPEST = 200;

// The key that begins at the offset, in quotes behind a blank; empty where none does.
function keyAt(document: Document, offset: number): string {
  let found = '';
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key) || key.range?.[0] !== offset) return undefined;
      found = ` ${JSON.stringify(String(key.value))}`;
      return visit.BREAK;
    },
  });
  return found;
}

/** Reads a YAML text of one document; keys are texts, so that `404:` and `"404":` are the same. */
export function readYaml(text: string): ReadText {
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { prettyErrors: false, stringKeys: true, logLevel: 'error' });
  } catch (error) {
    return unreadable(error);
  }
  const faults = [...document.errors, ...document.warnings].map(
    ({ code, message, pos }): TextFault => ({
      offset: pos[0],
      code: code === 'DUPLICATE_KEY' ? 'duplicate' : 'syntax',
      message:
        code === 'DUPLICATE_KEY'
          ? `The key${keyAt(document, pos[0])} stands twice in the same object`
          : code === 'MULTIPLE_DOCS'
            ? 'The file holds several documents'
            : message,
      cure:
        code === 'DUPLICATE_KEY'
          ? 'Remove one of them'
          : code === 'MULTIPLE_DOCS'
            ? 'Keep the first, and remove the line "---" before the next'
            : 'Correct the YAML at this place; indentation counts, and tabs cannot indent',
    }),
  );
  if (faults.some(({ code }) => code === 'syntax'))
    return { value: undefined, places: NOWHERE, faults };
  try {
    const value: unknown = document.toJS();
    return { value, places: placesIn(document.contents, 0, 0), faults };
  } catch (error) {
    return unreadable(error, faults);
  }
}

// Unresolved aliases, and aliases that multiply into millions of values, show up only here.
function unreadable(error: unknown, before: readonly TextFault[] = []): ReadText {
  const message = error instanceof Error ? error.message : String(error);
  const cure = 'Write the values out instead of using aliases, and nest them less';
  return {
    value: undefined,
    places: NOWHERE,
    faults: [...before, { offset: 0, code: 'syntax', message, cure }],
  };
}

function placesIn(node: Node | null | undefined, offset: number, depth: number): PlacedValue {
  const inside = new Map<string | number, PlacedValue>();
  // What an alias stands for has its place where its anchor is; the alias is where to look first.
  if (node === null || node === undefined || isAlias(node) || depth > DEEPEST)
    return { offset, inside };
  if (isMap(node))
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      if (!isScalar(pair.key)) continue;
      const at = pair.key.range?.[0] ?? offset;
      inside.set(String(pair.key.value), placesIn(pair.value, at, depth + 1));
    }
  else if (isSeq(node))
    for (const [index, item] of (node.items as Node[]).entries())
      inside.set(index, placesIn(item, item.range?.[0] ?? offset, depth + 1));
  return { offset, inside };
}
