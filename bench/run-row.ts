import { join } from 'node:path';
import { withoutPaths } from './history.ts';
import { measureIdle, measureStart } from './idle-connections.ts';
import { peerNamed } from './peers/peers.ts';
import { measureRequests } from './requests.ts';
import { BACK_ENDS } from './rows.ts';
import type { Row, RowKind } from './rows.ts';
import { faultyColumn, versionOf } from './setting.ts';
import type { Column, Measurement, Setting } from './setting.ts';

/** A row with what was found out, a column for each entrant that was asked for, in the row's order. */
export interface RowResult {
  readonly row: Row;
  readonly columns: readonly Column[];
  /** What a reader of the figures has to know. */
  readonly notes: readonly string[];
}

const CHECKOUT = join(import.meta.dirname, '..');

const MEASUREMENTS: Readonly<Record<RowKind, Measurement>> = {
  requests: measureRequests,
  idle: measureIdle,
  start: measureStart,
};

/** Measures the entrants of a row whose peers are in `peers`; whatever goes wrong stands in their columns. */
export async function runRow(
  row: Row,
  peers: ReadonlySet<string>,
  setting: Setting,
): Promise<RowResult> {
  const wanted = row.entrants.filter(({ peer }) => peers.has(peer));
  const present = wanted.filter(({ peer }) => peerNamed(peer).find() !== undefined);
  let measured: readonly Column[];
  try {
    measured = await MEASUREMENTS[row.kind](row, present, setting);
  } catch (error) {
    measured = present.map((entrant) => faultyColumn(entrant, error));
  }
  const columns = wanted.map(
    (entrant): Column =>
      measured.find(({ label }) => label === entrant.label) ?? {
        label: entrant.label,
        version: versionOf(entrant),
        values: [],
        fault: 'is not on this machine',
        missing: true,
      },
  );
  return { row, columns: columns.map(withoutFolders), notes: notesOf(row, setting) };

  function withoutFolders(column: Column): Column {
    if (column.fault === undefined) return column;
    const folders = { checkout: CHECKOUT, run: setting.folder };
    return { ...column, fault: withoutPaths(column.fault, folders) };
  }
}

function notesOf(row: Row, { cores }: Setting): readonly string[] {
  if (row.behind === undefined || cores.backend !== cores.client) return [];
  return [
    `back end (${BACK_ENDS[row.behind].peer}) and load generator share a core: three would be needed, there are ${cores.count}`,
  ];
}
