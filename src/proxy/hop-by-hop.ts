/**
 * What speaks of one connection is taken out of a message on its way: the known hop-by-hop fields and those
 * that `Connection` names (RFC 9110 section 7.6.1). Whoever writes `Connection` must not be able to take
 * away what is said of the client, so the names of those fields have no effect in it: that is how
 * CVE-2022-31813 let clients pass for local ones.
 */
import { FIELD, type Fields, isHopByHop, lowerAscii } from '../http/message/index.ts';

/** Marks the hop-by-hop fields and those given, for the two functions below. */
export function droppedFields(...also: readonly number[]): Uint8Array {
  const marks = new Uint8Array(256);
  for (const id of Object.values(FIELD)) if (isHopByHop(id)) marks[id] = 1;
  for (const id of also) marks[id] = 1;
  return marks;
}

/** A copy of `fields` for the next hop: without what `dropped` marks and what `Connection` names. */
export function passedOn(fields: Fields, dropped: Uint8Array): Fields {
  const passed = fields.copy();
  passOn(passed, dropped);
  return passed;
}

/** As `passedOn`, but takes the fields out of `fields` themselves. */
export function passOn(fields: Fields, dropped: Uint8Array): void {
  const named = fields.joined(FIELD.connection);
  fields.removeMarked(dropped);
  if (named !== null && !isUsual(named)) removeNamed(fields, named);
}

// What nearly all connections say, and what names a field that is left out anyhow.
function isUsual(list: string): boolean {
  return list === 'keep-alive' || list === 'Keep-Alive';
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
