// What all measurements of one run share, and the start of a row's servers.
import { join } from 'node:path';
import type { Cores } from './cores.ts';
import { peerNamed } from './peers/peers.ts';
import type { Ports } from './ports.ts';
import { BACK_ENDS, SUBJECT } from './rows.ts';
import type { Entrant, Row } from './rows.ts';
import { startServer } from './server.ts';
import type { RunningServer } from './server.ts';

/** The circumstances of a run. */
export interface Setting {
  readonly rounds: number;
  /** Length of a measurement. */
  readonly seconds: number;
  readonly cores: Cores;
  /** Path of the load generator. */
  readonly wrk: string;
  /** The run's own folder: everything is written below it. */
  readonly folder: string;
  /** The folder with the files that are served. */
  readonly root: string;
  readonly ports: Ports;
  /** Descriptors that a process may open. */
  readonly descriptors: number;
  /** Flags for the Node under Daemun, by row. */
  readonly nodeFlags: (row: Row) => readonly string[];
  /** Tells the operator how far the run is. */
  readonly say: (text: string) => void;
}

/** Information beside the CPU time, from the round of the median requests per second; times in microseconds. */
export interface LoadFigures {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Share of its core that the server used, 0 to 1. */
  readonly serverShare: number;
  /** Share of the server's core that neither it nor idling used. */
  readonly foreignShare: number;
}

/** What was found out about one entrant of a row. */
export interface Column {
  readonly label: string;
  readonly version: string;
  /** A figure for each round, in the row's unit; none where `fault` says why. */
  readonly values: readonly number[];
  readonly load?: LoadFigures;
  readonly fault?: string;
  /** The machine does not have the program, which is no failure. */
  readonly missing?: true;
}

/** Measures the entrants of a row that this machine has, all rounds of them. */
export type Measurement = (
  row: Row,
  entrants: readonly Entrant[],
  setting: Setting,
) => Promise<readonly Column[]>;

/** The address of a server's file. */
export function urlOf(server: RunningServer, file: string): string {
  return `http://127.0.0.1:${server.port}/${file}`;
}

let started = 0;

/**
 * Starts an entrant in a folder of its own on the server's core.
 * @throws Error that tells why it does not answer as it should.
 */
export async function startEntrant(
  row: Row,
  entrant: Entrant,
  setting: Setting,
  backendPort = 0,
): Promise<RunningServer> {
  started++;
  return await startServer(
    peerNamed(entrant.peer),
    entrant.work,
    {
      dir: join(setting.folder, `${started}-${entrant.peer}-${entrant.work}`),
      root: setting.root,
      port: await setting.ports.take(),
      backendPort,
      core: isBackEnd(entrant) ? setting.cores.backend : setting.cores.server,
      descriptors: setting.descriptors,
      flags: entrant.peer === SUBJECT ? setting.nodeFlags(row) : [],
    },
    row.file,
  );
}

/** A back end that runs, and the port that proxies reach it on. */
export interface RunningBackEnd {
  readonly server: RunningServer;
  readonly port: number;
}

/**
 * Starts what stands behind the entrants of a row; null where nothing does.
 * @throws Error that tells why it does not answer as it should.
 */
export async function startBackEnd(row: Row, setting: Setting): Promise<RunningBackEnd | null> {
  if (row.behind === undefined) return null;
  const entrant = BACK_ENDS[row.behind];
  // It is looked at over HTTP in any case.
  const own = row.behind === 'http' ? 0 : await setting.ports.take();
  try {
    const server = await startEntrant(row, entrant, setting, own);
    return { server, port: own === 0 ? server.port : own };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The back end, ${entrant.peer}, ${why}`, { cause: error });
  }
}

function isBackEnd(entrant: Entrant): boolean {
  return Object.values(BACK_ENDS).includes(entrant);
}

/** The column of an entrant that gave none, with the message of the error that says why. */
export function faultyColumn(entrant: Entrant, error: unknown): Column {
  const fault = error instanceof Error ? error.message : String(error);
  return { label: entrant.label, version: versionOf(entrant), values: [], fault };
}

const versions = new Map<string, string>();

/** What the entrant's program says about itself, asked once; `missing` where there is none. */
export function versionOf(entrant: Entrant): string {
  let version = versions.get(entrant.peer);
  if (version === undefined) {
    const peer = peerNamed(entrant.peer);
    const program = peer.find();
    version = program === undefined ? 'missing' : peer.version(program);
    versions.set(entrant.peer, version);
  }
  return version;
}
