import { jsonAnswer } from '../answer.ts';
import { ADMIN_PATHS } from '../contract.ts';
import type { Resource } from '../resource.ts';

/** The clients that are connected now, oldest first. */
export const connections: Resource = {
  path: ADMIN_PATHS.connections,
  method: 'GET',
  open: false,
  means: 'the client connections that are open',
  answer: async (view) => jsonAnswer(200, await view.connections()),
};
