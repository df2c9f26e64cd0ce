import { jsonAnswer } from '../answer.ts';
import { ADMIN_PATHS } from '../contract.ts';
import type { Resource } from '../resource.ts';

/** What is going on: processes, threads, addresses, counters, upstreams. */
export const status: Resource = {
  path: ADMIN_PATHS.status,
  method: 'GET',
  open: false,
  means: 'processes, threads, addresses, counters, upstreams',
  answer: async (view) => jsonAnswer(200, await view.status()),
};
