import type { RequestHead } from '../http/message/index.ts';

/** The name of a protocol version as logs and gateways spell it: 11 is `HTTP/1.1`. */
export function protocolOf(version: number): string {
  if (version === 11) return 'HTTP/1.1';
  return `HTTP/${Math.floor(version / 10)}.${version % 10}`;
}

/**
 * The request line (nginx `$request`): method, target, version, as an HTTP/1.1 client sends them. Where
 * it could not be read, what came instead of it.
 */
export function requestLine({ method, target, version }: RequestHead): string {
  return method === '' ? target : `${method} ${target} ${protocolOf(version)}`;
}
