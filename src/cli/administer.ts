/** The commands that ask a server that runs, or give it an order. */
import type { AdminCommand } from './command-line.ts';
import { findServer } from './find-server.ts';
import { printError } from './terminal.ts';

/** Does what the command is for; resolves to the exit status. */
export async function administer(command: AdminCommand): Promise<number> {
  const found = await findServer(command);
  if ('message' in found) {
    printError(found.message);
    return 1;
  }
  const { server } = found;
  const { json, limit } = command;
  switch (command.name) {
    case 'status':
      return (await import('./status.ts')).status({ server, json });
    case 'connections':
      return (await import('./connections.ts')).connections({ server, json });
    case 'top':
      return (await import('./top.ts')).top({ server });
    case 'reload':
      return (await import('./reload.ts')).reload({ server });
    case 'drain':
      return (await import('./drain.ts')).drain({ server, ...(limit === null ? {} : { limit }) });
    case 'stop':
      return (await import('./stop.ts')).stop({ server });
  }
}
