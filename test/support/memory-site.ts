/** A real pipeline with one or more virtual hosts, whose exchanges, logs, clock and ids are in memory. */
import assert from 'node:assert/strict';
import { ManualClock } from '../../src/base/index.ts';
import { Fields } from '../../src/http/message/index.ts';
import {
  AccessLog,
  compileLogFormat,
  type Context,
  CORE_FAMILIES,
  coreVariables,
  DONE,
  ErrorLog,
  type Handler,
  type HostEntry,
  HostTable,
  type ListenerModel,
  type Location,
  type LocationEntry,
  LocationTable,
  type LogLevel,
  LogTime,
  type Outcome,
  parseHostNames,
  parseRoute,
  Pipeline,
  RequestIds,
  type VariableDefinition,
  type VariableFamily,
  Variables,
  type VirtualHost,
  lineText,
  type LogSink,
} from '../../src/pipeline/index.ts';
import { MemoryExchange, type MemoryRequest } from './memory-exchange.ts';

/** What a test says about a location; everything else is empty. */
export type MemoryLocation = Partial<Location> & {
  readonly handle?: (context: Context) => Outcome;
};

/** Makes a content handler of one function, under a name that logs can show. */
export function handler(name: string, handle: (context: Context) => Outcome): Handler {
  return { name, phase: 'content', handle };
}

/** A handler that answers 200 with a text. */
export function says(text: string): Handler {
  return handler(`says ${text}`, (context) => {
    context.send(200, Fields.of(['Content-Type', 'text/plain']), text);
    return DONE;
  });
}

/** See the head of this file. */
export class MemorySite {
  /** 2026-11-20 12:00:00 UTC. */
  readonly clock = new ManualClock(Date.UTC(2026, 10, 20, 12));
  readonly time = new LogTime(this.clock, () => 0);
  readonly variables: Variables;
  readonly accessLines: string[] = [];
  readonly errorLines: string[] = [];
  readonly pipeline: Pipeline;
  readonly #format: string;

  /** `hosts` gives routes by key (or `@name`) for each name; the first host is the default. */
  constructor(
    hosts: Readonly<Record<string, Readonly<Record<string, MemoryLocation>>>>,
    options: {
      readonly format?: string;
      readonly level?: LogLevel;
      readonly host?: Partial<VirtualHost>;
      /** Variables beside those of the pipeline itself. */
      readonly definitions?: readonly VariableDefinition[];
      readonly families?: readonly VariableFamily[];
    } = {},
  ) {
    this.variables = new Variables(
      [...coreVariables({ hostname: 'machine', pid: 7 }), ...(options.definitions ?? [])],
      [...CORE_FAMILIES, ...(options.families ?? [])],
    );
    this.#format = options.format ?? 'combined';
    const sink = { write: (line: string) => void this.errorLines.push(line) };
    let next = 0;
    this.pipeline = new Pipeline(this.model(hosts, options.host), {
      clock: this.clock,
      time: this.time,
      errorLog: new ErrorLog(sink, options.level ?? 'debug', this.time, { pid: 7, thread: 2 }),
      requestIds: new RequestIds((size) => Buffer.alloc(size, next++)),
    });
  }

  /** A model of the same shape as the constructor takes, for `swap`. */
  model(
    hosts: Readonly<Record<string, Readonly<Record<string, MemoryLocation>>>>,
    more: Partial<VirtualHost> = {},
  ): ListenerModel {
    const made = Object.entries(hosts).map(([name, routes]) => this.#host(name, routes, more));
    const entries: HostEntry<VirtualHost>[] = made.flatMap((host) => {
      const names = parseHostNames(host.name);
      assert.ok('value' in names, host.name);
      return names.value.map((name) => ({ name, target: host }));
    });
    const [fallback] = made;
    assert.ok(fallback !== undefined);
    const table = HostTable.build(entries, fallback);
    assert.ok('value' in table, JSON.stringify(table));
    return { hosts: table.value };
  }

  #host(
    name: string,
    routes: Readonly<Record<string, MemoryLocation>>,
    more: Partial<VirtualHost>,
  ): VirtualHost {
    const entries = Object.entries(routes).map(([key, location]): LocationEntry<Location> => {
      const pattern = key.startsWith('@')
        ? { value: { kind: 'named', name: key } as const }
        : parseRoute(key);
      assert.ok('value' in pattern, key);
      return { pattern: pattern.value, target: this.location(key, location) };
    });
    const locations = LocationTable.build(entries);
    assert.ok('value' in locations, JSON.stringify(locations));
    const fallback = this.location('(fallback)', {});
    return { name, locations: locations.value, fallback, mergeSlashes: true, ...more };
  }

  /** A location whose access log is that of the site. */
  location(name: string, { handle, ...given }: MemoryLocation): Location {
    const format = compileLogFormat(this.#format, this.variables);
    assert.ok('value' in format, JSON.stringify(format));
    const sink: LogSink = {
      write: (line) => void this.accessLines.push(line),
      put: (write, subject) => void this.accessLines.push(lineText(write, subject)),
    };
    return {
      name,
      handlers: handle === undefined ? [] : [handler('handle', handle)],
      headerFilters: [],
      bodyFilters: [],
      accessLogs: [new AccessLog(sink, format.value)],
      bodyLimit: 0,
      errorPages: new Map(),
      internal: false,
      ...given,
    };
  }

  /** Gives one request to the pipeline and returns its exchange. */
  ask(request: MemoryRequest | MemoryExchange = {}): MemoryExchange {
    const exchange = request instanceof MemoryExchange ? request : new MemoryExchange(request);
    this.pipeline.onExchange(exchange);
    return exchange;
  }
}
