import type { adminHandler } from '../../src/admin/index.ts';

/** What an administration asks of its server. */
type View = Parameters<typeof adminHandler>[0];

/** What `/status` says. */
export type Status = Awaited<ReturnType<View['status']>>;

/** A member of what `/connections` says. */
export type Connection = Awaited<ReturnType<View['connections']>>[number];

/** A server that has everything once, and one thing that is not well of each kind. */
export function sampleStatus(changes: Partial<Status> = {}): Status {
  return {
    version: '1.2.3',
    pid: 1201,
    supervisor: {
      pid: 1200,
      age: 273_600_000,
      configFile: '/etc/daemun/daemun.config.ts',
      configAge: 720_000,
      reloads: 3,
      refusals: 1,
      handOvers: 2,
      others: {},
      crashes: 0,
      processes: [
        { pid: 1201, generation: 3, age: 720_000, state: 'serving', connections: 1536 },
        { pid: 1150, generation: 2, age: 90_000_000, state: 'draining', connections: 2 },
        { pid: 1100, generation: 1, age: 273_600_000, state: 'draining', connections: null },
      ],
    },
    threads: [
      { thread: 1, state: 'serving', connections: 1024, requests: 900_000, stall: 1.5 },
      { thread: 2, state: 'stuck', connections: 512, requests: 300_000, stall: 2250 },
    ],
    addresses: [
      { key: '*:80', port: 80, hosts: ['example.com', 'www.example.com'] },
      { key: 'unix:/run/site', port: 0, hosts: ['*'] },
    ],
    counters: {
      connections: 54_321,
      requests: 1_234_567,
      responses_2xx: 1_200_000,
      responses_3xx: 20_000,
      responses_4xx: 14_000,
      responses_5xx: 567,
      received_bytes: 987_654_321,
      sent_bytes: 12_345_678_901,
      dropped_log_lines: 0,
    },
    upstreams: [
      {
        name: 'shop',
        peers: [
          { url: 'ajp://10.0.0.1:8009', state: 'up', inFlight: 12, requests: 5000, failures: 3 },
          {
            url: 'ajp://10.0.0.2:8009',
            state: 'failed',
            inFlight: 0,
            requests: 4000,
            failures: 40,
          },
        ],
      },
    ],
    resident: 123_456_789,
    ...changes,
  };
}

/** A connection that is answered, with what a test says of it. */
export function sampleConnection(changes: Partial<Connection> = {}): Connection {
  return {
    thread: 1,
    id: 7,
    descriptor: 21,
    remote: '192.0.2.9:50123',
    local: '192.0.2.1:80',
    state: 'answering',
    requests: 12,
    bytesIn: 2048,
    bytesOut: 5_000_000,
    age: 65_000,
    quiet: 200,
    ...changes,
  };
}

/** A server under administration that does nothing but remember its orders. */
export class SampleView implements View {
  readonly version = '1.2.3';
  ready = true;
  report: Status | Error = sampleStatus();
  clients: readonly Connection[] = [sampleConnection()];
  served: unknown = { threads: 2, sites: {} };
  reloading: Awaited<ReturnType<View['reload']>> | Error = {
    taken: true,
    reasons: '',
    ending: false,
  };
  stopping: Error | null = null;
  reloads = 0;
  /** The limits of the orders to stop. */
  readonly stops: number[] = [];

  async status(): Promise<Status> {
    return settled(this.report);
  }

  async connections(): Promise<readonly Connection[]> {
    return this.clients;
  }

  config(): ReturnType<View['config']> {
    // Only what JSON makes of it is looked at.
    return this.served as ReturnType<View['config']>;
  }

  async reload(): ReturnType<View['reload']> {
    this.reloads++;
    return settled(this.reloading);
  }

  readonly supervisor = 1200;

  async stop(limit: number): Promise<void> {
    this.stops.push(limit);
    if (this.stopping !== null) throw this.stopping;
  }
}

function settled<T>(value: T | Error): T {
  if (value instanceof Error) throw value;
  return value;
}
