import { type AdminAddress, AdminClient } from './admin-client.ts';
import { administrate } from './admin-command.ts';
import { type CommandOutput, terminalOutput } from './command-output.ts';
import { endServer } from './server-end.ts';

/** What `daemun drain` is asked for. */
export interface DrainOptions {
  /** Which server, by the socket or the address of its administration. */
  readonly server: AdminAddress;
  /** Milliseconds that connections have to end, up to a day. @default 60000 */
  readonly limit?: number;
}

/** `daemun drain`: ends the server when its connections have ended, and waits for that; resolves to the exit status. */
export async function drain(
  { server, limit = 60_000 }: DrainOptions,
  output: CommandOutput = terminalOutput(),
): Promise<number> {
  return administrate(output, () => endServer(new AdminClient(server), limit, output));
}
