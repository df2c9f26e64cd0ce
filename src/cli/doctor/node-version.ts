import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';

const CHECK = 'Node';
const FLOOR = [22, 18];
/** From here on `net.BoundSocket` is documented. */
const BOUND_SOCKET = [26, 4];

/** Whether the Node that runs this is one that servers should run on. */
export function checkNodeVersion({ node }: Pick<Machine, 'node'>): readonly Finding[] {
  const version = node.split('.').map(Number);
  const [major = 0, minor = 0] = version;
  const cure = '# install the newest even-numbered Node, and start the server by its path';
  if (isBefore(version, FLOOR) || (major === 23 && minor < 6))
    return [
      {
        check: CHECK,
        level: 'problem',
        what: `${node} is too old`,
        why: 'Daemun runs on 22.18 or newer (23 from 23.6).',
        cure,
      },
    ];
  if (major % 2 === 1 && major < 26)
    return [
      {
        check: CHECK,
        level: 'note',
        what: `${node} is an odd version, which gets no fixes any more`,
        why: 'Odd versions up to 25 were kept for half a year each.',
        cure,
      },
    ];
  const before = isBefore(version, BOUND_SOCKET);
  const how = before
    ? "; sockets are bound by an interface of Node's own (26.4 documents one)"
    : '';
  return [{ check: CHECK, level: 'ok', what: `${node}${how}` }];
}

function isBefore(version: readonly number[], other: readonly number[]): boolean {
  const [major = 0, minor = 0] = version;
  const [otherMajor = 0, otherMinor = 0] = other;
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
