import type { Schema } from './schema.ts';

const EXPECTS = 'a secret as a text, such as one of "openssl rand -hex 32"';
const CURE = 'Use one of "openssl rand -hex 32" in quotes, the same on both sides';

/** A secret between two programs that is written into both configurations; no message repeats it. */
export function secret(): Schema<string, string> {
  return {
    expects: EXPECTS,
    facts: {},
    json: { type: 'string', minLength: 1, maxLength: 1024 },
    read(input, cursor) {
      // A number that was meant for one would be told as any other value.
      if (typeof input !== 'string')
        return cursor.report({
          code: 'wrong-type',
          message: `Expected ${EXPECTS}, got a value of another type`,
          cure: CURE,
        });
      if (/^[\x20-\x7e]{1,1024}$/.test(input)) return input;
      return cursor.report({
        code: 'wrong-form',
        message:
          'The secret is empty, longer than 1024 characters, or has others than printable ASCII characters',
        cure: CURE,
      });
    },
  };
}

/** The same, or `false` for whoever wants none in so many words; null in the model. */
export function secretOrNone(): Schema<string | false, string | null> {
  const some = secret();
  return {
    expects: `${EXPECTS}, or false`,
    facts: {},
    json: { oneOf: [some.json, { const: false }] },
    read: (input, cursor) => (input === false ? null : some.read(input, cursor)),
  };
}
