import { defineFaults } from '../base/index.ts';

/** What can keep a connection from being served at all. */
export const NET_FAULTS = defineFaults({
  'connections-per-address': {
    blame: 'client',
    status: 0,
    means: 'The address has maxConnectionsPerAddress connections open already; the new one was closed',
    cure: 'Raise limits.maxConnectionsPerAddress if many users share one address.',
  },
  'connections-per-thread': {
    blame: 'operator',
    status: 0,
    means: 'The thread has maxConnections connections open already; the new one was closed',
    cure: 'Raise limits.maxConnections, add threads, or shorten keepAliveTimeout.',
  },
});
