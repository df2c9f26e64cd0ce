import type { Fault } from '../base/index.ts';
import { CALL_FAULTS } from '../http/message/index.ts';
import { DIAL_FAULTS } from '../net/index.ts';
import type { NextUpstreamCondition } from './options.ts';

/**
 * Which condition of `nextUpstream` (nginx `proxy_next_upstream`) a fault is, or null for one that has
 * nothing to do with the server: what went wrong with us or with the client goes wrong on every server.
 */
export function conditionOfFault({ kind }: Fault): NextUpstreamCondition | null {
  switch (kind) {
    case CALL_FAULTS['call-unanswered']:
    case CALL_FAULTS['call-cut']:
    case DIAL_FAULTS['dial-refused']:
    case DIAL_FAULTS['dial-machine']:
    case DIAL_FAULTS['dial-full']:
      return 'error';
    case CALL_FAULTS['call-read-timeout']:
    case CALL_FAULTS['call-send-timeout']:
    case CALL_FAULTS['call-ping-timeout']:
    case DIAL_FAULTS['dial-timeout']:
      return 'timeout';
    default:
      return kind.blame === 'upstream' ? 'invalid-header' : null;
  }
}

/** The name that `nextUpstream` has for an answer with this code, or null for one that is always passed on. */
export function conditionOfStatus(status: number): NextUpstreamCondition | null {
  switch (status) {
    case 403:
      return 'http-403';
    case 404:
      return 'http-404';
    case 429:
      return 'http-429';
    case 500:
      return 'http-500';
    case 502:
      return 'http-502';
    case 503:
      return 'http-503';
    case 504:
      return 'http-504';
    default:
      return null;
  }
}

/** Whether the condition says that the server is not well; 403 and 404 are answers of a healthy one. */
export function countsAsFailure(condition: NextUpstreamCondition): boolean {
  return condition !== 'http-403' && condition !== 'http-404';
}
