import { parsed, type Parsed } from './scalars.ts';
import type { Schema } from './schema.ts';

/** A secret between two programs that is written into both configurations; no message repeats it. */
export function secret(): Schema<string, string> {
  return parsed({
    expects: 'a secret, such as one of "openssl rand -hex 32"',
    parse: (text): Parsed<string> =>
      /^[\x20-\x7e]{1,1024}$/.test(text)
        ? { value: text }
        : {
            message:
              'The secret is empty, longer than 1024 characters, or has others than printable ASCII characters',
            cure: 'Use one of "openssl rand -hex 32", the same on both sides',
          },
  });
}
