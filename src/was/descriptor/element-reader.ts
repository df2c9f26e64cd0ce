import type { Problems } from './problems.ts';
import type { XmlElement } from './xml-tree.ts';

/** Elements that say something to people and tools alone. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(['description', 'display-name', 'icon']);

const INTEGER = /^[+-]?[0-9]{1,15}$/;

/** What may stand in an element: by name, what is done with it; `unsupported` for what this version does not do. */
export type Contents = Readonly<Record<string, ((child: XmlElement) => void) | 'unsupported'>>;

/** Reads elements of one descriptor; what is wrong with them goes to `problems`. */
export class ElementReader {
  readonly problems: Problems;

  constructor(problems: Problems) {
    this.problems = problems;
  }

  /** Does with each child what `contents` say; white space aside, an element with children has no text. */
  contents(parent: XmlElement, contents: Contents): void {
    for (const child of parent.children) {
      const use = Object.hasOwn(contents, child.name) ? contents[child.name] : undefined;
      if (use === 'unsupported') this.problems.unsupported(child);
      else if (use !== undefined) use(child);
      else if (!FOR_PEOPLE.has(child.name)) this.problems.unknown(child, Object.keys(contents));
    }
    if (parent.text !== '') {
      this.problems.add(parent, 'wrong-form', 'Text stands between the elements', 'Remove it');
    }
  }

  /** The text of an element; empty, and told, where there is none. */
  name(element: XmlElement): string {
    if (element.text === '') {
      this.problems.add(element, 'wrong-form', 'The element is empty', 'Give it a value');
    }
    return element.text;
  }

  /** The only child of a name; null, and told, where there is none. The first counts where there are more, which is told. */
  required(parent: XmlElement, name: string): XmlElement | null {
    const child = this.optional(parent, name);
    if (child === null) {
      this.problems.add(parent, 'missing-key', `It has no <${name}>`, `Add <${name}>`);
    }
    return child;
  }

  /** As `required`, for what need not be there. */
  optional(parent: XmlElement, name: string): XmlElement | null {
    const [child = null, second] = parent.children.filter((each) => each.name === name);
    if (second !== undefined) {
      this.problems.add(second, 'duplicate', `<${name}> stands here twice`, 'Remove one of them');
    }
    return child;
  }

  /** A whole number between bounds; `otherwise`, and told, for anything else. */
  integer(element: XmlElement, least: number, most: number, otherwise: number): number {
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

  /** `param-name` and `param-value`, into a map of them; a name that is there already is told, and stays. */
  param(element: XmlElement, into: Map<string, string>): void {
    this.contents(element, { 'param-name': ignore, 'param-value': ignore });
    const name = this.required(element, 'param-name');
    const value = this.required(element, 'param-value');
    if (name === null || value === null || this.name(name) === '') return;
    if (into.has(name.text)) {
      this.problems.add(
        name,
        'duplicate',
        'The parameter has a value already',
        'Remove one of them',
      );
      return;
    }
    into.set(name.text, value.text);
  }
}

/** For children that are looked for by their names. */
export function ignore(): void {}
