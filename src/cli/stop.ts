import { type AdminAddress, AdminClient } from './admin-client.ts';
import { administrate } from './admin-command.ts';
import { type CommandOutput, terminalOutput } from './command-output.ts';
import { endServer } from './server-end.ts';

/** `daemun stop`: ends the server at once, and waits until it is gone; resolves to the exit status. */
export async function stop(
  { server }: { readonly server: AdminAddress },
  output: CommandOutput = terminalOutput(),
): Promise<number> {
  return administrate(output, () => endServer(new AdminClient(server), 0, output));
}
