import { config } from './api/config.ts';
import { connections } from './api/connections.ts';
import { drain } from './api/drain.ts';
import { live } from './api/live.ts';
import { metrics } from './api/metrics.ts';
import { ready } from './api/ready.ts';
import { reload } from './api/reload.ts';
import { status } from './api/status.ts';
import { stop } from './api/stop.ts';
import type { Resource } from './resource.ts';

/** All that may be asked or ordered, in the order of the list that a wrong path is answered with. */
export const RESOURCES: readonly Resource[] = [
  live,
  ready,
  status,
  metrics,
  config,
  connections,
  reload,
  drain,
  stop,
];
