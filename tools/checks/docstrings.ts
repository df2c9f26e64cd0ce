// Every export has a docstring that says something its name does not: once the words of the name and the
// words that carry no meaning are taken away, enough different words must be left.
import type { Node, TSSignature } from 'oxc-parser';
import { declarationOf, docBefore } from '../syntax.ts';
import { isTestFile } from '../source-tree.ts';
import type { Source } from '../source-tree.ts';
import type { Check } from './check.ts';

/** An export has something to tell: unit, default, error thrown, source. Fewer words than this never do. */
const EXPORT_WORDS = 3;
/** What is explained in another place as well: a type by its members, a value by the type that its docstring names. */
const EXPLAINED_WORDS = 2;
/** An option's type tells a part already; its line adds at least what it is for. */
const OPTION_WORDS = 2;

const CHECKED = ['src/', 'tools/', 'test/support/', 'test/conformance/', 'bench/'];
const EMPTY_WORDS = new Set(
  (
    'a an and any are as at be been but by can class const constant default does each for from function get gets ' +
    'given has have helper how if in interface into is it its of on one or param parameter return returns set sets ' +
    'so some that the their them then there these this those to type use used uses using value was were what when ' +
    'where which will with you your'
  ).split(' '),
);

/** Docstrings on all exports, and on all properties of exported `…Options` types. */
export const docstringsCheck: Check = {
  name: 'docstrings',
  run: (project) =>
    project
      .sources()
      .filter(({ path }) => !isTestFile(path) && CHECKED.some((folder) => path.startsWith(folder)))
      .flatMap(undocumented),
};

function undocumented(source: Source): readonly string[] {
  const problems: string[] = [];
  for (const [local, exported] of localExports(source)) {
    const places = placesOf(source, local);
    if (places.length === 0) continue;
    const docs = places.map(({ start }) => docBefore(source, start));
    const doc = docs.find((text) => text !== undefined);
    const at = `${source.path}:${source.lineAt(places[0]?.start ?? 0)}`;
    if (doc === undefined) problems.push(`${at}: export ${exported} has no docstring`);
    else if (meaningfulWords(doc, local).size < wordsNeeded(doc, places))
      problems.push(`${at}: the docstring of ${exported} says no more than its name`);
    if (local.endsWith('Options')) {
      for (const { node } of places) problems.push(...undocumentedOptions(source, exported, node));
    }
  }
  return problems;
}

function wordsNeeded(doc: string, places: readonly Place[]): number {
  const isType = places.some(
    ({ node }) => node.type === 'TSInterfaceDeclaration' || node.type === 'TSTypeAliasDeclaration',
  );
  return isType || /`[A-Z][A-Za-z]+`/.test(doc) ? EXPLAINED_WORDS : EXPORT_WORDS;
}

/** The different words of `doc` that neither occur in `name` nor are empty of meaning, in their stem form. */
export function meaningfulWords(doc: string, name: string): ReadonlySet<string> {
  const named = new Set(wordsOf(name).map(stem));
  const left = new Set<string>();
  // a value in backticks tells something even where it is one sign long
  for (const [span] of doc.matchAll(/`[^`]+`/g)) {
    if (span.slice(1, -1) !== name) left.add(span);
  }
  // @default and the like are notation; what stands after them counts
  for (const word of wordsOf(doc.replaceAll(/`[^`]+`|@\w+/g, ' '))) {
    const lone = word.length === 1 && !/\d/.test(word);
    if (!lone && !EMPTY_WORDS.has(word) && !named.has(stem(word))) left.add(stem(word));
  }
  return left;
}

function wordsOf(text: string): readonly string[] {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

function stem(word: string): string {
  if (word.length <= 3) return word;
  return word.replace(word.length === 4 ? /s$/ : /(?:ing|ed|es|s|e)$/, '');
}

function localExports(source: Source): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { entries } of source.shape.module.staticExports) {
    for (const { moduleRequest, localName, exportName } of entries) {
      if (moduleRequest !== null) continue;
      const local = localName.name ?? 'default';
      names.set(local, exportName.name ?? local);
    }
  }
  return names;
}

interface Place {
  readonly start: number;
  readonly node: Node;
}

/** Where `name` is declared at the top of the file: several places for overloads and merged declarations. */
function placesOf(source: Source, name: string): readonly Place[] {
  const places: Place[] = [];
  for (const statement of source.shape.program.body) {
    if (statement.type === 'ExportDefaultDeclaration') {
      if (name === 'default') places.push({ start: statement.start, node: statement });
      continue;
    }
    const node = declarationOf(statement);
    const { start } = statement;
    if (node.type === 'VariableDeclaration') {
      const declared = node.declarations.find((one) => declares(one.id, name));
      // `export const { a, b } = …`: each name carries its own docstring, or the statement one for all
      if (declared !== undefined) places.push({ start, node });
    } else if ('id' in node && node.id?.type === 'Identifier' && node.id.name === name) {
      places.push({ start, node });
    }
  }
  return places;
}

function declares(pattern: Node, name: string): boolean {
  if (pattern.type === 'Identifier') return pattern.name === name;
  if (pattern.type !== 'ObjectPattern') return false;
  return pattern.properties.some(
    (property) => property.type === 'Property' && declares(property.value, name),
  );
}

function undocumentedOptions(source: Source, owner: string, node: Node): readonly string[] {
  if (node.type === 'TSInterfaceDeclaration') {
    return undocumentedMembers(source, owner, node.body.body);
  }
  if (node.type !== 'TSTypeAliasDeclaration') return [];
  const { typeAnnotation } = node;
  const shapes = 'types' in typeAnnotation ? typeAnnotation.types : [typeAnnotation];
  return shapes.flatMap((shape) =>
    shape.type === 'TSTypeLiteral' ? undocumentedMembers(source, owner, shape.members) : [],
  );
}

function undocumentedMembers(
  source: Source,
  owner: string,
  members: readonly TSSignature[],
): readonly string[] {
  const problems: string[] = [];
  for (const member of members) {
    if (member.type !== 'TSPropertySignature' && member.type !== 'TSMethodSignature') continue;
    const key = member.key.type === 'Identifier' ? member.key.name : keyText(source, member.key);
    const at = `${source.path}:${source.lineAt(member.start)}`;
    const doc = docBefore(source, member.start);
    if (doc === undefined) problems.push(`${at}: option ${owner}.${key} has no docstring`);
    else if (meaningfulWords(doc, key).size < OPTION_WORDS)
      problems.push(`${at}: the docstring of option ${owner}.${key} says no more than its name`);
    if (member.type === 'TSPropertySignature') {
      const inner = member.typeAnnotation?.typeAnnotation;
      if (inner?.type === 'TSTypeLiteral') {
        problems.push(...undocumentedMembers(source, `${owner}.${key}`, inner.members));
      }
    }
  }
  return problems;
}

function keyText(source: Source, key: Node): string {
  return source.text.slice(key.start, key.end).replaceAll(/^['"]|['"]$/g, '');
}
