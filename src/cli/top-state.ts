/** What `daemun top` knows: the last report, what changed since the one before, and how that went of late. */
import type { KnownCounter, StatusReport } from '../admin/contract.ts';

/** The counters of which it is shown how fast they grow. */
const SHOWN = [
  'requests',
  'responses_2xx',
  'responses_3xx',
  'responses_4xx',
  'responses_5xx',
  'received_bytes',
  'sent_bytes',
] as const satisfies readonly KnownCounter[];

/** Values a second; null where one of the two reports did not have the counter, or it was counted from new. */
export type Rates = { readonly [Name in (typeof SHOWN)[number]]: number | null };

/** One value a report, oldest first; null where it is not known. */
export type History = readonly (number | null)[];

/** See the head of this file. Never changes; `nextTop` makes another. */
export interface TopState {
  readonly report: StatusReport;
  /** Monotonic milliseconds at which the report came. */
  readonly at: number;
  readonly rates: Rates;
  /** Requests a second by `threadKey`; one that was not there before is missing. */
  readonly threadRates: ReadonlyMap<string, number>;
  /** Requests a second by `peerKey`; one that was not there before is missing. */
  readonly peerRates: ReadonlyMap<string, number>;
  readonly requests: History;
  readonly received: History;
  readonly sent: History;
  readonly open: History;
}

/** Reports that are remembered: as many as the widest of terminals shows. */
const REMEMBERED = 512;

/** Tells threads apart: those of another process count from zero, although they have the same numbers. */
export function threadKey({ pid }: StatusReport, thread: number): string {
  return `${pid} ${thread}`;
}

/** Tells the servers of all upstreams apart. */
export function peerKey(upstream: string, url: string): string {
  return `${upstream}\n${url}`;
}

/** Client connections that are open, in all processes. */
export function openConnections({ supervisor, threads }: StatusReport): number {
  const elsewhere = supervisor.processes
    .filter(({ state }) => state === 'draining')
    .reduce((sum, { connections }) => sum + (connections ?? 0), 0);
  return threads.reduce((sum, { connections }) => sum + connections, elsewhere);
}

/** The state after a report that came at `at`; without one before nothing has a rate yet. */
export function nextTop(before: TopState | null, report: StatusReport, at: number): TopState {
  const elapsed = before === null ? 0 : at - before.at;
  // Another server, or none to compare with: every number begins anew.
  const isSame = before?.report.supervisor.pid === report.supervisor.pid && elapsed > 0;
  const old = isSame ? before : null;
  const perSecond = (now: number | undefined, then: number | undefined): number | null =>
    now === undefined || then === undefined || now < then ? null : ((now - then) * 1000) / elapsed;
  const counters = old?.report.counters ?? {};
  const rates = Object.fromEntries(
    SHOWN.map((name) => [
      name,
      perSecond(ownNumber(report.counters, name), ownNumber(counters, name)),
    ]),
  ) as Rates;
  return {
    report,
    at,
    rates,
    threadRates: ratesBy(
      threadCounts(report),
      old === null ? null : threadCounts(old.report),
      perSecond,
    ),
    peerRates: ratesBy(peerCounts(report), old === null ? null : peerCounts(old.report), perSecond),
    requests: remembered(old?.requests, rates.requests),
    received: remembered(old?.received, rates.received_bytes),
    sent: remembered(old?.sent, rates.sent_bytes),
    open: remembered(old?.open, openConnections(report)),
  };
}

function remembered(history: History | undefined, value: number | null): History {
  return [...(history ?? []), value].slice(-REMEMBERED);
}

function ownNumber(counters: StatusReport['counters'], name: string): number | undefined {
  return Object.hasOwn(counters, name) ? counters[name] : undefined;
}

function threadCounts(report: StatusReport): ReadonlyMap<string, number> {
  return new Map(
    report.threads.map(({ thread, requests }) => [threadKey(report, thread), requests]),
  );
}

function peerCounts({ upstreams }: StatusReport): ReadonlyMap<string, number> {
  return new Map(
    upstreams.flatMap(({ name, peers }) =>
      peers.map(({ url, requests }): [string, number] => [peerKey(name, url), requests]),
    ),
  );
}

function ratesBy<K>(
  now: ReadonlyMap<K, number>,
  then: ReadonlyMap<K, number> | null,
  perSecond: (now: number | undefined, then: number | undefined) => number | null,
): ReadonlyMap<K, number> {
  const rates = new Map<K, number>();
  for (const [key, count] of now) {
    const rate = perSecond(count, then?.get(key));
    if (rate !== null) rates.set(key, rate);
  }
  return rates;
}
