import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Judge } from '../config/index.ts';
import { isPlainObject, ownValue } from '../schema/index.ts';
import { judgeTexts } from '../server/index.ts';
import { judgeAccounts, readToken } from '../supervisor/index.ts';

/**
 * Who judges what a configuration file says beyond its schema: expressions and variables, users and groups of this
 * machine, and the token of the administration, which `run` would refuse later.
 */
export function judgeOf(file: string): Judge {
  const judges = [judgeTexts, judgeAccounts(), judgeToken(dirname(file))];
  return (input, judged) => judges.flatMap((judge) => judge(input, judged));
}

function judgeToken(directory: string): Judge {
  return (input) => {
    const admin = isPlainObject(input) ? ownValue(input, 'admin') : undefined;
    const written = isPlainObject(admin) ? ownValue(admin, 'tokenFile') : undefined;
    if (typeof written !== 'string' || written === '') return [];
    const file = resolve(directory, written);
    // That it is missing is told with all other paths.
    if (!existsSync(file)) return [];
    try {
      readToken(file);
      return [];
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const fault = {
        code: 'wrong-form',
        message,
        cure: 'Write 16 characters or more into a file that nobody else may read',
      } as const;
      return [{ path: ['admin', 'tokenFile'], fault }];
    }
  };
}
