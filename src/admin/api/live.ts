import { textAnswer } from '../answer.ts';
import { ADMIN_PATHS } from '../contract.ts';
import type { Resource } from '../resource.ts';

/** Whether to leave the process alone: one that cannot answer this is to be started anew. */
export const live: Resource = {
  path: ADMIN_PATHS.live,
  method: 'GET',
  open: true,
  means: 'whether the process runs',
  answer: () => textAnswer(200, 'live'),
};
