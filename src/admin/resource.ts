import type { Exchange } from '../http/message/index.ts';
import type { ServerView } from '../server/port.ts';
import type { AdminAnswer } from './answer.ts';

/** One thing that an administrator may ask or order. */
export interface Resource {
  /** The whole path; nothing lies below it. */
  readonly path: string;
  /** GET for a question, which HEAD may ask as well; POST for what changes something, and is audited. */
  readonly method: 'GET' | 'POST';
  /** Whether load balancers may ask without the token. */
  readonly open: boolean;
  /** A few words for the list of resources. */
  readonly means: string;
  /** May reject: that is answered with 500. */
  answer(view: ServerView, exchange: Exchange): AdminAnswer | Promise<AdminAnswer>;
}
