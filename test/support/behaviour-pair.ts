/** Tomcat and our container with the applications of `dispatch-apps.ts`, asked the same. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { type DaemunWebapps, startDaemunWebapps } from './daemun-webapps.ts';
import { APPLICATIONS, writeApplications } from './dispatch-apps.ts';
import { freePort, temporaryDirectory, type TestProcess } from './process.ts';
import { type Exchanged, RawExchange } from './raw-exchange.ts';
import { startTomcat } from './tomcat.ts';

const HOME = '/usr/share/tomcat10';
/** The compiler that Tomcat has for its pages; Debian's package of Tomcat needs it. */
const COMPILER = '/usr/share/java/eclipse-jdt-core.jar';
const JAVA = '/usr/bin/java';
const SMALL = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** Both servers put it behind the ids of their sessions. */
const ROUTE = 'n1';

/** A request; `{PORT}`, and `{S1}` for the first session that the case has seen, stand for what each server has. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  /** Lines without their ends. */
  readonly fields: readonly string[];
  readonly body: string;
  /** Instead of the head that is made of the above. */
  readonly head?: string;
  /** What the servlets do. */
  readonly steps: Readonly<Record<string, readonly string[]>>;
}

/** An answer, reduced to what two servers can agree on, and the log of what happened meanwhile. */
export interface Facts {
  readonly status: number;
  /** But for those that every server writes as it likes; a line for each, sorted. */
  readonly fields: readonly string[];
  readonly framing: string;
  readonly body: string;
  /** What the servlets saw and were told. */
  readonly log: readonly string[];
}

/** Where we answer otherwise, and why; `ours` says how, from what Tomcat says. */
export interface Difference {
  readonly reason: string;
  readonly ours: (theirs: Facts, asked: Asked) => Facts;
}

const OWN_FIELDS = /^(?:date|server|connection|keep-alive|transfer-encoding)$/;
/** What a page of Tomcat's own begins with, and one of ours. */
const OWN_PAGE =
  /^<!doctype html><html lang="en"><head><title>HTTP Status |^<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport"/;

const OWN_TYPE = /^text\/html; ?charset=utf-8$/;

let nextId = 0;

/** See the head of this file. */
export class BehaviourPair {
  readonly #tomcat: TestProcess;
  readonly #daemun: DaemunWebapps;
  readonly #ports: readonly [number, number];
  /** How often each difference was needed. */
  readonly used = new Map<Difference, number>();
  asked = 0;

  private constructor(tomcat: TestProcess, port: number, daemun: DaemunWebapps) {
    this.#tomcat = tomcat;
    this.#daemun = daemun;
    this.#ports = [port, daemun.port];
  }

  static async start(): Promise<BehaviourPair> {
    const ours = temporaryDirectory();
    writeApplications(ours);
    const theirs = temporaryDirectory();
    writeApplications(theirs, compile);
    const port = await freePort();
    const tomcat = await startTomcat(port, {
      webapps: theirs,
      serverXml: serverXml(port, theirs),
    });
    try {
      return new BehaviourPair(tomcat, port, await startDaemunWebapps(ours, { route: ROUTE }));
    } catch (error) {
      await tomcat.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#tomcat.stop(), this.#daemun.stop()]);
  }

  /** Asks both the same in a row, in one connection; says where they differ, but as `differences` say. */
  async compare(row: readonly Asked[], differences: readonly Difference[]): Promise<string[]> {
    const [theirs, ours] = await Promise.all(this.#ports.map((port) => new Side(port).ask(row)));
    assert.ok(theirs !== undefined && ours !== undefined);
    const wrong: string[] = [];
    for (const [at, asked] of row.entries()) {
      this.asked++;
      let expected: Facts | undefined = theirs[at];
      const got: Facts | undefined = ours[at];
      assert.ok(expected !== undefined && got !== undefined);
      for (const difference of differences) {
        const changed: Facts = difference.ours(expected, asked);
        if (linesOf(changed).join('\n') === linesOf(expected).join('\n')) continue;
        expected = changed;
        this.used.set(difference, (this.used.get(difference) ?? 0) + 1);
      }
      const told = compareLines(linesOf(expected), linesOf(got));
      if (told.length === 0) continue;
      const steps = Object.entries(asked.steps).map(
        ([name, list]) => `${name}: ${list.join(' | ')}`,
      );
      const line = asked.head ?? [`${asked.method} ${asked.target}`, ...asked.fields].join(', ');
      wrong.push(
        [line, ...steps, asked.body.slice(0, 100), ...told]
          .filter((one) => one !== '')
          .join('\n    '),
      );
    }
    return wrong;
  }
}

/** One server, for one row of requests. */
class Side {
  readonly #port: number;
  readonly #client: RawExchange;
  readonly #sessions: string[] = [];

  constructor(port: number) {
    this.#port = port;
    this.#client = new RawExchange(port);
  }

  async ask(row: readonly Asked[]): Promise<Facts[]> {
    const facts: Facts[] = [];
    try {
      for (const asked of row) {
        const id = `${nextId++}`;
        // oxlint-disable-next-line no-await-in-loop -- a row
        const answer = await this.#client.ask(this.#text(asked, id));
        // oxlint-disable-next-line no-await-in-loop -- as above
        facts.push(this.#facts(answer, await this.#log(asked, id)));
      }
    } finally {
      this.#client.close();
    }
    return facts;
  }

  #text({ method, target, fields, body, head, steps }: Asked, id: string): string {
    const scripts = Object.entries(steps).map(
      ([name, list]) => `In-${name}: ${list.map(escapeStep).join(' | ')}`,
    );
    const first =
      head === undefined ? [`${method} ${target} HTTP/1.1`, ...withHost(fields)] : [head];
    const lines = [...first, `In-Id: ${id}`, ...scripts];
    return this.#filled(`${lines.join('\r\n')}\r\n\r\n${body}`);
  }

  #filled(text: string): string {
    return text
      .replaceAll('{PORT}', String(this.#port))
      .replaceAll(/\{S([0-9])\}/g, (_, number) => this.#sessions[Number(number) - 1] ?? 'none');
  }

  async #log({ target, steps }: Asked, id: string): Promise<string[]> {
    if (Object.keys(steps).length === 0) return [];
    const application = /^(?:http:\/\/[^/]*)?\/([^/;?]*)/.exec(target)?.[1] ?? '';
    const text = `GET /${application}/log?${id} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const answer = await this.#client.ask(text);
    return answer.body.split('\n').filter((line) => line !== '');
  }

  #facts(
    { status, fields, body, framing, isWhole, isSilent }: Exchanged,
    log: readonly string[],
  ): Facts {
    const own =
      OWN_PAGE.test(body) ||
      // The head of such a page alone; those of the applications spell the charset otherwise.
      (status >= 400 &&
        framing === 'none' &&
        fields.some(([name, value]) => name === 'content-type' && OWN_TYPE.test(value)));
    const kept = fields.filter(
      ([name]) =>
        !OWN_FIELDS.test(name) &&
        !(own && /^(?:content-(?:type|length|language)|vary)$/.test(name)),
    );
    return {
      status,
      fields: kept.map(([name, value]) => this.#plain(`${name}: ${spelt(name, value)}`)).toSorted(),
      framing: own ? 'own' : `${framing}${isSilent ? ', silent' : isWhole ? '' : ', broken off'}`,
      body: own ? 'own' : this.#plain(body),
      log: log.map((line) => this.#plain(line)),
    };
  }

  /** What is by chance, by name. */
  #plain(text: string): string {
    // Lengths may be the same number as the port.
    const port = new RegExp(`(:|(?:port|local): )${this.#port}(?![0-9])`, 'g');
    return text
      .replaceAll(port, '$1{PORT}')
      .replaceAll(/(?<![0-9A-F])[0-9A-F]{32}(?![0-9A-F])/g, (id) => {
        if (!this.#sessions.includes(id)) this.#sessions.push(id);
        return `{S${this.#sessions.indexOf(id) + 1}}`;
      });
  }
}

function withHost(fields: readonly string[]): readonly string[] {
  return fields.some((field) => /^host:/i.test(field)) ? fields : ['Host: localhost', ...fields];
}

/** The attributes of a cookie have no order. */
function spelt(name: string, value: string): string {
  if (name !== 'set-cookie') return value;
  const [pair = '', ...attributes] = value.split('; ');
  return [pair, ...attributes.toSorted()].join('; ');
}

/** A step as a header can carry it. */
function escapeStep(step: string): string {
  return step.replaceAll(/[%|+]|[^ -~]+/g, (part) => encodeURIComponent(part));
}

function linesOf({ status, fields, framing, body, log }: Facts): readonly string[] {
  return [`status ${status}`, ...fields, `framing ${framing}`, `body ${body}`, ...log];
}

/** What is in one of them alone: `-` is what there should be, `+` what there is. */
function compareLines(expected: readonly string[], got: readonly string[]): readonly string[] {
  const told = [
    ...expected.filter((line) => !got.includes(line)).map((line) => `- ${shown(line)}`),
    ...got.filter((line) => !expected.includes(line)).map((line) => `+ ${shown(line)}`),
  ];
  const isSame = expected.length === got.length && expected.every((line, at) => line === got[at]);
  return told.length === 0 && !isSame ? ['the order differs', ...got] : told;
}

function shown(line: string): string {
  return line.length > 200 ? `${line.slice(0, 200)}… (${line.length})` : line;
}

function compile(folder: string): void {
  const [first = '', ...others] = Object.keys(APPLICATIONS);
  const classes = join(folder, first, 'WEB-INF/classes');
  const { status, stdout, stderr } = spawnSync(
    JAVA,
    [
      ...SMALL,
      '-cp',
      COMPILER,
      'org.eclipse.jdt.internal.compiler.batch.Main',
      '-17',
      '-nowarn',
      '-proc:none',
      '-encoding',
      'UTF-8',
      '-cp',
      join(HOME, 'lib/servlet-api.jar'),
      '-d',
      classes,
      classes,
    ],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stdout + stderr);
  for (const other of others) {
    cpSync(classes, join(folder, other, 'WEB-INF/classes'), { recursive: true });
  }
}

// Connections end soon, so that a request which is never answered does not hold the comparison up.
function serverXml(port: number, webapps: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Server port="-1" shutdown="SHUTDOWN">
  <Service name="Catalina">
    <Connector address="127.0.0.1" port="${port}" protocol="HTTP/1.1" maxKeepAliveRequests="-1"
               keepAliveTimeout="250" />
    <Engine name="Catalina" defaultHost="localhost" jvmRoute="${ROUTE}">
      <Host name="localhost" appBase="${webapps}" autoDeploy="false" />
    </Engine>
  </Service>
</Server>
`;
}
