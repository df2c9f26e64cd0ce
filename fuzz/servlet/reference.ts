// What the container is held against, in other words than its own: Jakarta Servlet section 3.5.2 step by step, and the
// parameters of a query as browsers read them.

const CONTROL = /[\0-\x1f\x7f]/;

/** The canonical path that a path as sent (one character a byte) stands for; null where it has to be refused. */
export function canonicalPath(raw: string): string | null {
  if (!raw.startsWith('/') || raw.includes('#')) return null;
  if (/%(?![0-9A-Fa-f]{2})/.test(raw) || /%2[fF]|%5[cC]|\\/.test(raw)) return null;
  const bytes = raw.replaceAll(/%(..)/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  if (CONTROL.test(bytes)) return null;
  const segments = raw.slice(1).split('/');
  const names: string[] = [];
  for (const [at, segment] of segments.entries()) {
    const [written = '', ...parameters] = segment.split(';');
    let name: string;
    try {
      name = decodeURIComponent(escapeBytes(written));
    } catch {
      return null;
    }
    const hasParameters = parameters.length > 0;
    const isDots = name === '.' || name === '..';
    if (isDots && (hasParameters || written !== name)) return null;
    if (name === '' && at < segments.length - 1) {
      if (hasParameters) return null;
      continue;
    }
    names.push(name);
  }
  const kept: string[] = [];
  for (const name of names) {
    if (name === '..' && kept.length === 0) return null;
    if (name === '..') kept.pop();
    else if (name !== '.') kept.push(name);
  }
  return `/${kept.join('/')}`;
}

function escapeBytes(text: string): string {
  return text.replaceAll(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
}

/** The parameters of a query, or null where browsers and servlets do not agree on what it means. */
export function parametersOf(query: string): Readonly<Record<string, readonly string[]>> | null {
  if (/%(?![0-9A-Fa-f]{2})|(?:^|&)=/.test(query)) return null;
  const found: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of new URLSearchParams(escapeBytes(query))) {
    (found[name] ??= []).push(value);
  }
  return found;
}
