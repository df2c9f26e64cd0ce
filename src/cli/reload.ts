import { type AdminAddress, AdminClient } from './admin-client.ts';
import { administrate } from './admin-command.ts';
import { type CommandOutput, terminalOutput } from './command-output.ts';
import { printableText } from './styled-text.ts';

/** `daemun reload`: has the configuration loaded again; resolves to 1 where it was refused and the old one goes on. */
export async function reload(
  { server }: { readonly server: AdminAddress },
  output: CommandOutput = terminalOutput(),
): Promise<number> {
  return administrate(output, async () => {
    const { taken, reasons, ending } = await new AdminClient(server).reload();
    if (taken) {
      output.print('The configuration was taken over.\n');
      return 0;
    }
    const lines = reasons.trimEnd().split('\n').map(printableText);
    const goesOn = ending ? '' : '\nThe server goes on with the configuration of before.\n';
    output.printError(`${lines.join('\n')}\n${goesOn}`);
    return 1;
  });
}
