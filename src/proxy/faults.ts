import { defineFaults } from '../base/index.ts';

/** Why a request could not be handed on, apart from what the connection to a server finds. */
export const PROXY_FAULTS = defineFaults({
  'upstream-none': {
    blame: 'upstream',
    status: 502,
    means:
      'No server of the upstream can take the request: all are down, put aside after failures, full, or tried already',
    cure: 'Look in the error log for why the servers failed; add `servers` or a `backup`.',
  },
  'upstream-status': {
    blame: 'upstream',
    status: 502,
    means: 'The server answered with a status for which another one is tried',
    cure: "Look at the server's log; `nextUpstream.conditions` says which statuses count.",
  },
  'spool-full': {
    blame: 'client',
    level: 'error',
    status: 413,
    means: 'The request body is larger than bodySpool allows to be kept until it is complete',
    cure: 'Raise `bodySpool.file`, or pass bodies on as they come with `requestBody: "stream"`.',
  },
  'spool-failed': {
    blame: 'operator',
    status: 500,
    means: 'The temporary file of a request or response body could not be written or read',
    cure: 'See that `bodySpool.directory` exists, may be written to and has room.',
  },
});
