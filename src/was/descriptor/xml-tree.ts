/** XML as a tree of elements that know where they stand. Nothing outside of the text is ever read. */
import { SaxesParser } from 'saxes';
import type { Position } from '../../schema/index.ts';

/** A start tag with all that stands before its end tag; its place is that of its `<`. */
export interface XmlElement extends Position {
  /** Without its prefix: descriptors of all times are read alike. */
  readonly name: string;
  /** Its own text, without white space around it. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Why a text is no XML, and where. */
export interface XmlFault extends Position {
  readonly message: string;
  readonly cure: string;
}

/** Descriptors have five levels; what goes deeper than this is made to exhaust somebody. */
const DEEPEST = 100;

/** UTF-16 units. Generated descriptors of large applications have some hundred thousand. */
const LONGEST = 4 * 1024 * 1024;

const CURE = 'Correct the XML at this place';

interface Open extends XmlElement {
  text: string;
  readonly children: Open[];
}

/** Ends the parser where it stands: what follows the first fault says nothing, and costs it time without bounds. */
class Stop extends Error {
  readonly fault: XmlFault;

  constructor(fault: XmlFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/**
 * Reads a document with one element at its root. Entities are the five of XML: a text that uses or declares others
 * is none. The text is what UTF-8 made of a file; a declaration that says otherwise is a fault where it would matter.
 */
export function parseXml(
  text: string,
): { readonly root: XmlElement } | { readonly fault: XmlFault } {
  try {
    return { root: read(text.startsWith('\uFEFF') ? text.slice(1) : text) };
  } catch (error) {
    if (error instanceof Stop) return { fault: error.fault };
    throw error;
  }
}

function read(text: string): XmlElement {
  const placeOf = placesIn(text);
  const fail = (offset: number, message: string, cure: string): never => {
    throw new Stop({ message, cure, ...placeOf(offset) });
  };
  if (text.length > LONGEST) {
    fail(0, `The file has more than ${LONGEST} characters`, 'Divide the application');
  }
  const broken = text.indexOf('\uFFFD');
  if (broken >= 0) fail(broken, 'The file is not in UTF-8', 'Save it in UTF-8');

  const parser = new SaxesParser({ xmlns: true, position: false });
  let place: Position = { line: 1, column: 1 };
  const document: Open = { name: '', text: '', children: [], ...place };
  const open = [document];
  parser.on('error', ({ message }) => {
    const sentence = message.charAt(0).toUpperCase() + message.slice(1).replace(/\.$/, '');
    fail(Math.max(0, parser.position - 1), sentence, CURE);
  });
  parser.on('xmldecl', ({ encoding = 'UTF-8' }) => {
    if (/^(?:utf-?8|us-ascii)$/i.test(encoding) || !/[\u0080-\uFFFF]/.test(text)) return;
    fail(
      0,
      `The file says that it is in ${encoding}, and is read as UTF-8`,
      'Save it in UTF-8, and write encoding="UTF-8"',
    );
  });
  parser.on('doctype', (doctype) => {
    if (!doctype.replaceAll(/"[^"]*"|'[^']*'/g, '').includes('[')) return;
    fail(parser.position - 1, 'The DOCTYPE has declarations in it', 'Remove the part in brackets');
  });
  parser.on('opentagstart', () => {
    // It is told behind the name, in which no < can stand.
    place = placeOf(text.lastIndexOf('<', parser.position - 1));
  });
  parser.on('opentag', ({ local }) => {
    if (open.length > DEEPEST) {
      const message = `Elements lie more than ${DEEPEST} deep in one another`;
      throw new Stop({ message, cure: CURE, ...place });
    }
    const element: Open = { name: local, text: '', children: [], ...place };
    open.at(-1)?.children.push(element);
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
  parser.write(text).close();
  const [root] = document.children;
  return root ?? fail(0, 'There is no element', CURE);
}

/** Line and column of offsets, each of which lies behind the one before it. */
function placesIn(text: string): (offset: number) => Position {
  let line = 1;
  let lineStart = 0;
  let at = 0;
  return (offset) => {
    for (; at < offset; at++) {
      const code = text.charCodeAt(at);
      const endsLine = code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a);
      if (!endsLine) continue;
      line++;
      lineStart = at + 1;
    }
    return { line, column: offset - lineStart + 1 };
  };
}
