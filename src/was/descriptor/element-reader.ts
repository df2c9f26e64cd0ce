import type { Problems } from './problems.ts';
import type { XmlElement } from './xml-tree.ts';

/** Elements that say something to people and tools alone. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(['description', 'display-name', 'icon']);

const INTEGER = /^[+-]?[0-9]{1,19}$/;

/**
 * What may stand in an element: by name, what is done with it; `unsupported` for what this version does not do,
 * `anything` for what is passed over with all that is in it.
 */
export type Contents = Readonly<
  Record<string, ((child: XmlElement) => void) | 'unsupported' | 'anything'>
>;

/** Reads elements of one descriptor; what is wrong with them goes to `problems`. */
export class ElementReader {
  readonly problems: Problems;
  readonly #withContents = new WeakSet<XmlElement>();

  constructor(problems: Problems) {
    this.problems = problems;
  }

  /**
   * Does with each child what `once` or `many` say of its name. Of what may stand there once the first counts, and
   * the others are told. White space aside, an element with contents has no text, and any other nothing but text.
   */
  contents(parent: XmlElement, once: Contents, many: Contents = {}): void {
    this.#withContents.add(parent);
    const seen = new Set<string>();
    for (const child of parent.children) {
      const isOnce = Object.hasOwn(once, child.name);
      if (isOnce && seen.has(child.name)) {
        const message = `<${child.name}> stands here twice`;
        this.problems.add(child, 'duplicate', message, 'Remove one of them');
      } else if (isOnce) this.#use(child, once);
      else if (Object.hasOwn(many, child.name)) this.#use(child, many);
      else if (!FOR_PEOPLE.has(child.name)) {
        this.problems.unknown(child, [...Object.keys(once), ...Object.keys(many)]);
      }
      seen.add(child.name);
    }
    if (parent.text !== '') {
      this.problems.add(parent, 'wrong-form', 'Text stands between the elements', 'Remove it');
    }
  }

  #use(child: XmlElement, contents: Contents): void {
    const use = contents[child.name];
    if (use === 'unsupported') this.problems.unsupported(child);
    if (typeof use !== 'function') return;
    use(child);
    if (this.#withContents.has(child)) return;
    for (const inner of child.children) this.problems.unknown(inner, []);
  }

  /** The text of an element; empty, and told, where there is none. */
  name(element: XmlElement): string {
    if (element.text === '') {
      this.problems.add(element, 'wrong-form', 'The element is empty', 'Give it a value');
    }
    return element.text;
  }

  /** The first child of a name; null, and told, where there is none. */
  required(parent: XmlElement, name: string): XmlElement | null {
    const child = this.optional(parent, name);
    if (child === null) {
      this.problems.add(parent, 'missing-key', `It has no <${name}>`, `Add <${name}>`);
    }
    return child;
  }

  /** As `required`, for what need not be there. */
  optional(parent: XmlElement, name: string): XmlElement | null {
    return parent.children.find((each) => each.name === name) ?? null;
  }

  /** A whole number between bounds; `otherwise`, and told, for anything else. */
  integer<T>(element: XmlElement, least: number, most: number, otherwise: T): number | T {
    const value = INTEGER.test(element.text) ? Number(element.text) : NaN;
    if (value >= least && value <= most) return value;
    this.problems.add(
      element,
      Number.isNaN(value) ? 'wrong-form' : 'out-of-range',
      `It is no whole number from ${least} to ${most}`,
      'Write the number in digits',
    );
    return otherwise;
  }

  /** `true` or `false`. */
  boolean(element: XmlElement, otherwise: boolean): boolean {
    if (element.text === 'true' || element.text === 'false') return element.text === 'true';
    this.problems.add(
      element,
      'not-a-choice',
      'It is neither true nor false',
      'Write true or false',
    );
    return otherwise;
  }

  /** `param-name` and `param-value`, into a map of them; where a name is there already, `counts` says which stays, and it is noted. */
  param(element: XmlElement, into: Map<string, string>, counts: 'first' | 'last'): void {
    this.contents(element, { 'param-name': ignore, 'param-value': ignore });
    const name = this.required(element, 'param-name');
    const value = this.required(element, 'param-value');
    if (name === null || value === null || this.name(name) === '') return;
    const isTwice = into.has(name.text);
    if (isTwice) {
      this.problems.note(
        name,
        'duplicate',
        `The parameter has a value already; the ${counts} counts, as in Tomcat`,
        'Remove one of them',
      );
    }
    if (!isTwice || counts === 'last') into.set(name.text, value.text);
  }
}

/** For children that are looked for by their names. */
export function ignore(): void {}
