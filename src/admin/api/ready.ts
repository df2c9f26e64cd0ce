import { textAnswer } from '../answer.ts';
import { ADMIN_PATHS } from '../contract.ts';
import type { Resource } from '../resource.ts';

/** Whether to send clients here; a load balancer that hears 503 takes the server out before it stops accepting. */
export const ready: Resource = {
  path: ADMIN_PATHS.ready,
  method: 'GET',
  open: true,
  means: 'whether it takes new clients: 200 or 503',
  answer: (view) => (view.ready ? textAnswer(200, 'ready') : textAnswer(503, 'not ready')),
};
