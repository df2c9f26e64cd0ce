import type { ServedPort } from '../supervisor/index.ts';

/** A remark behind the address of a listener that everybody who reaches this machine can reach; else empty. */
export function openness({ key }: Pick<ServedPort, 'key'>): string {
  return hostOf(key) === null ? ' (open on every network interface)' : '';
}

/** What to type into a browser to reach an address; unix sockets and wildcards as they can be reached. */
export function portUrl({
  key,
  port,
  protocol,
}: Pick<ServedPort, 'key' | 'port' | 'protocol'>): string {
  const host = hostOf(key) ?? 'localhost';
  // That is for the configuration of a web server.
  if (protocol === 'ajp') return key.startsWith('unix:') ? `ajp+${key}` : `ajp://${host}:${port}`;
  if (key.startsWith('unix:')) return key;
  return `${protocol}://${host}${port === USUAL_PORTS[protocol] ? '' : `:${port}`}/`;
}

const USUAL_PORTS = { http: 80, https: 443 } as const;

// The address that a key names; null for all of the machine.
function hostOf(key: string): string | null {
  const host = key.slice(0, key.lastIndexOf(':'));
  return host === '*' || host === '0.0.0.0' || host === '[::]' ? null : host;
}
