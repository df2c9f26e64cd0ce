// The load generator: wrk without a script, on a core of its own, and what it prints.
import { spawn } from 'node:child_process';
import { pinned } from './cores.ts';

/** Connections that stay open through a run, as DESIGN.md section 5 sets them. */
const CONNECTIONS = 64;

/** What a run of wrk found; times in microseconds. */
export interface WrkResult {
  readonly requests: number;
  /** Of answers, unfinished ones included; wrk rounds it to hundredths of its unit. */
  readonly bytes: number;
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Answers with a status of 400 and above, which is what wrk calls neither 2xx nor 3xx. */
  readonly badAnswers: number;
  readonly socketErrors: number;
}

const MICROSECONDS: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6, m: 6e7, h: 3.6e9 };

/**
 * Reads what `wrk --latency` printed.
 * @throws Error where a figure is missing.
 */
export function parseWrk(output: string): WrkResult {
  const [, requests, seconds, unit, size, prefix] = found(
    output,
    /(\d+) requests in ([\d.]+)(\w+), ([\d.]+)([KMGTP]?)B read/,
  );
  const elapsed = microseconds(seconds, unit) / 1e6;
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(
    output,
  );
  return {
    requests: Number(requests),
    bytes: Number(size) * 1024 ** ' KMGTP'.indexOf(prefix === '' ? ' ' : (prefix ?? ' ')),
    seconds: elapsed,
    requestsPerSecond: elapsed === 0 ? 0 : Number(requests) / elapsed,
    p50: percentile(output, 50),
    p99: percentile(output, 99),
    badAnswers: Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0),
    socketErrors: (errors ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0),
  };
}

/** Why a run is no measurement, in words for its row; undefined for a clean one. */
export function faultOf(result: WrkResult): string | undefined {
  const faults: string[] = [];
  if (result.badAnswers > 0) faults.push(`${result.badAnswers} answers with an error status`);
  if (result.socketErrors > 0) faults.push(`${result.socketErrors} socket errors`);
  if (result.requests === 0) faults.push('no request was finished');
  return faults.length === 0 ? undefined : faults.join(', ');
}

/**
 * Loads `url` from one thread on `core` over 64 connections.
 * @throws Error where wrk fails or does not end in its time.
 */
export async function runWrk(
  program: string,
  url: string,
  load: { readonly seconds: number; readonly core: number },
): Promise<WrkResult> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${load.seconds}s`, '--timeout', '10s', '--latency'];
  const pinning = pinned(load.core, { program, args: [...args, url] });
  const child = spawn(pinning.program, pinning.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: load.seconds * 1000 + 30_000,
    killSignal: 'SIGKILL',
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  child.on('error', reject);
  child.on('close', (code, signal) => {
    const text = Buffer.concat(output).toString('utf8');
    if (code !== 0) reject(new Error(`wrk ended with ${signal ?? code}: ${text.trim()}`));
    else resolve(text);
  });
  return parseWrk(await promise);
}

function percentile(output: string, percent: number): number {
  // units of one letter have a blank behind them
  const [, value, unit] = found(output, new RegExp(`^ +${percent}% +([\\d.]+)([a-z]+) *$`, 'm'));
  return microseconds(value, unit);
}

function microseconds(value: string | undefined, unit: string | undefined): number {
  const factor = MICROSECONDS[unit ?? ''];
  const time = Number(value) * (factor ?? Number.NaN);
  if (Number.isNaN(time)) throw new Error(`wrk printed a time that is none: ${value}${unit}`);
  return time;
}

function found(output: string, figure: RegExp): RegExpExecArray {
  const match = figure.exec(output);
  if (match === null) throw new Error(`wrk printed something else than expected: ${output}`);
  return match;
}
