import { defineFaults } from '../base/index.ts';

/** What the pipeline itself finds wrong with a request. */
export const PIPELINE_FAULTS = defineFaults({
  'no-content': {
    blame: 'client',
    level: 'error',
    status: 404,
    means: 'No route of the virtual host answers this path',
    cure: 'Add a route, or see with daemun check which routes there are and in which order they are tried.',
  },
  'path-refused': {
    blame: 'client',
    status: 400,
    means: 'The path has a broken percent escape, a NUL byte, or climbs above the root',
    cure: 'The client is broken or probes the server.',
  },
  'body-too-large': {
    blame: 'client',
    level: 'error',
    status: 413,
    means: 'The request body is larger than bodyLimit',
    cure: 'Raise `bodyLimit` of the route or site if uploads of this size are expected.',
  },
  'redirect-cycle': {
    blame: 'operator',
    status: 500,
    means: 'More than 10 internal redirects: index, tryFiles or errorPages lead in a circle',
    cure: 'Follow `index`, `tryFiles` and `errorPages` of the routes on the way and break the circle.',
  },
  'internal-only': {
    blame: 'client',
    status: 404,
    means: 'The route is reached by internal redirects alone',
    cure: 'Nothing: clients are not meant to see it.',
  },
  'method-refused': {
    blame: 'client',
    status: 405,
    means: 'TRACE is not answered, and CONNECT only where a route makes tunnels',
    cure: 'Nothing; forward proxying needs a route of its own.',
  },
  'named-missing': {
    blame: 'operator',
    status: 500,
    means: 'A rule leads to a named location that the virtual host does not have',
    cure: 'Report it: no option of this version names a location.',
  },
});
