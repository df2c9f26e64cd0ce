import { isToken } from './token.ts';
import type { OutgoingRequest } from './transport.ts';

/**
 * Throws a `TypeError` where method, target or authority hold bytes that would make another request of it on the wire:
 * they may come from rewrite rules and decoded text, and nobody behind us checks them again.
 */
export function mustBeOneRequest({ method, target, authority }: OutgoingRequest): void {
  if (!isToken(method)) throw new TypeError(`${JSON.stringify(method)} is no method`);
  if (target === '') throw new TypeError('The request target is empty');
  refuseBlanks('request target', target);
  refuseBlanks('Host', authority);
}

function refuseBlanks(what: string, text: string): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === 0x7f || code > 0xff) {
      throw new TypeError(
        `The ${what} holds a blank or control character: ${JSON.stringify(text)}`,
      );
    }
  }
}

/**
 * Whether a request says how long its body is. RFC 9110 section 8.6: an empty one is announced where the method has a
 * meaning for a body.
 */
export function announcesLength({ method, length }: OutgoingRequest): boolean {
  return (
    length > 0 || (length === 0 && (method === 'POST' || method === 'PUT' || method === 'PATCH'))
  );
}
