/** The screen of `daemun top` as lines, from what is known and the size; nothing here touches a terminal. */
import type { StatusReport } from '../admin/contract.ts';
import { columnChart, dividedBar, type Glyphs, shareBar } from './bar-chart.ts';
import { ageText, countText, shortCountText, sizeText } from './quantity-text.ts';
import { stateSpan } from './state-style.ts';
import { stallSpan, troubleSpan } from './status-page.ts';
import { cutLine, type Line, lineWidth, span, type Style } from './styled-text.ts';
import { type Cell, type Column, tableLines } from './text-table.ts';
import { type History, openConnections, peerKey, threadKey, type TopState } from './top-state.ts';

/** Columns and lines of a terminal. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** What is shown beside the numbers. */
export interface TopView {
  readonly state: TopState;
  /** What keeps newer numbers from coming, as a sentence; null where nothing does. */
  readonly trouble: string | null;
  readonly paused: boolean;
  /** Whether the keys and words are explained in the place of the tables. */
  readonly help: boolean;
  /** The time of day of the report; empty for none. */
  readonly time: string;
  /** Whether keys are read, so that they are worth a line. */
  readonly keys: boolean;
  readonly glyphs: Glyphs;
}

/** Lines of the chart that a tall screen has; a lower one would say no more than the bars in one line. */
const LEAST_CHART = 3;
const MOST_CHART = 12;
const LABEL = 13;
const NUMBER = 14;
const UNKNOWN = '-';

/** At most `rows` lines of at most `columns`; exactly `rows` where keys are read, with those in the last. */
export function drawTop(view: TopView, { columns, rows }: ScreenSize): readonly Line[] {
  const { glyphs, keys } = view;
  const footer = keys
    ? [footerLine(view, columns)]
    : view.trouble === null
      ? []
      : [troubleLine(view)];
  const first = [titleLine(view, columns), ...trafficLines(view, columns)];
  const room = rows - footer.length - first.length;
  const body = view.help ? helpLines(room) : bodyLines(view, columns, room);
  const lines = [...first, ...body].slice(0, Math.max(0, rows - footer.length));
  const missing = keys ? Math.max(0, rows - footer.length - lines.length) : 0;
  lines.push(...Array.from({ length: missing }, () => []));
  return [...lines, ...footer].slice(0, rows).map((line) => cutLine(line, columns, glyphs.more));
}

function titleLine({ state, time, paused, glyphs }: TopView, columns: number): Line {
  const { version, supervisor } = state.report;
  const separator = ` ${glyphs.separator} `;
  const parts = [`Daemun ${version}`, supervisor.configFile ?? '', `up ${ageText(supervisor.age)}`];
  const left = ` ${parts.filter((part) => part !== '').join(separator)}`;
  const right = `${paused ? `paused${separator}` : ''}${time} `;
  const space = ' '.repeat(Math.max(1, columns - left.length - right.length));
  const cut = cutLine([span(left)], Math.max(0, columns - right.length - 1), glyphs.more);
  return [...cut, span(space), span(right)].map(({ text }) => ({ text, style: 'bar' }));
}

function trafficLines({ state, glyphs, keys }: TopView, columns: number): readonly Line[] {
  const { report, rates } = state;
  const { counters } = report;
  const total = (name: string, text: (value: number) => string): string => {
    const value = Object.hasOwn(counters, name) ? counters[name] : undefined;
    return value === undefined ? UNKNOWN : text(value);
  };
  const line = (label: string, now: string, all: string, history: History, style: Style): Line => {
    const head = [
      span(` ${label}`.padEnd(LABEL), 'accent'),
      span(now.padStart(NUMBER), 'strong'),
      span(`${all.padStart(NUMBER)}  `, 'faint'),
    ];
    // One picture alone has no past to show.
    const width = keys ? columns - lineWidth(head) - 1 : 0;
    const [chart = ''] = columnChart(history, width, 1, glyphs);
    return [...head, span(chart, style)];
  };
  const open = countText(openConnections(report));
  return [
    [
      span(''.padEnd(LABEL)),
      span('now'.padStart(NUMBER), 'faint'),
      span('in all'.padStart(NUMBER), 'faint'),
    ],
    line(
      'requests',
      rateText(rates.requests, shortCountText),
      total('requests', countText),
      state.requests,
      'good',
    ),
    line(
      'received',
      rateText(rates.received_bytes, sizeText),
      total('received_bytes', sizeText),
      state.received,
      'accent',
    ),
    line(
      'sent',
      rateText(rates.sent_bytes, sizeText),
      total('sent_bytes', sizeText),
      state.sent,
      'accent',
    ),
    line('connections', open, total('connections', countText), state.open, 'accent'),
    ...responseLines(state, columns, glyphs),
  ];
}

function rateText(
  value: number | null | undefined,
  text: (value: number) => string = shortCountText,
): string {
  return value === null || value === undefined ? UNKNOWN : `${text(value)}/s`;
}

const CLASSES = [
  ['2xx', 'responses_2xx', 'good'],
  ['3xx', 'responses_3xx', 'accent'],
  ['4xx', 'responses_4xx', 'warning'],
  ['5xx', 'responses_5xx', 'bad'],
] as const;

function responseLines({ rates }: TopState, columns: number, glyphs: Glyphs): readonly Line[] {
  const texts = CLASSES.flatMap(([name, counter, style]): Line => {
    const rate = rates[counter];
    // Nothing that is zero is good or bad.
    return [
      span(`${name} `, rate === null || rate === 0 ? 'faint' : style),
      span(rateText(rate).padEnd(10)),
    ];
  });
  const parts = CLASSES.map(([, counter, style]) => ({ value: rates[counter] ?? 0, style }));
  return [
    [span(' responses'.padEnd(LABEL), 'accent'), ...texts],
    [span(' '.repeat(LABEL)), ...dividedBar(parts, Math.max(0, columns - LABEL - 1), glyphs)],
  ];
}

/** A table that may have to be cut. */
interface Section {
  readonly columns: readonly Column[];
  readonly rows: readonly SectionRow[];
  readonly noun: string;
}

interface SectionRow {
  readonly cells: readonly Cell[];
  /** Shown before the others where not all fit: what is not well. */
  readonly matters: boolean;
}

function bodyLines(view: TopView, columns: number, room: number): readonly Line[] {
  const { state, glyphs } = view;
  const last = serverLine(state.report, glyphs);
  const sections = [
    threadSection(state, columns, glyphs),
    upstreamSection(state),
    processSection(state.report),
  ].filter(({ rows }) => rows.length > 0);
  const needed = sections.reduce((sum, { rows }) => sum + rows.length + 2, 2);
  const spare = Math.min(MOST_CHART, room - needed - 2);
  // A screen of any height is good for the numbers; a tall one shows how they went as well. Not where nobody looks on.
  const chart = view.keys && spare >= LEAST_CHART ? chartLines(state, columns, spare, glyphs) : [];
  const kept = fitting(sections, room - chart.length - 2);
  return [...chart, ...kept, [], last];
}

function chartLines(
  state: TopState,
  columns: number,
  height: number,
  glyphs: Glyphs,
): readonly Line[] {
  const width = columns - 2;
  const shown = state.requests.slice(-width);
  const most = Math.max(0, ...shown.map((rate) => rate ?? 0));
  const title = ` requests a second, at most ${shortCountText(most)} `;
  const lines = columnChart(state.requests, width, height, glyphs).map((bars) => [
    span(' '),
    span(bars, 'good'),
  ]);
  return [[], [span(title, 'faint')], ...lines];
}

function threadSection(
  { report, threadRates }: TopState,
  columns: number,
  glyphs: Glyphs,
): Section {
  const rates = report.threads.map(
    ({ thread }) => threadRates.get(threadKey(report, thread)) ?? null,
  );
  const most = Math.max(1, ...rates.map((rate) => rate ?? 0));
  const width = Math.min(40, Math.max(0, columns - 58));
  return {
    noun: 'threads',
    columns: [
      { title: 'thread', align: 'right' },
      { title: 'requests', align: 'right' },
      { title: '', align: 'left' },
      { title: 'connections', align: 'right' },
      { title: 'stall', align: 'right' },
      { title: 'state', align: 'left' },
    ],
    rows: report.threads.map(({ thread, state, connections, stall }, at) => {
      const rate = rates[at] ?? null;
      return {
        matters: state !== 'serving',
        cells: [
          String(thread),
          rateText(rate),
          shareBar((rate ?? 0) / most, width, state === 'serving' ? 'good' : 'bad', glyphs),
          countText(connections),
          stallSpan(stall),
          stateSpan(state),
        ],
      };
    }),
  };
}

function upstreamSection({ report, peerRates }: TopState): Section {
  return {
    noun: 'servers',
    columns: [
      { title: 'upstream', align: 'left' },
      { title: 'server', align: 'left' },
      { title: 'requests', align: 'right' },
      { title: 'in flight', align: 'right' },
      { title: 'failures', align: 'right' },
      { title: 'state', align: 'left' },
    ],
    rows: report.upstreams.flatMap(({ name, peers }) =>
      peers.map(({ url, state, inFlight, failures }) => {
        const rate = peerRates.get(peerKey(name, url));
        return {
          matters: state !== 'up',
          cells: [
            name,
            url,
            rateText(rate),
            countText(inFlight),
            countText(failures),
            stateSpan(state),
          ],
        };
      }),
    ),
  };
}

function processSection({ supervisor }: StatusReport): Section {
  return {
    noun: 'processes',
    columns: [
      { title: 'process', align: 'right' },
      { title: 'generation', align: 'right' },
      { title: 'age', align: 'right' },
      { title: 'connections', align: 'right' },
      { title: 'state', align: 'left' },
    ],
    rows: supervisor.processes.map(({ pid, generation, age, connections, state }) => ({
      matters: connections === null || state === 'serving',
      cells: [
        String(pid),
        String(generation),
        ageText(age),
        connections === null ? span('no answer', 'warning') : countText(connections),
        stateSpan(state),
      ],
    })),
  };
}

function serverLine({ supervisor, resident }: StatusReport, glyphs: Glyphs): Line {
  const { configAge, reloads, refusals, handOvers, crashes } = supervisor;
  const separator = ` ${glyphs.separator} `;
  return [
    span(` last reload ${ageText(configAge)} ago`),
    span(`${separator}reloads ${countText(reloads)}, `),
    troubleSpan(refusals, `${countText(refusals)} refused`),
    span(`${separator}hand-overs ${countText(handOvers)}${separator}`),
    troubleSpan(crashes, `crashes ${countText(crashes)}`),
    span(`${separator}${sizeText(resident)}`),
  ];
}

/** An empty line and the titles. */
const SECTION_HEAD = 2;
/** One row, and how many there are more. */
const LEAST_ROWS = 2;

/** As many sections as there is room for, from the first, and of each as much as a fair division leaves it. */
function fitting(sections: readonly Section[], room: number): readonly Line[] {
  const kept = sections.map(({ rows }) => Math.min(rows.length, LEAST_ROWS));
  const taken = (): number => kept.reduce((sum, count) => sum + count + SECTION_HEAD, 0);
  while (kept.length > 0 && taken() > room) kept.pop();
  let left = room - taken();
  // A line each in turn, until there is no room or nobody needs one.
  for (let gave = true; gave && left > 0;) {
    gave = false;
    for (const [at, own] of kept.entries()) {
      if (left === 0 || own === sections[at]?.rows.length) continue;
      kept[at] = own + 1;
      left--;
      gave = true;
    }
  }
  return kept.flatMap((rows, at) => sectionLines(sections[at], rows));
}

function sectionLines(section: Section | undefined, room: number): readonly Line[] {
  if (section === undefined) return [];
  const { columns, rows, noun } = section;
  const isCut = rows.length > room;
  const ordered = isCut ? rows.toSorted((a, b) => Number(b.matters) - Number(a.matters)) : rows;
  const shown = isCut ? ordered.slice(0, room - 1) : ordered;
  const lines = tableLines(
    columns,
    shown.map(({ cells }) => cells),
  );
  const more = isCut
    ? [[span(` and ${countText(rows.length - shown.length)} ${noun} more`, 'faint')]]
    : [];
  return [[], ...lines.map((line) => [span(' '), ...line]), ...more];
}

const HELP: readonly (readonly [string, string])[] = [
  ['q, Ctrl-C', 'leave'],
  ['p', 'hold the picture, or let it go on'],
  ['h', 'this help, and back'],
  ['', ''],
  ['now', 'over the last second'],
  ['in all', 'since the supervisor was started'],
  ['stall', 'the longest time of late that a thread did nothing for anybody'],
  ['in flight', 'requests that a server of an upstream has not answered yet'],
  ['generation', 'server processes since the start; an older one drains'],
  ['last reload', 'when the configuration that is served was taken over'],
];

function helpLines(room: number): readonly Line[] {
  const lines = HELP.map(([word, meaning]): Line => [
    span(` ${word}`.padEnd(LABEL), 'accent'),
    span(meaning),
  ]);
  return [[], ...lines].slice(0, Math.max(0, room));
}

function footerLine(view: TopView, columns: number): Line {
  if (view.trouble !== null) return troubleLine(view);
  const keys = [
    ['q', 'quit'],
    ['p', view.paused ? 'go on' : 'pause'],
    ['h', view.help ? 'back' : 'help'],
  ] as const;
  const line = keys.flatMap(([key, what]): Line => [
    span(` ${key}`, 'strong'),
    span(` ${what} `, 'faint'),
  ]);
  return lineWidth(line) > columns ? [] : line;
}

function troubleLine({ trouble }: TopView): Line {
  return [span(` ${trouble ?? ''}`, 'bad')];
}
