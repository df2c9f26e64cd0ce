import { FIELD, type Fields, isHopByHop, lowerAscii } from '../http/message/index.ts';

/**
 * Takes everything out of `fields` that speaks of one connection: the known hop-by-hop fields and those
 * that `Connection` names (RFC 9110 section 7.6.1). Whoever writes `Connection` must not be able to take
 * away what is said of the client, so the names of those fields have no effect in it: that is how
 * CVE-2022-31813 let clients pass for local ones.
 */
export function removeHopByHop(fields: Fields): void {
  const named = fields.joined(FIELD.connection);
  for (let at = fields.size - 1; at >= 0; at--) {
    const id = fields.idAt(at);
    if (id !== 0 && isHopByHop(id)) {
      fields.removeKnown(id);
      at = Math.min(at, fields.size);
    }
  }
  if (named !== null) removeNamed(fields, named);
}

function removeNamed(fields: Fields, list: string): void {
  for (const element of list.split(',')) {
    const name = withoutBlanks(element);
    if (name !== '' && !isKept(lowerAscii(name))) fields.remove(name);
  }
}

function withoutBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function isKept(name: string): boolean {
  return (
    name === 'forwarded' ||
    name === 'via' ||
    name === 'x-real-ip' ||
    name === 'content-type' ||
    name === 'content-encoding' ||
    name.startsWith('x-forwarded-')
  );
}
