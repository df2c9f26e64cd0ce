import { AdminError } from './admin-client.ts';
import type { CommandOutput } from './command-output.ts';

/**
 * Does what a command is for; resolves to the exit status. 1 where the server was not there, or did not do it, after
 * the sentence that says so.
 */
export async function administrate(
  output: CommandOutput,
  command: () => Promise<number>,
): Promise<number> {
  try {
    return await command();
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    output.printError(`${error.message}\n`);
    return 1;
  }
}
