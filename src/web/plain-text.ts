import type { Template } from '../pipeline/index.ts';

/** A text in which nothing is a variable; characters beyond latin1 become their UTF-8 bytes. */
export function plainText(text: string): Template {
  const constant = Buffer.from(text, 'utf8').toString('latin1');
  return { constant, evaluate: () => constant };
}
