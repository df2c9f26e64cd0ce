/** Addresses of the site itself, for redirects (nginx `absolute_redirect`). */
import { encodePath } from '../http/message/index.ts';
import type { Context } from '../pipeline/index.ts';

/**
 * `absolute`: scheme of the connection, host that the client named, port that it reached, as nginx by
 * default. `relative`: the path alone, which holds behind proxies and mapped ports too.
 */
export type RedirectStyle = 'absolute' | 'relative';

function origin(context: Context): string {
  const { secure, localAddress, localPort } = context.exchange.connection;
  // A unix socket has no port, and an address of its own is nothing a client could use.
  if (localPort === 0) return '';
  const name = context.request.host?.name ?? '';
  const address = localAddress.includes(':') ? `[${localAddress}]` : localAddress;
  const port = localPort === (secure ? 443 : 80) ? '' : `:${localPort}`;
  return `${secure ? 'https' : 'http'}://${name === '' ? address : name}${port}`;
}

/**
 * The Location of a path of this site: `target` begins with a slash and is escaped already. A target
 * that begins with two slashes would name another host if it stood alone.
 */
export function siteAddress(context: Context, target: string, style: RedirectStyle): string {
  const base = style === 'absolute' ? origin(context) : '';
  return base === '' && target.startsWith('//') ? `/.${target}` : base + target;
}

/** The Location of a directory that was asked for without the slash at its end; the query stays. */
export function directoryAddress(context: Context, style: RedirectStyle): string {
  const query = context.query === null ? '' : `?${context.query}`;
  return siteAddress(context, `${encodePath(context.path)}/${query}`, style);
}
