/**
 * The value of Host and of an authority without userinfo: `uri-host [ ":" port ]`
 * (RFC 9110 §7.2, RFC 3986 §3.2).
 *
 * nginx takes nearly any bytes here and cuts at the first colon. This reader is strict, because
 * the name selects a virtual host and is often sent on: what a back end could split in another
 * place (`a,b`, `u@b`, `a:80:90`, `[::1]x`, `a\b`) is refused.
 */

import { hexValue, isAlphaByte, isDigitByte, lowerAscii } from './token.ts';

/** A host and port taken apart. */
export interface Host {
  /** ASCII lower case, without one trailing dot; an IPv6 address keeps its brackets. */
  readonly name: string;
  /** 0–65535, or -1 where none is given. */
  readonly port: number;
}

const COLON = 0x3a;
const DOT = 0x2e;
const PERCENT = 0x25;

const NAME_BYTES = nameBytes();

/** `unreserved` and `sub-delims` without the comma, which separates two hosts in a joined field. */
function nameBytes(): Uint8Array {
  const table = new Uint8Array(256);
  for (let code = 0; code < 256; code++) {
    if (isAlphaByte(code) || isDigitByte(code)) table[code] = 1;
  }
  const also = "-._~!$&'()*+;=";
  for (let at = 0; at < also.length; at++) table[also.charCodeAt(at)] = 1;
  return table;
}

/** Whether `text[from, to)` is a reg-name of non-empty labels, which IPv4 addresses are too. */
function isRegName(text: string, from: number, to: number): boolean {
  if (from >= to) return false;
  let previous = DOT;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === PERCENT) {
      if (at + 2 >= to) return false;
      if (hexValue(text.charCodeAt(at + 1)) === -1) return false;
      if (hexValue(text.charCodeAt(at + 2)) === -1) return false;
      at += 2;
    } else if (NAME_BYTES[code] !== 1 || (code === DOT && previous === DOT)) {
      return false;
    }
    previous = code;
  }
  return true;
}

/** Whether `text[from, to)` is four numbers 0–255 without leading zeros (RFC 3986 IPv4address). */
function isIpv4(text: string, from: number, to: number): boolean {
  let at = from;
  for (let part = 0; part < 4; part++) {
    if (part > 0) {
      if (at >= to || text.charCodeAt(at) !== DOT) return false;
      at++;
    }
    const start = at;
    let number = 0;
    while (at < to && at - start < 3 && isDigitByte(text.charCodeAt(at))) {
      number = number * 10 + (text.charCodeAt(at) - 0x30);
      at++;
    }
    if (at === start || number > 255) return false;
    if (at - start > 1 && text.charCodeAt(start) === 0x30) return false;
  }
  return at === to;
}

/** Whether `text[from, to)` is an IPv6address of RFC 3986: no zone, no brackets. */
function isIpv6(text: string, from: number, to: number): boolean {
  let at = from;
  let groups = 0;
  let elided = false;
  if (text.startsWith('::', from) && from + 2 <= to) {
    elided = true;
    at += 2;
  }
  while (at < to) {
    const start = at;
    while (at < to && at - start < 4 && hexValue(text.charCodeAt(at)) !== -1) at++;
    if (at < to && text.charCodeAt(at) === DOT) {
      if (!isIpv4(text, start, to)) return false;
      groups += 2;
      at = to;
      break;
    }
    if (at === start) return false;
    groups++;
    if (at === to) break;
    if (text.charCodeAt(at) !== COLON) return false;
    at++;
    if (at === to) return false;
    if (text.charCodeAt(at) === COLON) {
      if (elided) return false;
      elided = true;
      at++;
    }
  }
  // `::` stands for at least one group.
  return elided ? groups < 8 : groups === 8;
}

/** The port 0–65535 written in `text[from, to)`, -1 when it is empty, -2 when it is no port. */
function readPort(text: string, from: number, to: number): number {
  if (from === to) return -1;
  if (to - from > 5) return -2;
  let port = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -2;
    port = port * 10 + digit;
  }
  return port <= 65_535 ? port : -2;
}

/**
 * Takes a Host value apart, or says null when it is none.
 *
 * The name is a reg-name (RFC 3986 §3.2.2) of non-empty labels, an IPv4 address, or an IPv6
 * address in brackets without zone; IPvFuture is refused. One trailing dot is dropped, as nginx
 * does. Percent forms must be well formed and are kept as they are, in lower case: decoding them
 * would let one name be spelt past a rule for another. The port has one to five digits; an empty
 * one (`host:`) is taken as none (RFC 3986 §3.2.3, nginx).
 *
 * The empty text is null here. A request may send an empty Host when its target has no authority
 * (RFC 9112 §3.2); who allows that looks for it first.
 */
export function parseHost(value: string): Host | null {
  const length = value.length;
  let nameEnd: number;
  if (value.charCodeAt(0) === 0x5b) {
    const close = value.indexOf(']');
    if (close === -1 || !isIpv6(value, 1, close)) return null;
    nameEnd = close + 1;
    if (nameEnd < length && value.charCodeAt(nameEnd) !== COLON) return null;
  } else {
    const colon = value.indexOf(':');
    nameEnd = colon === -1 ? length : colon;
    if (!isRegName(value, 0, nameEnd)) return null;
  }
  let port = -1;
  if (nameEnd < length) {
    port = readPort(value, nameEnd + 1, length);
    if (port === -2) return null;
  }
  const dotted = value.charCodeAt(nameEnd - 1) === DOT;
  return { name: lowerAscii(value.slice(0, dotted ? nameEnd - 1 : nameEnd)), port };
}
