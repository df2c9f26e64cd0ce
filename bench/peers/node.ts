import type { Peer } from './peer.ts';

/**
 * A server on Node that reads nothing of a request and answers the same text to each: what is left below it is Node's
 * and the system's, which no server on Node can save.
 */
export const node: Peer = {
  name: 'node',
  extension: 'cjs',
  warmUpSeconds: 3,
  find: () => process.execPath,
  version: () => process.versions.node,
  values: () => ({}),
  command: (program, { config, flags }) => ({ program, args: [...flags, config] }),
};
