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

/** What a look-up goes through, in this order. */
interface HostParts<T> {
  readonly exact: Map<string, T>;
  readonly suffixes: Label<T>;
  readonly prefixes: Label<T>;
  readonly regexes: { readonly regex: RegExp; readonly target: T }[];
  fallback: T;
}

/**
 * Makes the table of one listener, name by name, so that many thousands of them can be added in slices
 * by a thread that serves requests meanwhile. A name that comes twice is a fault, where nginx warns and
 * ignores the second. Expressions ignore letter case.
 */
export class HostTableBuilder<T> {
  readonly #parts: HostParts<T>;
  readonly #faults: RouteFault[] = [];
  /** Names other than exact ones, as they are spelt. */
  readonly #seen = new Set<string>();

  /** `fallback` answers when no name fits, until an entry of kind `any` takes its place. */
  constructor(fallback: T) {
    this.#parts = {
      exact: new Map(),
      suffixes: { target: undefined, next: null },
      prefixes: { target: undefined, next: null },
      regexes: [],
      fallback,
    };
  }

  add({ name, target }: HostEntry<T>): void {
    const { exact, suffixes, prefixes, regexes } = this.#parts;
    if (this.#isTaken(name)) {
      const entry = spelt(name);
      const message = `The name ${JSON.stringify(entry)} belongs to two sites of one address`;
      this.#faults.push({ entry, message, cure: 'Take it out of one of them' });
      return;
    }
    switch (name.kind) {
      case 'exact':
        exact.set(name.name, target);
        return;
      case 'suffix':
        plant(suffixes, name.suffix.slice(1).split('.').toReversed(), target);
        return;
      case 'prefix':
        plant(prefixes, name.prefix.slice(0, -1).split('.'), target);
        return;
      case 'any':
        this.#parts.fallback = target;
        return;
      case 'regex': {
        const regex = compileRegex(name.source, true);
        if ('value' in regex) regexes.push({ regex: regex.value, target });
        else this.#faults.push({ entry: spelt(name), message: regex.message, cure: regex.cure });
      }
    }
  }

  #isTaken(name: ServerName): boolean {
    if (name.kind === 'exact') return this.#parts.exact.has(name.name);
    const entry = spelt(name);
    if (this.#seen.has(entry)) return true;
    this.#seen.add(entry);
    return false;
  }

  /** The table, or what is wrong with the names. Nothing can be added behind it. */
  finish(): Built<HostTable<T>> {
    if (this.#faults.length > 0) return { faults: this.#faults };
    return { value: new HostTable(this.#parts) };
  }
}

/** See the head of this file; a `HostTableBuilder` makes it. `T` must not include undefined. */
export class HostTable<T> {
  /** What answers when no name fits, and requests without a host. */
  readonly fallback: T;
  readonly #exact: ReadonlyMap<string, T>;
  readonly #suffixes: Label<T>;
  readonly #prefixes: Label<T>;
  readonly #regexes: HostParts<T>['regexes'];
  /** What the expression captured that decided the last `find`; null where none did. */
  match: RegExpExecArray | null = null;

  constructor({ fallback, exact, suffixes, prefixes, regexes }: HostParts<T>) {
    this.fallback = fallback;
    this.#exact = exact;
    this.#suffixes = suffixes;
    this.#prefixes = prefixes;
    this.#regexes = regexes;
  }

  /** The table of a few names at once; see `HostTableBuilder`. */
  static build<T>(entries: readonly HostEntry<T>[], fallback: T): Built<HostTable<T>> {
    const builder = new HostTableBuilder(fallback);
    for (const entry of entries) builder.add(entry);
    return builder.finish();
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
