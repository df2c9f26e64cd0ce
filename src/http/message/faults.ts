import { defineFaults } from '../../base/index.ts';

/** What can go wrong between a handler and the client, whatever the protocol. */
export const EXCHANGE_FAULTS = defineFaults({
  'client-left': {
    blame: 'client',
    status: 499,
    means: 'The client closed the connection before the response was complete',
    cure: 'Nothing, unless it is frequent: then look for slow responses or a load balancer in front with a shorter timeout.',
  },
  'response-too-long': {
    blame: 'us',
    status: 500,
    means:
      'A handler wrote more bytes than the length it had declared; the rest was withheld and the connection closed',
    cure: 'Report it with the route and the handler.',
  },
  'response-too-short': {
    blame: 'us',
    status: 500,
    means:
      'A handler ended the response before the length it had declared; the connection was closed so that the client notices',
    cure: 'Report it with the route and the handler.',
  },
  'handler-failed': {
    blame: 'us',
    status: 500,
    means: 'A handler threw an error or broke the order of calls that a response has',
    cure: 'See the error log for the error and its place in the code.',
  },
  'memory-exhausted': {
    blame: 'operator',
    status: 503,
    means: 'The memory budget of the thread is used up, so a new request was refused',
    cure: 'Look for slow readers or large buffered bodies, lower `bodySpool.memory` of routes, or add `threads`: each has 256 MiB of its own.',
  },
});
