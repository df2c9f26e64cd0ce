/** What a server is doing, as lines for a person. */
import type { StatusReport } from '../admin/contract.ts';
import { ageText, countedText, countText, shortTimeText, sizeText } from './quantity-text.ts';
import { stateSpan } from './state-style.ts';
import { type Line, type Span, span } from './styled-text.ts';
import { type Cell, type Column, tableLines } from './text-table.ts';

const LEFT = 'left' as const;
const RIGHT = 'right' as const;

/** The page of `daemun status`: what there is none of has no table. */
export function statusPage(report: StatusReport): readonly Line[] {
  const sections = [
    head(report),
    processes(report),
    addresses(report),
    threads(report),
    upstreams(report),
    counters(report),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, at) => (at === 0 ? lines : [[], ...lines]));
}

function head({ version, supervisor, resident }: StatusReport): readonly Line[] {
  const { configFile, age, configAge, reloads, refusals, handOvers, crashes } = supervisor;
  const serves = configFile === null ? 'what its command line says' : configFile;
  const isEnding = supervisor.processes.every(({ state }) => state === 'draining');
  return [
    [
      span(`Daemun ${version}`, 'strong'),
      isEnding
        ? span(` ends what it has begun of ${serves}`, 'warning')
        : span(` serves ${serves}`),
    ],
    [
      span(`up ${ageText(age)}, configuration ${ageText(configAge)} old, `),
      span(`${sizeText(resident)} of memory`),
    ],
    [
      span(`${countedText(reloads, 'reload')}, `),
      troubleSpan(refusals, `${countText(refusals)} refused`),
      span(`, ${countedText(handOvers, 'hand-over')}, `),
      troubleSpan(crashes, countedText(crashes, 'crash', 'crashes')),
    ],
  ];
}

/** How often something went wrong; it stands out where it did at all. */
export function troubleSpan(count: number, text: string): Span {
  return span(text, count === 0 ? 'plain' : 'warning');
}

function processes({ supervisor }: StatusReport): readonly Line[] {
  const columns: readonly Column[] = [
    { title: 'process', align: LEFT },
    { title: 'pid', align: RIGHT },
    { title: 'generation', align: RIGHT },
    { title: 'age', align: RIGHT },
    { title: 'connections', align: RIGHT },
    { title: 'state', align: LEFT },
  ];
  const parent = ['supervisor', String(supervisor.pid), '', ageText(supervisor.age), '', ''];
  const rows = supervisor.processes.map(
    ({ pid, generation, age, state, connections }): readonly Cell[] => [
      'server',
      String(pid),
      String(generation),
      ageText(age),
      connections === null ? span('no answer', 'warning') : countText(connections),
      stateSpan(state),
    ],
  );
  return tableLines(columns, [parent, ...rows]);
}

const SHOWN_HOSTS = 5;

function addresses(report: StatusReport): readonly Line[] {
  if (report.addresses.length === 0) return [];
  const columns: readonly Column[] = [
    { title: 'address', align: LEFT },
    { title: 'sites', align: LEFT },
  ];
  const rows = report.addresses.map(({ key, port, hosts }) => {
    const shown = hosts.slice(0, SHOWN_HOSTS).join(', ');
    const more = hosts.length - SHOWN_HOSTS;
    // Port 0 of a configuration is any; which it came to is the report's.
    const place = key.endsWith(':0') && port !== 0 ? `${key.slice(0, -1)}${port}` : key;
    return [place, more > 0 ? `${shown} and ${countText(more)} more` : shown];
  });
  return tableLines(columns, rows);
}

function threads(report: StatusReport): readonly Line[] {
  if (report.threads.length === 0) return [];
  const columns: readonly Column[] = [
    { title: 'thread', align: RIGHT },
    { title: 'connections', align: RIGHT },
    { title: 'requests', align: RIGHT },
    { title: 'stall', align: RIGHT },
    { title: 'state', align: LEFT },
  ];
  const rows = report.threads.map(
    ({ thread, state, connections, requests, stall }): readonly Cell[] => [
      String(thread),
      countText(connections),
      countText(requests),
      stallSpan(stall),
      stateSpan(state),
    ],
  );
  return tableLines(columns, rows);
}

/** Milliseconds that an event loop stood still; from 200 on somebody noticed, from a second on everybody. */
export function stallSpan(stall: number): Line[number] {
  return span(shortTimeText(stall), stall < 200 ? 'plain' : stall < 1000 ? 'warning' : 'bad');
}

function upstreams(report: StatusReport): readonly Line[] {
  if (report.upstreams.length === 0) return [];
  const columns: readonly Column[] = [
    { title: 'upstream', align: LEFT },
    { title: 'server', align: LEFT },
    { title: 'in flight', align: RIGHT },
    { title: 'requests', align: RIGHT },
    { title: 'failures', align: RIGHT },
    { title: 'state', align: LEFT },
  ];
  const rows = report.upstreams.flatMap(({ name, peers }) =>
    peers.map(({ url, state, inFlight, requests, failures }, at): readonly Cell[] => [
      at === 0 ? name : '',
      url,
      countText(inFlight),
      countText(requests),
      countText(failures),
      stateSpan(state),
    ]),
  );
  return tableLines(columns, rows);
}

function counters(report: StatusReport): readonly Line[] {
  const entries = Object.entries(report.counters);
  if (entries.length === 0) return [];
  const columns: readonly Column[] = [
    { title: 'counter', align: LEFT },
    { title: 'since the start', align: RIGHT },
  ];
  const rows = entries.map(([name, value]) => {
    const isSize = name === 'bytes' || name.endsWith('_bytes');
    return [name.replaceAll('_', ' '), isSize ? sizeText(value) : countText(value)];
  });
  return tableLines(columns, rows);
}
