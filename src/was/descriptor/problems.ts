import { nearest, type Problem, type ProblemCode } from '../../schema/index.ts';
import type { XmlElement } from './xml-tree.ts';

/** Gathers what is wrong with one descriptor. */
export class Problems {
  readonly found: Problem[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Something wrong with an element. */
  add(element: XmlElement, code: ProblemCode, message: string, cure: string): void {
    this.found.push(this.#problem(element, code, message, cure));
  }

  /** Something worth knowing about it. */
  note(element: XmlElement, code: ProblemCode, message: string, cure: string): void {
    this.found.push({ ...this.#problem(element, code, message, cure), isNote: true });
  }

  #problem(
    { name, text, line, column }: XmlElement,
    code: ProblemCode,
    message: string,
    cure: string,
  ): Problem {
    const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    const object = shown === '' ? `<${name}>` : `<${name}>${shown}</${name}>`;
    return { path: [], object, message, cure, code, file: this.#file, line, column };
  }

  /** An element that stands where none of its name has a meaning. */
  unknown(element: XmlElement, known: readonly string[]): void {
    const near = nearest(element.name, known);
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
