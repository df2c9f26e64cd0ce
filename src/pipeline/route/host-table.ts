/**
 * Which virtual host a name belongs to, in nginx's order of `server_name`: the exact name, the longest
 * wildcard at the beginning (`*.example.com`), the longest at the end (`www.example.*`), the first
 * regular expression, the default. Wildcards are kept as trees of labels, so that a look-up costs one
 * step a label however many hosts there are; a wildcard stands for one or more labels.
 */
import { compileRegex, type Parsed } from '../../schema/index.ts';
import { parseServerName, type ServerName } from '../options.ts';
import type { Built, RouteFault } from './built.ts';

/** One name of a virtual host, and what it selects. */
export interface HostEntry<T> {
  readonly name: ServerName;
  readonly target: T;
}

/** One name with its kind and target, as `HostTable.describe` lists it in the order of the search. */
export interface HostRow<T> {
  readonly kind: ServerName['kind'];
  /** The name as a configuration spells it. */
  readonly name: string;
  readonly target: T;
}

/**
 * Reads what nginx allows in `server_name`: one name, or two for `.example.com`, which stands for the
 * name itself and everything under it.
 */
export function parseHostNames(written: string): Parsed<readonly ServerName[]> {
  const names = written.startsWith('.') ? [written.slice(1), `*${written}`] : [written];
  const parsed: ServerName[] = [];
  for (const name of names) {
    const result = parseServerName(name);
    if (!('value' in result)) return result;
    parsed.push(result.value);
  }
  return { value: parsed };
}

function spelt(name: ServerName): string {
  switch (name.kind) {
    case 'exact':
      return name.name;
    case 'suffix':
      return `*${name.suffix}`;
    case 'prefix':
      return `${name.prefix}*`;
    case 'regex':
      return `~${name.source}`;
    case 'any':
      return '*';
  }
}

/** A label of wildcards; `target` answers for one or more labels beyond this one. */
interface Label<T> {
  target: T | undefined;
  next: Map<string, Label<T>> | null;
}

/** See the head of this file. `T` must not include undefined. */
export class HostTable<T> {
  /** What answers when no name fits, and requests without a host. */
  readonly fallback: T;
  readonly #exact: ReadonlyMap<string, T>;
  readonly #suffixes: Label<T>;
  readonly #prefixes: Label<T>;
  readonly #regexes: readonly { readonly regex: RegExp; readonly target: T }[];
  readonly #rows: readonly HostRow<T>[];
  /** What the expression captured that decided the last `find`; null where none did. */
  match: RegExpExecArray | null = null;

  private constructor(
    fallback: T,
    exact: ReadonlyMap<string, T>,
    suffixes: Label<T>,
    prefixes: Label<T>,
    regexes: readonly { readonly regex: RegExp; readonly target: T }[],
    rows: readonly HostRow<T>[],
  ) {
    this.fallback = fallback;
    this.#exact = exact;
    this.#suffixes = suffixes;
    this.#prefixes = prefixes;
    this.#regexes = regexes;
    this.#rows = rows;
  }

  /**
   * Makes the table of one listener. An entry of kind `any` takes the place of `fallback`. A name that
   * comes twice is a fault, where nginx warns and ignores the second. Expressions ignore letter case.
   */
  static build<T>(entries: readonly HostEntry<T>[], fallback: T): Built<HostTable<T>> {
    const faults: RouteFault[] = [];
    const exact = new Map<string, T>();
    const suffixes: Label<T> = { target: undefined, next: null };
    const prefixes: Label<T> = { target: undefined, next: null };
    const regexes: { regex: RegExp; target: T }[] = [];
    const seen = new Set<string>();
    const rows: HostRow<T>[] = [];
    let chosen = fallback;
    for (const { name, target } of entries) {
      const entry = spelt(name);
      if (seen.has(entry)) {
        const message = `The name ${JSON.stringify(entry)} belongs to two sites of one address`;
        faults.push({ entry, message, cure: 'Take it out of one of them' });
        continue;
      }
      seen.add(entry);
      if (name.kind === 'exact') exact.set(name.name, target);
      else if (name.kind === 'suffix') {
        plant(suffixes, name.suffix.slice(1).split('.').toReversed(), target);
      } else if (name.kind === 'prefix') {
        plant(prefixes, name.prefix.slice(0, -1).split('.'), target);
      } else if (name.kind === 'any') chosen = target;
      else {
        const regex = compileRegex(name.source, true);
        if ('value' in regex) regexes.push({ regex: regex.value, target });
        else faults.push({ entry, message: regex.message, cure: regex.cure });
      }
      rows.push({ kind: name.kind, name: entry, target });
    }
    if (faults.length > 0) return { faults };
    return { value: new HostTable(chosen, exact, suffixes, prefixes, regexes, rows) };
  }

  /** What answers for a host: its name in lower case without a dot at its end, or null for none. */
  find(name: string | null): T {
    this.match = null;
    if (name === null) return this.fallback;
    return (
      this.#exact.get(name) ??
      (this.#suffixes.next === null ? undefined : fromTheEnd(this.#suffixes, name)) ??
      (this.#prefixes.next === null ? undefined : fromTheFront(this.#prefixes, name)) ??
      (this.#regexes.length === 0 ? undefined : this.#byRegex(name)) ??
      this.fallback
    );
  }

  #byRegex(name: string): T | undefined {
    for (const { regex, target } of this.#regexes) {
      this.match = regex.exec(name);
      if (this.match !== null) return target;
    }
    return undefined;
  }

  /** The names in the order in which they are tried. */
  describe(): readonly HostRow<T>[] {
    const order: readonly ServerName['kind'][] = ['exact', 'suffix', 'prefix', 'regex', 'any'];
    const rank = (row: HostRow<T>): number => order.indexOf(row.kind);
    return this.#rows.toSorted((a, b) => {
      if (a.kind !== b.kind) return rank(a) - rank(b);
      if (a.kind === 'regex') return 0;
      return b.name.length - a.name.length || (a.name < b.name ? -1 : 1);
    });
  }
}

function plant<T>(root: Label<T>, labels: readonly string[], target: T): void {
  let label = root;
  for (const text of labels) {
    label.next ??= new Map();
    let next = label.next.get(text);
    if (next === undefined) label.next.set(text, (next = { target: undefined, next: null }));
    label = next;
  }
  label.target = target;
}

function fromTheEnd<T>(root: Label<T>, name: string): T | undefined {
  let label: Label<T> | undefined = root;
  let found: T | undefined;
  let end = name.length;
  for (;;) {
    const dot = end === 0 ? -1 : name.lastIndexOf('.', end - 1);
    // The first label is what the star stands for.
    if (dot === -1) return found;
    label = label.next?.get(name.slice(dot + 1, end));
    if (label === undefined) return found;
    found = label.target ?? found;
    end = dot;
  }
}

function fromTheFront<T>(root: Label<T>, name: string): T | undefined {
  let label: Label<T> | undefined = root;
  let found: T | undefined;
  let start = 0;
  for (;;) {
    const dot = name.indexOf('.', start);
    if (dot === -1) return found;
    label = label.next?.get(name.slice(start, dot));
    if (label === undefined) return found;
    found = label.target ?? found;
    start = dot + 1;
  }
}
