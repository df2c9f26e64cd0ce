import { defineFaults } from '../base/index.ts';

/** What can keep a connection from being served at all. */
export const NET_FAULTS = defineFaults({
  'connections-per-address': {
    blame: 'client',
    status: 0,
    means:
      'The address has maxConnectionsPerAddress connections open already; the new one was closed',
    cure: 'Raise `limits.maxConnectionsPerAddress` if many users share one address.',
  },
  'connections-per-thread': {
    blame: 'operator',
    status: 0,
    means: 'The thread has maxConnections connections open already; the new one was closed',
    cure: 'Raise `limits.maxConnections`, add `threads`, or shorten `limits.keepAliveTimeout`.',
  },
  'tls-handshake': {
    blame: 'client',
    status: 0,
    means: 'The client and the server did not agree on TLS; the connection was closed',
    cure: 'The client is older than TLS 1.2, does not trust the certificate, speaks another protocol, or probes the server.',
  },
  'tls-timeout': {
    blame: 'client',
    status: 0,
    means:
      'The client did not finish the TLS handshake within headTimeout; the connection was closed',
    cure: 'Nothing, unless it happens to many: then raise `limits.headTimeout`.',
  },
  'no-descriptors': {
    blame: 'operator',
    status: 0,
    means:
      'The process has about as many files and connections open as the system allows it; the new connection was closed',
    cure: 'Raise the limit of open files (LimitNOFILE= of systemd, "ulimit -n"), or lower `limits.maxConnections`.',
  },
});

/** Why no connection to a back end came about. */
export const DIAL_FAULTS = defineFaults({
  'dial-refused': {
    blame: 'upstream',
    status: 502,
    means: 'The back end could not be connected to: refused, unreachable, or its name is not known',
    cure: 'See that the back end runs and listens on the address in the upstream.',
  },
  'dial-timeout': {
    blame: 'upstream',
    status: 504,
    means: 'The back end did not accept a connection within connectTimeout',
    cure: 'See whether the back end is overloaded, or a firewall drops the packets.',
  },
  'dial-machine': {
    blame: 'operator',
    status: 502,
    means: 'This machine could not open a connection: no descriptor, port, memory or permission',
    cure: 'Raise the limit of open files, keep connections to back ends alive, or mend the rights of the socket.',
  },
  'dial-full': {
    blame: 'operator',
    status: 502,
    means: 'The back end has maxConnections requests under way already',
    cure: 'Raise `maxConnections` of the server in the upstream, or add `servers`.',
  },
});
