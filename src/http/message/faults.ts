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

/** What can go wrong with a call to a back end, whatever protocol carries it. */
export const CALL_FAULTS = defineFaults({
  'call-unanswered': {
    blame: 'upstream',
    status: 502,
    means: 'The back end closed the connection before the first byte of its response',
    cure: "Look at the back end's log for a crash; its keep-alive timeout should be longer than ours.",
  },
  'call-cut': {
    blame: 'upstream',
    status: 502,
    means: 'The back end closed the connection before its response was complete',
    cure: "Look at the back end's log for a crash or a time-out.",
  },
  'call-unasked': {
    blame: 'upstream',
    status: 502,
    means:
      'The back end sent bytes that belong to no request, or switched protocols without being asked',
    cure: 'Mend the back end; the connection was closed.',
  },
  'call-interims': {
    blame: 'upstream',
    status: 502,
    means:
      'The back end sent more interim responses (1xx) in front of one response than are allowed',
    cure: 'Mend the back end.',
  },
  'call-read-timeout': {
    blame: 'upstream',
    status: 504,
    means: 'The back end sent no byte of its response for readTimeout',
    cure: 'Look for what the back end waits for; raise `readTimeout` of the route if it may take so long.',
  },
  'call-send-timeout': {
    blame: 'upstream',
    status: 504,
    means: 'The back end took no byte of the request for sendTimeout',
    cure: 'Look for what the back end waits for; raise `sendTimeout` of the route if it may take so long.',
  },
  'call-ping-timeout': {
    blame: 'upstream',
    status: 504,
    means:
      'The back end did not answer in time whether it lives, so it was not given the request (AJP: CPING)',
    cure: 'The back end hangs, or has no thread left for another connection: look at its threads and its memory. Raise `ajp.pingTimeout` of the upstream if it may take so long.',
  },
  'call-length': {
    blame: 'us',
    status: 500,
    means: 'The body of a request to a back end had more or fewer bytes than announced',
    cure: 'Report it: a handler or filter changed a body without changing its length.',
  },
});
