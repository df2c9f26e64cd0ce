import type { ConnectionReport } from '../admin/contract.ts';
import { AdminClient } from './admin-client.ts';
import { administrate } from './admin-command.ts';
import { type CommandOutput, terminalOutput } from './command-output.ts';
import { ageText, countText, sizeText } from './quantity-text.ts';
import { stateSpan } from './state-style.ts';
import { printJson, printLines, type ReportOptions } from './status.ts';
import { span } from './styled-text.ts';
import { type Cell, type Column, tableLines } from './text-table.ts';

/** `daemun connections`: the clients that are connected now, oldest first; resolves to the exit status. */
export async function connections(
  { server, json }: ReportOptions,
  output: CommandOutput = terminalOutput(),
): Promise<number> {
  return administrate(output, async () => {
    const list = await new AdminClient(server).connections();
    if (json) printJson(list, output);
    else if (list.length > 0) printLines(tableLines(COLUMNS, list.map(rowOf)), output);
    else output.print('No connection is open.\n');
    return 0;
  });
}

const COLUMNS: readonly Column[] = [
  { title: 'thread', align: 'right' },
  { title: 'fd', align: 'right' },
  { title: 'state', align: 'left' },
  { title: 'requests', align: 'right' },
  { title: 'in', align: 'right' },
  { title: 'out', align: 'right' },
  { title: 'age', align: 'right' },
  { title: 'quiet', align: 'right' },
  { title: 'remote', align: 'left' },
  { title: 'local', align: 'left' },
];

function rowOf(connection: ConnectionReport): readonly Cell[] {
  const { thread, descriptor, state, requests, bytesIn, bytesOut, age, quiet } = connection;
  return [
    String(thread),
    descriptor === null ? span('-', 'faint') : String(descriptor),
    stateSpan(state),
    countText(requests),
    sizeText(bytesIn),
    sizeText(bytesOut),
    ageText(age),
    ageText(quiet),
    connection.remote,
    connection.local,
  ];
}
