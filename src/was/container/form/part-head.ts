/** The header of a part of a `multipart/form-data` body (RFC 7578 section 4). */
import {
  dropTrailingBlanks,
  equalsIgnoreCaseAscii,
  isBlankByte,
  isFieldValue,
  isToken,
  lowerAscii,
  skipBlanks,
} from '../../../http/message/index.ts';
import { MalformedBodyException } from '../../api/index.ts';
import { type DecodeText } from './charset-decoder.ts';

/** What a part says of itself. */
export interface PartHead {
  /** Name of the form's field. */
  readonly name: string;
  /** Name of the file without directories and controls; null for a field. */
  readonly submittedFileName: string | null;
  /** Values by name in ASCII lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SEMICOLON = 0x3b;

interface Disposition {
  readonly name: string;
  readonly filename: string | null;
}

/**
 * Reads the header lines of a part, one character a byte. Values are text in the charset of the form, of which
 * `filename` is part; `filename*` has no meaning, as RFC 7578 section 4.2 forbids it. Folded lines are joined with a
 * space, as in Tomcat.
 * @throws MalformedBodyException for a line that is no header field, and where there is not exactly one
 * `Content-Disposition: form-data` with one name.
 */
export function parsePartHead(block: string, decode: DecodeText): PartHead {
  const headers = new Map<string, string[]>();
  for (const line of unfold(block)) {
    const colon = line.indexOf(':');
    if (colon === -1 || !isToken(line, 0, colon) || !isFieldValue(line)) throw badHeader();
    const name = lowerAscii(line.slice(0, colon));
    const from = skipBlanks(line, colon + 1, line.length);
    const value = decode(line.slice(from, dropTrailingBlanks(line, from, line.length)));
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  const [disposition, ...others] = headers.get('content-disposition') ?? [];
  if (disposition === undefined || others.length > 0) throw badHeader();
  const { name, filename } = parseDisposition(disposition);
  return { name, submittedFileName: filename === null ? null : baseName(filename), headers };
}

function unfold(block: string): readonly string[] {
  const lines: string[] = [];
  for (const line of block.split('\r\n')) {
    if (!isBlankByte(line.charCodeAt(0))) {
      lines.push(line);
      continue;
    }
    const folded = lines.pop();
    if (folded === undefined) throw badHeader();
    lines.push(`${folded} ${line.slice(skipBlanks(line, 0, line.length))}`);
  }
  return lines;
}

/** `form-data; name="…"; filename="…"`, values quoted or not, other parameters passed over. */
function parseDisposition(text: string): Disposition {
  const length = text.length;
  let name: string | null = null;
  let filename: string | null = null;
  let at = text.indexOf(';');
  if (
    at === -1 ||
    !equalsIgnoreCaseAscii(text.slice(0, dropTrailingBlanks(text, 0, at)), 'form-data')
  ) {
    throw badHeader();
  }
  for (;;) {
    at = skipBlanks(text, at + 1, length);
    if (at >= length) break;
    const equals = text.indexOf('=', at);
    if (equals === -1 || !isToken(text, at, equals)) throw badHeader();
    const key = lowerAscii(text.slice(at, equals));
    const from = equals + 1;
    let value: string;
    if (text.charCodeAt(from) === QUOTE) {
      const end = endOfQuoted(text, from + 1);
      value = unquote(text.slice(from + 1, end));
      at = skipBlanks(text, end + 1, length);
      if (at < length && text.charCodeAt(at) !== SEMICOLON) throw badHeader();
    } else {
      const semicolon = text.indexOf(';', from);
      at = semicolon === -1 ? length : semicolon;
      value = text.slice(from, dropTrailingBlanks(text, from, at));
    }
    // a second one would be read by one reader and the first by another
    if (key === 'name') name = onlyOnce(name, value);
    else if (key === 'filename') filename = onlyOnce(filename, value);
  }
  if (name === null) throw badHeader();
  return { name, filename };
}

function onlyOnce(before: string | null, value: string): string {
  if (before !== null) throw badHeader();
  return value;
}

/** Where the quote is that ends the string. */
function endOfQuoted(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH && isEscapable(text.charCodeAt(at + 1))) at++;
  }
  throw badHeader();
}

/** Other backslashes are characters like any: browsers escape none, and old ones send `C:\dir\file`. */
function isEscapable(code: number): boolean {
  return code === QUOTE || code === BACKSLASH;
}

function unquote(text: string): string {
  return text.replaceAll(/\\(["\\])/g, '$1');
}

/** A name with which an application cannot leave a directory by accident; empty where nothing is left. */
function baseName(path: string): string {
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  const name = path.slice(cut + 1).replaceAll(/\p{Cc}/gu, '');
  return name === '.' || name === '..' ? '' : name;
}

function badHeader(): MalformedBodyException {
  return new MalformedBodyException('The header of a part of the multipart body is malformed');
}
