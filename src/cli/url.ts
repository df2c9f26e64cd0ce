import type { ServedPort } from '../supervisor/index.ts';

/** What to type into a browser to reach an address; unix sockets and wildcards as they can be reached. */
export function portUrl({ key, port }: ServedPort): string {
  if (key.startsWith('unix:')) return key;
  const host = key.slice(0, key.lastIndexOf(':'));
  const reachable = host === '*' || host === '0.0.0.0' || host === '[::]' ? 'localhost' : host;
  return `http://${reachable}${port === 80 ? '' : `:${port}`}/`;
}
