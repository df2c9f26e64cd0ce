/** Builds a configuration without serving it: finds what only building shows, and says what would be served. */
import { pid } from 'node:process';
import { Deadlines, MemoryBudget, systemClock } from '../base/index.ts';
import {
  addressesOf,
  type AddressProtocol,
  type ConfigModel,
  protocolOf,
} from '../config/index.ts';
import { Turn, TurnClock, type WireThread } from '../net/index.ts';
import { CaptureNames, LogSet, LogTime } from '../pipeline/index.ts';
import { Holds, LimitZone, NOT_AWAY, threadAlarm } from '../web/index.ts';
import { ApplicationSet } from './applications.ts';
import { builtinVariables } from './builtins.ts';
import type { SiteFault } from './port.ts';
import { buildSite, type SiteParts } from './site.ts';
import { UpstreamSet } from './upstreams.ts';

/** What one site would serve. */
export interface SiteDescription {
  readonly host: string;
  /** Listen addresses, in the order in which they first appear in the configuration. */
  readonly addresses: readonly {
    readonly key: string;
    /** Whether the site answers there for unknown hosts. */
    readonly isDefault: boolean;
    readonly protocol: AddressProtocol;
  }[];
  /** Routes in the order in which they are tried, as they are written in the configuration. */
  readonly routes: readonly string[];
}

/** Describes every site of a configuration, or says what is wrong with it. No file is opened, no log made. */
export function describeSites(
  config: ConfigModel,
): readonly SiteDescription[] | { readonly siteFaults: readonly SiteFault[] } {
  const faults: SiteFault[] = [];
  const described: SiteDescription[] = [];
  const addresses = [...addressesOf(Object.entries(config.sites)).values()];
  const builtin = builtinVariables();
  const applications = new ApplicationSet(config.apps);
  const parts: SiteParts = {
    defaultLogs: config.logs,
    web: { clock: systemClock, random: () => 0 },
    upstreams: UpstreamSet.build(config.upstreams, {
      thread: idleThread(),
      onDefect: ignore,
    }),
    // They are not started.
    applications,
    // Nobody asks, so nothing is counted.
    zones: {
      rate: (name) => new LimitZone(name, ''),
      connections: (name) => new LimitZone(name, ''),
    },
    limits: { away: NOT_AWAY, alarm: threadAlarm, holds: new Holds(NOT_AWAY) },
    ...builtin,
    captures: new CaptureNames(builtin.variables),
    logs: new LogSet(noFiles),
    time: new LogTime(systemClock),
    pid,
    thread: 0,
  };
  for (const [host, site] of Object.entries(config.sites)) {
    const built = buildSite(site, host, parts, faults);
    if (built === null) continue;
    described.push({
      host,
      addresses: addresses
        .filter(({ hosts }) => hosts.includes(host))
        .map((address) => ({
          key: address.key,
          protocol: protocolOf(address),
          isDefault: address.fallback === host,
        })),
      routes: built.locations.describe().map(({ target }) => target.name),
    });
  }
  faults.push(...applications.check());
  return faults.length === 0 ? described : { siteFaults: faults };
}

function ignore(): void {}

// What upstreams are built with; nothing of it is used before a request comes, and none does.
function idleThread(): WireThread {
  const clock = new TurnClock(systemClock);
  const turn = new Turn(clock, ignore);
  return { turn, clock, deadlines: new Deadlines(), budget: new MemoryBudget(0) };
}

const noFile = {
  whole: Infinity,
  write: (
    _bytes: Buffer,
    from: number,
    to: number,
    done: (error: null, written: number) => void,
  ) => {
    done(null, to - from);
  },
  close: (done: () => void) => {
    done();
  },
};

const noFiles = {
  open: () => noFile,
  reopen: (_path: string, done: (error: null, file: typeof noFile) => void) => {
    done(null, noFile);
  },
  standard: () => noFile,
};
