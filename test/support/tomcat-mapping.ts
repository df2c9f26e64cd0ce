/** The applications of `servlet-mapping-sets.ts` in Tomcat, and what counts of an answer. */
import { freePort, temporaryDirectory } from './process.ts';
import { RawClient } from './raw-client.ts';
import { type MappingSet, type Probe, targetsOf, writeMappingSet } from './servlet-mapping-sets.ts';
import { startTomcat } from './tomcat.ts';

/** As much of a response as two servers can agree on. */
export interface Answer {
  readonly status: number;
  readonly location: string | null;
  /** Of 200 alone: what the probe tells, or what is in the file. */
  readonly text: string;
}

/** Asks one server for a target, written as it is, and resolves to the answer. */
type Asked = (target: string) => Promise<Answer>;

/** Either side of a comparison, at work. */
export interface MappingServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** As `DAEMUN_PROBE`; a page needs nothing but what Tomcat brings. */
const TOMCAT_PROBE: Probe = {
  element: 'jsp-file',
  content: '/WEB-INF/probe.jsp',
  file: 'WEB-INF/probe.jsp',
  source: `<%@ page session="false" contentType="text/plain; charset=utf-8" trimDirectiveWhitespaces="true" %><%!
  static String text(String value) {
    if (value == null) return "-";
    StringBuilder escaped = new StringBuilder("=");
    for (byte one : value.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
      if (one > 32 && one < 127 && one != '%') escaped.append((char) one);
      else escaped.append(String.format("%%%02X", one));
    }
    return escaped.toString();
  }
%><%
  HttpServletMapping mapping = request.getHttpServletMapping();
  out.print("servlet" + text(getServletConfig().getServletName()) +
    "\\ncontextPath" + text(request.getContextPath()) +
    "\\nservletPath" + text(request.getServletPath()) +
    "\\npathInfo" + text(request.getPathInfo()) +
    "\\nrequestURI" + text(request.getRequestURI()) +
    "\\nqueryString" + text(request.getQueryString()) +
    "\\nmatch=" + mapping.getMappingMatch() +
    "\\npattern" + text(mapping.getPattern()) +
    "\\nvalue" + text(mapping.getMatchValue()) +
    "\\nmapped" + text(mapping.getServletName()) + "\\n");
%>`,
};

/** Writes the applications with the probe for Tomcat and has it serve them. */
export async function startTomcatMapping(sets: readonly MappingSet[]): Promise<MappingServer> {
  const directory = temporaryDirectory();
  for (const set of sets) writeMappingSet(directory, set, TOMCAT_PROBE);
  const port = await freePort();
  const tomcat = await startTomcat(port, { webapps: directory });
  return { port, stop: () => tomcat.stop() };
}

/** Where the answers differ, and why; `ours` says what ours has to be, from what it had to be without. */
export interface Difference {
  readonly reason: string;
  readonly applies: (target: string, expected: Answer) => boolean;
  readonly ours: (expected: Answer) => Answer;
}

/** What came out of asking two servers the same. */
export interface Comparison {
  readonly asked: number;
  /** How many of their answers there were of each kind: a status, or the rule that led to the servlet. */
  readonly kinds: ReadonlyMap<string, number>;
  /** How many answers differed for which reason, those for none left out. */
  readonly explained: ReadonlyMap<Difference, number>;
  /** Targets with other answers than they should have, by what is wrong with them. */
  readonly wrong: ReadonlyMap<string, readonly string[]>;
}

/** How many connections a server is asked on at once. */
const LANES = 4;

/** Asks two servers for `count` targets of each set. Differences add up, in their order. */
export async function compareMapping(
  ports: { readonly ours: number; readonly theirs: number },
  sets: readonly MappingSet[],
  count: number,
  differences: readonly Difference[],
): Promise<Comparison> {
  const kinds = new Map<string, number>();
  const explained = new Map<Difference, number>();
  const wrong = new Map<string, string[]>();
  const waiting = [...sets];
  const compare = (target: string, ours: Answer, theirs: Answer): void => {
    countIn(kinds, kindOf(theirs));
    let expected = theirs;
    for (const difference of differences) {
      if (!difference.applies(target, expected)) continue;
      const changed = difference.ours(expected);
      if (isSame(changed, expected)) continue;
      expected = changed;
      countIn(explained, difference);
    }
    if (isSame(ours, expected)) return;
    const lines = linesOf(ours);
    const wanted = linesOf(expected);
    const isOther = ours.status !== expected.status;
    const names = wanted.map((line, at) => (line === lines[at] ? '' : line.split(/[ =-]/)[0]));
    const key = isOther
      ? `${kindOf(ours)} for ${kindOf(expected)}`
      : names.filter((name) => name !== '').join(' ');
    const told = wanted
      .slice(0, isOther ? 3 : wanted.length)
      .map((line, at) => (line === lines[at] ? '' : `\n    ${line}, but ours ${lines[at] ?? ''}`));
    wrong.set(key, [...(wrong.get(key) ?? []), target + told.join('')]);
  };
  const lane = async (): Promise<void> => {
    const ours = new MappingClient(ports.ours);
    const theirs = new MappingClient(ports.theirs);
    try {
      for (let set = waiting.shift(); set !== undefined; set = waiting.shift()) {
        for (const target of targetsOf(set, count)) {
          // oxlint-disable-next-line no-await-in-loop -- servers close connections behind what they refuse
          compare(target, ...(await Promise.all([ours.ask(target), theirs.ask(target)])));
        }
      }
    } finally {
      ours.close();
      theirs.close();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { asked: sets.length * count, kinds, explained, wrong };
}

/** What is wrong, for a reader: how often, and some examples of each. */
export function describeWrong({ wrong }: Comparison): string {
  return [...wrong]
    .toSorted(([, some], [, others]) => others.length - some.length)
    .map(([key, targets]) => [`${targets.length} × ${key}`, ...targets.slice(0, 8)].join('\n  '))
    .join('\n');
}

function countIn<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function isSame(one: Answer, other: Answer): boolean {
  return one.status === other.status && one.location === other.location && one.text === other.text;
}

function linesOf({ status, location, text }: Answer): string[] {
  return [`status ${status}`, `location ${location}`, ...text.split('\n')];
}

function kindOf({ status, text }: Answer): string {
  if (status !== 200) return String(status);
  return text.startsWith('file ') ? 'file' : (/^match=(.*)$/m.exec(text)?.[1] ?? 'unknown');
}

/** Asks the server on `port`, one target after the other, on a connection that is opened anew when it was closed. */
class MappingClient {
  readonly #client: RawClient;

  constructor(port: number) {
    this.#client = new RawClient(port, { closesUnannounced: true });
  }

  readonly ask: Asked = async (target) => {
    const { status, fields, body } = await this.#client.ask(
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    );
    return {
      status,
      location: fields.getByName('location'),
      text: status === 200 ? body.toString('latin1') : '',
    };
  };

  close(): void {
    this.#client.close();
  }
}
