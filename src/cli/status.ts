import { type AdminAddress, AdminClient } from './admin-client.ts';
import { administrate } from './admin-command.ts';
import { type CommandOutput, terminalOutput } from './command-output.ts';
import { statusPage } from './status-page.ts';
import { type Line, paint } from './styled-text.ts';

/** What `daemun status` and `daemun connections` are asked for. */
export interface ReportOptions {
  /** Which server, by the socket or the address of its administration. */
  readonly server: AdminAddress;
  /** The report as JSON, for programs. */
  readonly json: boolean;
}

/** `daemun status`: what the server is doing; resolves to the exit status. */
export async function status(
  { server, json }: ReportOptions,
  output: CommandOutput = terminalOutput(),
): Promise<number> {
  return administrate(output, async () => {
    const report = await new AdminClient(server).status();
    if (json) printJson(report, output);
    else printLines(statusPage(report), output);
    return 0;
  });
}

/** Prints a report indented by two spaces, with a line end: for programs, and for people who read JSON. */
export function printJson(report: unknown, output: CommandOutput): void {
  output.print(`${JSON.stringify(report, null, 2)}\n`);
}

/** Prints lines for a person, in colours where the output has them. */
export function printLines(lines: readonly Line[], output: CommandOutput): void {
  output.print(lines.map((line) => `${paint(line, output.colour).trimEnd()}\n`).join(''));
}
