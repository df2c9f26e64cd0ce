import { nearest, type Problem, type ProblemCode } from '../../schema/index.ts';
import type { XmlElement } from './xml-tree.ts';

/** A name that was meant is searched for this often: it takes its time, and nobody reads further. */
const MOST_SUGGESTIONS = 100;

/** Gathers what is wrong with one descriptor. */
export class Problems {
  readonly #found: Problem[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** What was gathered, in the order of the file. */
  get found(): readonly Problem[] {
    return this.#found.toSorted(
      (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    );
  }

  /** Something wrong with an element. */
  add(element: XmlElement, code: ProblemCode, message: string, cure: string): void {
    this.#found.push(this.#problem(element, code, message, cure));
  }

  /** Something worth knowing about it. */
  note(element: XmlElement, code: ProblemCode, message: string, cure: string): void {
    this.#found.push({ ...this.#problem(element, code, message, cure), isNote: true });
  }

  #problem(element: XmlElement, code: ProblemCode, message: string, cure: string): Problem {
    const { line, column } = element;
    const object = shown(element);
    return { path: [], object, message, cure, code, file: this.#file, line, column };
  }

  /** An element that stands where none of its name has a meaning. */
  unknown(element: XmlElement, known: readonly string[]): void {
    const near = this.#found.length < MOST_SUGGESTIONS ? nearest(element.name, known) : undefined;
    this.add(
      element,
      'unknown-key',
      'No element of this name belongs here',
      near === undefined ? 'Remove it' : `Did you mean <${near}>?`,
    );
  }

  /** An element whose meaning this version does not have. */
  unsupported(element: XmlElement): void {
    this.add(
      element,
      'not-available',
      'This version does not do what the element asks for',
      'Remove it only if the application is right without it',
    );
  }
}

/** An element as its author finds it: as it is written where it is short, or with the name in it. */
function shown({ name, text, children }: XmlElement): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  if (short !== '') return `<${name}>${short}</${name}>`;
  const named = children.find(
    (child) => child.name !== 'display-name' && child.name.endsWith('-name'),
  );
  return named === undefined || named.text === '' ? `<${name}>` : `<${name}> ${named.text}`;
}
