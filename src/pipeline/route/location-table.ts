/**
 * Which location answers a path. The rules are nginx's, so that an imported configuration keeps its
 * meaning: the exact path; else the longest prefix is remembered and the tables nested in it are asked
 * first; then the regular expressions of this level in their order, unless the prefix is final (`^~`);
 * then file endings, which nginx does not have; then the prefix. A final prefix inside a nested table
 * silences the expressions of that table only, not those of the levels above.
 */
import { compileRegex, type Parsed } from '../../schema/index.ts';
import { parseRoutePattern } from '../options.ts';
import type { Built, RouteFault } from './built.ts';
import { PrefixTree } from './prefix-tree.ts';

/** The paths that a location stands for. */
export type LocationPattern =
  /** This path only (nginx `=`). */
  | { readonly kind: 'exact'; readonly path: string }
  /** Every path that begins so; with `final` no expression is asked after it (nginx `^~`). */
  | { readonly kind: 'prefix'; readonly path: string; readonly final: boolean }
  /** Every path in which the expression finds something (nginx `~`, `~*`). */
  | { readonly kind: 'regex'; readonly source: string; readonly ignoreCase: boolean }
  /** Every path that ends so. */
  | { readonly kind: 'extension'; readonly ending: string }
  /** No path: reached by name alone (nginx `@name`); `name` begins with the sign. */
  | { readonly kind: 'named'; readonly name: string };

/** One location on its way into a table. */
export interface LocationEntry<T> {
  readonly pattern: LocationPattern;
  readonly target: T;
  /**
   * For a prefix that ends in a slash: what answers the path without it, usually a redirect, unless
   * another entry takes that path. nginx does so for locations with `proxy_pass`.
   */
  readonly bare?: T;
  /** Locations inside this one; only under prefixes and, among themselves, expressions. */
  readonly nested?: readonly LocationEntry<T>[];
}

/** What a look-up found. */
export interface Found<T> {
  readonly target: T;
  /** Captures of the expression that decided, `$1` first, '' for a group that took no part; else null. */
  readonly captures: readonly string[] | null;
  /** The same by name, for the groups that have one; null where none has. */
  readonly groups: CaptureGroups | null;
}

/** What named groups of an expression captured; an object without prototype, as V8 makes it. */
export type CaptureGroups = Readonly<Record<string, string | undefined>>;

/** One location with its pattern and its parents, as `LocationTable.describe` lists it. */
export interface LocationRow<T> {
  /** The pattern in nginx's notation: `= /a`, `^~ /a/`, `~ \.php$`, `@x`; `*.php` for an ending. */
  readonly pattern: string;
  /** Patterns of the locations that it is nested in, outermost first. */
  readonly within: readonly string[];
  readonly target: T;
}

/** Paths are bytes: what the configuration spells beyond ASCII stands for its UTF-8. */
function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * Reads the key of a native route as a pattern. `/a/*` is a final prefix, because the more specific
 * route is to win; `/` is the prefix that everything else goes before.
 */
export function parseRoute(key: string): Parsed<LocationPattern> {
  const parsed = parseRoutePattern(bytes(key));
  if (!('value' in parsed)) return parsed;
  const pattern = parsed.value;
  if (pattern.kind === 'prefix') return { value: { ...pattern, final: pattern.path !== '/' } };
  if (pattern.kind === 'regex') return { value: { ...pattern, ignoreCase: false } };
  return { value: pattern };
}

function spelt(pattern: LocationPattern): string {
  switch (pattern.kind) {
    case 'exact':
      return `= ${pattern.path}`;
    case 'prefix':
      return pattern.final ? `^~ ${pattern.path}` : pattern.path;
    case 'regex':
      return `${pattern.ignoreCase ? '~*' : '~'} ${pattern.source}`;
    case 'extension':
      return `*${pattern.ending}`;
    case 'named':
      return pattern.name;
  }
}

/** A location in its level; its own answer to a look-up wherever there are no captures. */
interface Leaf<T> extends Found<T> {
  readonly captures: null;
  readonly groups: null;
  /** Whether the look-up ends here: nothing can be more specific. */
  readonly settles: boolean;
  readonly final: boolean;
  readonly regex: RegExp | null;
  readonly nested: Level<T> | null;
}

const EMPTY = {
  captures: null,
  groups: null,
  settles: false,
  final: false,
  regex: null,
  nested: null,
} as const;

interface Level<T> {
  readonly tree: PrefixTree<Leaf<T>>;
  readonly regexes: Leaf<T>[];
  readonly endings: Map<string, Leaf<T>>;
  /** Lengths of the keys of `endings`, longest first. */
  lengths: readonly number[];
}

/** See the head of this file. */
export class LocationTable<T> {
  readonly #level: Level<T>;
  readonly #named: ReadonlyMap<string, T>;
  readonly #rows: readonly LocationRow<T>[];
  // What the last look-up left beside its leaf: whether it is settled, and the captures.
  #settled = false;
  #match: RegExpExecArray | null = null;

  private constructor(level: Level<T>, named: ReadonlyMap<string, T>, rows: LocationRow<T>[]) {
    this.#level = level;
    this.#named = named;
    this.#rows = rows;
  }

  /** Makes the table of one virtual host, or says what is wrong with its entries. */
  static build<T>(entries: readonly LocationEntry<T>[]): Built<LocationTable<T>> {
    const builder = new Builder<T>();
    const level = builder.level(entries, [], null);
    if (builder.faults.length > 0) return { faults: builder.faults };
    return { value: new LocationTable(level, builder.named, builder.rows) };
  }

  /** What answers for a decoded and normalised path, or null when nothing does. */
  find(path: string): Found<T> | null {
    this.#match = null;
    const leaf = this.#search(this.#level, path);
    return leaf === null || leaf.regex === null ? leaf : this.#withCaptures(leaf);
  }

  #withCaptures({ target }: Leaf<T>): Found<T> {
    const captures: string[] = [];
    if (this.#match !== null) {
      for (let at = 1; at < this.#match.length; at++) captures.push(this.#match[at] ?? '');
    }
    return { target, captures, groups: this.#match?.groups ?? null };
  }

  #search(level: Level<T>, path: string): Leaf<T> | null {
    let found = level.tree.find(path);
    this.#settled = found !== null && found.settles;
    if (this.#settled) return found;
    const expressions = found === null || !found.final;
    if (found !== null && found.nested !== null) {
      found = this.#search(found.nested, path) ?? found;
      if (this.#hasSettled()) return found;
    }
    if (!expressions) return found;
    for (const leaf of level.regexes) {
      const match = leaf.regex?.exec(path);
      if (match === null || match === undefined) continue;
      this.#match = match;
      const inner = leaf.nested === null ? null : this.#search(leaf.nested, path);
      this.#settled = true;
      return inner ?? leaf;
    }
    for (const length of level.lengths) {
      const leaf = level.endings.get(path.slice(-length));
      if (leaf === undefined) continue;
      this.#settled = true;
      return leaf;
    }
    return found;
  }

  /** Asked behind a search of a nested level, which changes the answer. */
  #hasSettled(): boolean {
    return this.#settled;
  }

  /** The location called `@name`, or null. */
  named(name: string): T | null {
    return this.#named.get(name) ?? null;
  }

  /** All locations, those of one level in the order in which they are tried, nested ones behind theirs. */
  describe(): readonly LocationRow<T>[] {
    return this.#rows;
  }
}

/** Order in which the kinds of one level are tried. */
function rank(pattern: LocationPattern): number {
  if (pattern.kind === 'exact') return 0;
  if (pattern.kind === 'prefix') return pattern.final ? 1 : 4;
  return pattern.kind === 'regex' ? 2 : pattern.kind === 'extension' ? 3 : 5;
}

function inOrder<T>(entries: readonly LocationEntry<T>[]): readonly LocationEntry<T>[] {
  return entries.toSorted((a, b) => {
    const difference = rank(a.pattern) - rank(b.pattern);
    if (difference !== 0 || a.pattern.kind !== 'prefix' || b.pattern.kind !== 'prefix') {
      return difference;
    }
    return b.pattern.path.length - a.pattern.path.length;
  });
}

class Builder<T> {
  readonly faults: RouteFault[] = [];
  readonly named = new Map<string, T>();
  readonly rows: LocationRow<T>[] = [];

  level(
    entries: readonly LocationEntry<T>[],
    within: readonly string[],
    parent: LocationPattern | null,
  ): Level<T> {
    const level: Level<T> = {
      tree: new PrefixTree(),
      regexes: [],
      endings: new Map(),
      lengths: [],
    };
    const taken = new Set<string>();
    for (const entry of inOrder(entries)) {
      const pattern = spelt(entry.pattern);
      this.rows.push({ pattern, within, target: entry.target });
      const wrong = this.#misplaced(entry, parent) ?? this.#twice(entry.pattern, taken);
      if (wrong !== null) {
        this.faults.push({ entry: pattern, ...wrong });
        continue;
      }
      this.#place(level, entry, [...within, pattern]);
    }
    for (const entry of entries) placeBare(level, entry);
    level.lengths = [...new Set([...level.endings.keys()].map((ending) => ending.length))].toSorted(
      (a, b) => b - a,
    );
    return level;
  }

  #place(level: Level<T>, entry: LocationEntry<T>, within: readonly string[]): void {
    const { pattern, target } = entry;
    const nested =
      entry.nested === undefined || entry.nested.length === 0
        ? null
        : this.level(entry.nested, within, pattern);
    const leaf = { ...EMPTY, target, nested };
    switch (pattern.kind) {
      case 'exact':
        level.tree.at(pattern.path).exact = { ...leaf, settles: true };
        break;
      case 'prefix':
        level.tree.at(pattern.path).prefix = { ...leaf, final: pattern.final };
        break;
      case 'regex': {
        const regex = compileRegex(pattern.source, pattern.ignoreCase);
        if ('value' in regex) level.regexes.push({ ...leaf, regex: regex.value });
        else this.faults.push({ entry: spelt(pattern), message: regex.message, cure: regex.cure });
        break;
      }
      case 'extension':
        level.endings.set(pattern.ending, leaf);
        break;
      case 'named':
        this.named.set(pattern.name, target);
    }
  }

  /** As nginx: a nested location lies inside its parent's paths, and names stand at the top. */
  #misplaced(
    { pattern, nested = [] }: LocationEntry<T>,
    parent: LocationPattern | null,
  ): { message: string; cure: string } | null {
    if (nested.length > 0 && pattern.kind !== 'prefix' && pattern.kind !== 'regex') {
      return { message: 'No location can be nested in it', cure: 'Move the nested ones beside it' };
    }
    if (parent === null) return null;
    if (pattern.kind === 'named') {
      return { message: 'A named location is nested', cure: 'Move it to the top of the site' };
    }
    const under = parent.kind === 'prefix' ? parent.path : null;
    const path = pattern.kind === 'exact' || pattern.kind === 'prefix' ? pattern.path : null;
    if (path === null || (under !== null && path.startsWith(under))) return null;
    return { message: `It lies outside of ${spelt(parent)}`, cure: 'Move it beside that location' };
  }

  #twice(pattern: LocationPattern, taken: Set<string>): { message: string; cure: string } | null {
    // An expression may come twice: the first wins, which is what its order says. A prefix may not
    // come both final and not.
    if (pattern.kind === 'regex') return null;
    const key = pattern.kind === 'prefix' ? pattern.path : spelt(pattern);
    if (taken.has(key)) {
      return { message: 'The location is there twice', cure: 'Take one of them out' };
    }
    taken.add(key);
    return null;
  }
}

function placeBare<T>(level: Level<T>, { pattern, bare }: LocationEntry<T>): void {
  if (bare === undefined || pattern.kind !== 'prefix') return;
  if (pattern.path.length < 2 || !pattern.path.endsWith('/')) return;
  const node = level.tree.at(pattern.path.slice(0, -1));
  if (node.exact !== null || node.prefix !== null) return;
  node.exact = { ...EMPTY, target: bare, settles: true };
}
