// Who may import whom: each import of each file is held against the row of the file's part.
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { isTestFile } from '../source-tree.ts';
import type { ImportSite, Source } from '../source-tree.ts';
import type { Check } from './check.ts';
import { DOORS, OUTSIDE_RULES, SOURCE_RULES, UNIT_TESTS } from './import-table.ts';
import type { ImportRule } from './import-table.ts';

interface Part {
  /** As in the table, `*` filled in: `was/api`, `config/import/nginx`, `test/support`. */
  readonly name: string;
  readonly inSource: boolean;
  readonly rule: ImportRule;
}

/** The import table of DESIGN.md section 2, doors (`index.ts`, `options.ts`) and npm packages per part. */
export const importsCheck: Check = {
  name: 'imports',
  run: (project) => project.sources().flatMap(problemsOf),
};

function problemsOf(source: Source): readonly string[] {
  const part = partOf(source.path);
  if (part === undefined) return [`${source.path}: its folder is in no row of the import table`];
  const problems: string[] = [];
  for (const site of source.imports) {
    const problem = judge(source.path, part, site);
    if (problem !== undefined) problems.push(`${source.path}:${site.line}: ${problem}`);
  }
  return problems;
}

function judge(path: string, part: Part, site: ImportSite): string | undefined {
  const { specifier } = site;
  if (specifier.startsWith('.')) {
    return judgeFile(path, part, posix.join(posix.dirname(path), specifier), site.typeOnly);
  }
  if (specifier.startsWith('node:')) {
    const name = specifier.slice(5).split('/', 1)[0] ?? '';
    if (part.rule.forbiddenNode?.includes(name) !== true || isTestFile(path)) return undefined;
    return `${label(part)} does no I/O and may not import ${specifier}`;
  }
  if (builtinModules.includes(specifier)) return `write node:${specifier}`;
  const name = packageName(specifier);
  const allowed: readonly string[] = [
    ...(part.rule.packages ?? []),
    ...(isTestFile(path) ? UNIT_TESTS.packages : []),
  ];
  if (allowed.includes(name)) return undefined;
  return `${label(part)} may not import the package ${name}`;
}

function judgeFile(
  path: string,
  from: Part,
  target: string,
  typeOnly: boolean,
): string | undefined {
  const isOptions = from.inSource && posix.basename(path) === 'options.ts';
  const to = partOf(target);
  if (to === undefined) return `${target} is in no row of the import table`;
  if (to.inSource && to.name === from.name && from.inSource) {
    // config reads options.ts in every process; what that file pulls in must stay data
    if (isOptions && posix.basename(target) !== 'options.ts')
      return `options.ts may import only schema and its part's options.ts, not ${target}`;
    return undefined;
  }
  if (!to.inSource) return judgeOutside(path, from, to, target);
  if (isOptions && to.name !== 'schema')
    return `options.ts may import only schema and its part's options.ts, not ${target}`;
  if (from.rule.reachesOptions === true && posix.basename(target) === 'options.ts')
    return undefined;
  const allowed =
    from.rule.reachesEveryPart === true || from.rule.mayImport.some((name) => covers(name, target));
  if (!allowed) return `${label(from)} may not import ${label(to)}`;
  if (from.rule.typesOnly === true && !typeOnly)
    return `${label(from)} may import only types of ${label(to)}`;
  if (isDoor(to, target) || from.rule.mayImport.some((name) => target === `src/${name}.ts`))
    return undefined;
  return `${label(to)} is reached through its index.ts, not ${target}`;
}

function judgeOutside(path: string, from: Part, to: Part, target: string): string | undefined {
  const top = (part: Part): string => part.name.split('/', 1)[0] ?? '';
  if (!from.inSource && top(from) === top(to)) return undefined;
  if (from.inSource && isTestFile(path)) {
    if (UNIT_TESTS.folders.some((folder) => target.startsWith(`${folder}/`))) return undefined;
  }
  // the test command reads the list of missing peers that the tests' own helper writes
  if (from.name === 'tools' && to.name === 'test/support') return undefined;
  // fuzzers feed the parsers as the tests of the parsers do
  if (from.name === 'fuzz' && to.name === 'test/support') return undefined;
  return `${label(from)} may not import ${label(to)}`;
}

function covers(allowed: string, target: string): boolean {
  return target.startsWith(`src/${allowed}/`) || target === `src/${allowed}.ts`;
}

function isDoor(part: Part, target: string): boolean {
  if (target === `src/${part.name}/index.ts`) return true;
  const top = part.name.split('/', 1)[0] ?? '';
  return (DOORS[top] ?? []).some((door) => target === `src/${top}/${door}/index.ts`);
}

function partOf(path: string): Part | undefined {
  const inSource = path.startsWith('src/');
  const rules = inSource ? SOURCE_RULES : OUTSIDE_RULES;
  const folders = posix.dirname(inSource ? path.slice(4) : path).split('/');
  if (inSource && folders[0] === '.') return { name: '', inSource, rule: SOURCE_RULES[''] ?? NONE };
  for (let depth = folders.length; depth > 0; depth--) {
    const name = folders.slice(0, depth).join('/');
    const anyName = [...folders.slice(0, depth - 1), '*'].join('/');
    const rule = rules[name] ?? rules[anyName];
    if (rule !== undefined) return { name, inSource, rule };
  }
  // config/native.ts and the like belong to the part of their folder, found above
  return undefined;
}

const NONE: ImportRule = { mayImport: [] };

function label(part: Part): string {
  if (!part.inSource) return part.name;
  return part.name === '' ? 'a file directly in src' : `src/${part.name}`;
}

function packageName(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
