import { ADMIN_PATHS } from '../contract.ts';
import type { Resource } from '../resource.ts';
import { stopAnswer } from './drain.ts';

/** Ends the server at once; requests under way are cut off. */
export const stop: Resource = {
  path: ADMIN_PATHS.stop,
  method: 'POST',
  open: false,
  means: 'end at once',
  answer: (view, exchange) => stopAnswer(exchange, view, 0),
};
