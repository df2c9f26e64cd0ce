import { reasonPhrase } from '../http/message/index.ts';

/** A small HTML page that says a status and nothing that came from the client. */
export function statusPage(status: number): string {
  const phrase = reasonPhrase(status);
  const title = phrase === '' ? `${status}` : `${status} ${phrase}`;
  return `<!doctype html>\n<title>${title}</title>\n<h1>${title}</h1>\n`;
}
