/** What a status report says, as metrics. */
import type { StatusReport } from '../contract.ts';
import { counterFamilies } from './counter-families.ts';
import type { Labels, MetricFamily, Sample } from './exposition.ts';

/** Every state is told, so that a graph shows a state that was left as 0 and not as the last value. */
const THREAD_STATES = ['serving', 'stuck', 'lost'] as const;
const PEER_STATES = ['up', 'failed'] as const;
const PROCESS_STATES = ['serving', 'draining'] as const;

/** The families in the order in which they are written: the server, its processes, threads, upstreams, counters. */
export function families(report: StatusReport, ready: boolean): readonly MetricFamily[] {
  const own = [
    ...serverFamilies(report, ready),
    ...processFamilies(report),
    ...threadFamilies(report),
    ...upstreamFamilies(report),
  ];
  const taken = new Set(own.map(({ name }) => name));
  return [...own, ...counterFamilies(report.counters, taken)];
}

function serverFamilies(report: StatusReport, ready: boolean): readonly MetricFamily[] {
  const { supervisor } = report;
  return [
    {
      name: 'daemun_build',
      type: 'info',
      unit: null,
      help: 'The version that answers.',
      samples: [{ labels: [['version', report.version]], value: 1 }],
    },
    gauge('daemun_ready', 'Whether the process takes new clients.', one(ready ? 1 : 0)),
    seconds('daemun_uptime_seconds', 'Time since the supervisor was started.', one(supervisor.age)),
    seconds(
      'daemun_config_age_seconds',
      'Time since the configuration that is served was taken over.',
      one(supervisor.configAge),
    ),
    {
      ...gauge(
        'daemun_resident_memory_bytes',
        'Memory that the process has resident.',
        one(report.resident),
      ),
      unit: 'bytes',
    },
    counter('daemun_reloads', 'Configurations that were loaded again.', [
      { labels: [['result', 'taken']], value: supervisor.reloads },
      { labels: [['result', 'refused']], value: supervisor.refusals },
    ]),
    counter(
      'daemun_hand_overs',
      'Times that a process took the place of another.',
      one(supervisor.handOvers),
    ),
    counter(
      'daemun_process_crashes',
      'Server processes that ended by themselves.',
      one(supervisor.crashes),
    ),
  ];
}

function processFamilies({ supervisor: { processes } }: StatusReport): readonly MetricFamily[] {
  const labelled = processes.map((each) => ({
    ...each,
    labels: [['generation', String(each.generation)]] as const,
  }));
  return [
    gauge(
      'daemun_processes',
      'Server processes by state.',
      PROCESS_STATES.map((state) => ({
        labels: [['state', state]],
        value: processes.filter((each) => each.state === state).length,
      })),
    ),
    gauge(
      'daemun_process_connections',
      'Client connections that a server process has open; missing where it does not answer.',
      labelled.flatMap(({ labels, connections }) =>
        connections === null ? [] : [{ labels, value: connections }],
      ),
    ),
    seconds(
      'daemun_process_age_seconds',
      'Time since the server process was started.',
      labelled.map(({ labels, age }) => ({ labels, value: age })),
    ),
  ];
}

function threadFamilies({ threads }: StatusReport): readonly MetricFamily[] {
  const labelled = threads.map((each) => ({
    ...each,
    labels: [['thread', String(each.thread)]] as const,
  }));
  return [
    stateset(
      'daemun_thread_state',
      'What a web thread does.',
      THREAD_STATES,
      labelled.map(({ labels, state }) => ({ labels, state })),
    ),
    gauge(
      'daemun_thread_connections',
      'Client connections that a web thread has open.',
      labelled.map(({ labels, connections }) => ({ labels, value: connections })),
    ),
    counter(
      'daemun_thread_requests',
      'Requests that a web thread took.',
      labelled.map(({ labels, requests }) => ({ labels, value: requests })),
    ),
    seconds(
      'daemun_thread_stall_seconds',
      'The longest time that the event loop of a web thread stood still of late.',
      labelled.map(({ labels, stall }) => ({ labels, value: stall })),
    ),
  ];
}

function upstreamFamilies({ upstreams }: StatusReport): readonly MetricFamily[] {
  const peers = upstreams.flatMap(({ name, peers: each }) =>
    each.map((peer) => ({
      ...peer,
      labels: [
        ['upstream', name],
        ['peer', peer.url],
      ] as const,
    })),
  );
  return [
    stateset(
      'daemun_upstream_peer_state',
      'Whether a server of an upstream is used.',
      PEER_STATES,
      peers.map(({ labels, state }) => ({ labels, state })),
    ),
    gauge(
      'daemun_upstream_peer_in_flight',
      'Requests that a server of an upstream has not answered yet.',
      peers.map(({ labels, inFlight }) => ({ labels, value: inFlight })),
    ),
    counter(
      'daemun_upstream_peer_requests',
      'Requests that went to a server of an upstream.',
      peers.map(({ labels, requests }) => ({ labels, value: requests })),
    ),
    counter(
      'daemun_upstream_peer_failures',
      'Requests that a server of an upstream failed.',
      peers.map(({ labels, failures }) => ({ labels, value: failures })),
    ),
  ];
}

function one(value: number): readonly Sample[] {
  return [{ labels: [], value }];
}

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: 'gauge', unit: null, help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: 'counter', unit: null, help, samples };
}

// Samples are milliseconds, as in the report; collectors expect seconds.
function seconds(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  const converted = samples.map(({ labels, value }) => ({ labels, value: value / 1000 }));
  return { name, type: 'gauge', unit: 'seconds', help, samples: converted };
}

function stateset(
  name: string,
  help: string,
  states: readonly string[],
  things: readonly { readonly labels: Labels; readonly state: string }[],
): MetricFamily {
  const samples = things.flatMap(({ labels, state }) =>
    states.map((each) => ({
      labels: [...labels, [name, each] as const],
      value: each === state ? 1 : 0,
    })),
  );
  return { name, type: 'stateset', unit: null, help, samples };
}
