import type { ServedPort } from '../supervisor/index.ts';

/** A remark behind the address of a listener that everybody who reaches this machine can reach; else empty. */
export function openness({ key }: Pick<ServedPort, 'key'>): string {
  return hostOf(key) === null ? ' (open on every network interface)' : '';
}

/** What to type into a browser to reach an address; unix sockets and wildcards as they can be reached. */
export function portUrl({ key, port, tls }: Pick<ServedPort, 'key' | 'port' | 'tls'>): string {
  if (key.startsWith('unix:')) return key;
  const [scheme, usual] = tls ? ['https', 443] : ['http', 80];
  return `${scheme}://${hostOf(key) ?? 'localhost'}${port === usual ? '' : `:${port}`}/`;
}

// The address that a key names; null for all of the machine.
function hostOf(key: string): string | null {
  const host = key.slice(0, key.lastIndexOf(':'));
  return host === '*' || host === '0.0.0.0' || host === '[::]' ? null : host;
}
