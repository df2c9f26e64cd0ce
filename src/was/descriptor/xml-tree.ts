/** XML as a tree of elements that know where they stand. Nothing outside of the text is ever read. */
import { SaxesParser } from 'saxes';

/** A start tag with all that stands before its end tag. */
export interface XmlElement {
  /** Without its prefix: descriptors of all times are read alike. */
  readonly name: string;
  /** Its own text, without white space around it. */
  readonly text: string;
  readonly children: readonly XmlElement[];
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/** Why a text is no XML, and where. */
export interface XmlFault {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** Descriptors have five levels; what goes deeper than this is made to exhaust somebody. */
const DEEPEST = 100;

interface Open {
  readonly name: string;
  text: string;
  readonly children: Mutable[];
  readonly line: number;
  readonly column: number;
}
type Mutable = Open;

/** Reads a document with one element at its root. Entities are the five of XML: a text that uses others is none. */
export function parseXml(
  text: string,
): { readonly root: XmlElement } | { readonly fault: XmlFault } {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: Open[] = [];
  const roots: Open[] = [];
  const faults: XmlFault[] = [];
  // A tag is told when it ends; where it begins is what a person looks for.
  let [line, column] = [1, 1];
  const fail = (message: string): void => {
    faults.push({ message, line: parser.line, column: parser.columnIndex + 1 });
  };
  parser.on('error', (error) => fail(error.message.replace(/^[0-9]+:[0-9]+: /, '')));
  parser.on('opentagstart', (tag) => {
    // It is told at the character behind the name; where that ends the line, only the line is known.
    const start = parser.columnIndex - tag.name.length - 1;
    line = start > 0 ? parser.line : parser.line - 1;
    column = Math.max(1, start);
  });
  parser.on('opentag', ({ local }) => {
    if (faults.length > 0) return;
    if (open.length >= DEEPEST) {
      fail(`Elements lie more than ${DEEPEST} deep in one another`);
      return;
    }
    const element: Open = { name: local, text: '', children: [], line, column };
    open.at(-1)?.children.push(element);
    if (open.length === 0) roots.push(element);
    open.push(element);
  });
  const addText = (piece: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const element = open.pop();
    if (element !== undefined) element.text = element.text.trim();
  });
  parser.write(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text).close();
  const [fault] = faults;
  if (fault !== undefined) return { fault };
  const [root] = roots;
  const nothing = { message: 'There is no element', line: 1, column: 1 };
  return root === undefined ? { fault: nothing } : { root };
}
