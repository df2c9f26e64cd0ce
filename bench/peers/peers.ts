import { apache2 } from './apache2.ts';
import { daemun } from './daemun.ts';
import { haproxy } from './haproxy.ts';
import { nginx } from './nginx.ts';
import { node } from './node.ts';
import type { Peer } from './peer.ts';
import { tomcat } from './tomcat.ts';

/** Every program that rows may name, in the order in which `--peers` lists them. */
export const PEERS: ReadonlyMap<string, Peer> = new Map(
  [nginx, apache2, haproxy, tomcat, node, daemun].map((peer) => [peer.name, peer]),
);

/**
 * The peer that a row names.
 * @throws Error for a name that is none: a fault of the table, which its test finds.
 */
export function peerNamed(name: string): Peer {
  const peer = PEERS.get(name);
  if (peer === undefined) throw new Error(`No peer is named ${name}`);
  return peer;
}
