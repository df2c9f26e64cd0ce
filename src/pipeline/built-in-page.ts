/**
 * The pages that the server answers with where nobody gave it one: for failures and for redirects.
 *
 * They need nothing but themselves, and under a Content-Security-Policy that forbids inline styles they
 * lose their margins and their typeface, nothing else: light and dark come from a `meta` element.
 */
import { reasonPhrase } from '../http/message/index.ts';
import type { BodyKind } from './error-body-kind.ts';

/** How each form is labelled; pages name their charset, so that no client guesses (RFC 9110 section 8.3.2). */
export const BODY_TYPES: Readonly<Record<BodyKind, string>> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
};

const hint = 'If you report this to the operator of this site, please quote the request id';

const STYLE =
  'body{max-width:38em;margin:15vh auto;padding:0 1em;font:1em/1.5 system-ui,sans-serif}h1{line-height:1.2}code,a{overflow-wrap:anywhere}';

/** Text for an element or a quoted attribute. */
function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function page(title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${text}</main>
</body>
</html>
`;
}

/**
 * What a client is told of a failure: its status, and the request id, by which the operator finds the
 * request in the logs.
 */
export function errorBody(kind: BodyKind, status: number, requestId: string): string {
  const reason = reasonPhrase(status) || 'Error';
  const title = `${status} ${reason}`;
  switch (kind) {
    case 'html':
      return page(title, `<p>${hint}: <code>${escapeHtml(requestId)}</code></p>\n`);
    case 'json':
      return `${JSON.stringify({ status, title: reason, requestId })}\n`;
    case 'text':
      return `${title}\n\n${hint}: ${requestId}\n`;
  }
}

/**
 * The page of a redirect, with a link for those whose client does not follow it by itself (RFC 9110
 * section 15.4). `location` is the field's value, ASCII. What is neither a path nor an address of the web
 * has no link: a `javascript:` that reached a Location is ignored there, but not in a link.
 */
export function redirectPage(status: number, location: string): string {
  const title = `${status} ${reasonPhrase(status)}`;
  if (!/^(?:\/|https?:\/\/)/i.test(location)) return page(title, '');
  const address = escapeHtml(location);
  return page(title, `<p>This page is at <a href="${address}">${address}</a></p>\n`);
}
