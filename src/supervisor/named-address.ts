/**
 * Host names in listen addresses. The system resolves a name when it opens the address, so that `localhost:80` and
 * `127.0.0.1:80` may be one address in two spellings. Threads that share sockets would open one for each, and the
 * system would hand each connection to either, whichever site was meant.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { coverOf } from '../config/index.ts';
import { type Endpoint, endpointText, type Fault } from '../schema/index.ts';

/** Resolves a name to the one address that listening on it opens; rejects where it does not resolve. */
export type ResolveName = (host: string) => Promise<string>;

const bySystem: ResolveName = async (host) => (await lookup(host)).address;

/** A listen address as written, and as it is opened. */
export interface NamedAddress {
  readonly written: Endpoint;
  readonly target: Endpoint;
}

/** The address with what the system resolves its name to; as it stands where it has none, or none that resolves. */
export async function namedAddress(
  written: Endpoint,
  resolveName: ResolveName = bySystem,
): Promise<NamedAddress> {
  if (!hasName(written)) return { written, target: written };
  try {
    return { written, target: { ...written, host: await resolveName(written.host) } };
  } catch {
    // What is wrong with the name shows when the address is tried.
    return { written, target: written };
  }
}

function hasName(endpoint: Endpoint): endpoint is Extract<Endpoint, { kind: 'tcp' }> {
  return endpoint.kind === 'tcp' && endpoint.host !== '*' && isIP(endpoint.host) === 0;
}

/**
 * What is wrong with a name for whose address the configuration has another entry; null where it has none, or where
 * `address` has no name. `others` are the other addresses that stand as they are, and the names before this one.
 */
export function nameFault(address: NamedAddress, others: readonly NamedAddress[]): Fault | null {
  const { written, target } = address;
  if (target.kind !== 'tcp' || target === written || target.port === 0) return null;
  const opened = endpointText(target);
  const twin = others.find((other) => endpointText(other.target) === opened);
  const other = twin ?? coverOf(target, others);
  if (other === null) return null;
  const [name, beside] = [endpointText(written), endpointText(other.written)];
  return {
    code: 'conflict',
    message:
      twin === undefined
        ? `${name} is ${opened}, which is a part of ${beside}`
        : `${name} is the same address as ${beside}`,
    cure: `Write ${opened.slice(0, opened.lastIndexOf(':'))} in place of the name`,
  };
}
