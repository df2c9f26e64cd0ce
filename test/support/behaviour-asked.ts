/** How the cases of the suite about servlets are written down. */
import type { Asked } from './behaviour-pair.ts';

/** Rows of requests by what they are about; the requests of a row go through one connection and share their sessions. */
export type Subjects = Readonly<Record<string, readonly (readonly Asked[])[]>>;

/** Steps of the servlet `a`, or of several by their names: texts with ` | ` between the steps. */
export type Scripts = string | Readonly<Record<string, string>>;

/** A request: a target, or a method and a target; then what the servlets do, and lines of the header. */
export function ask(line: string, scripts: Scripts = {}, ...fields: readonly string[]): Asked {
  const blank = line.startsWith('/') || line.startsWith('http:') ? -1 : line.indexOf(' ');
  const named = typeof scripts === 'string' ? { a: scripts } : scripts;
  return {
    method: blank < 0 ? 'GET' : line.slice(0, blank),
    target: line.slice(blank + 1),
    fields,
    body: '',
    steps: Object.fromEntries(
      Object.entries(named).map(([name, text]) => [name, text.split(' | ')]),
    ),
  };
}

/** The same with a body, and its length where the header says nothing else. */
export function send(
  line: string,
  body: string,
  scripts: Scripts,
  ...fields: readonly string[]
): Asked {
  const isFramed = fields.some((field) => /^(?:content-length|transfer-encoding):/i.test(field));
  const framing = isFramed ? [] : [`Content-Length: ${body.length}`];
  return { ...ask(line, scripts, ...fields, ...framing), body };
}

/** Rows of one request, for requests that have nothing to do with one another. */
export function each(...asked: readonly Asked[]): readonly (readonly Asked[])[] {
  return asked.map((one) => [one]);
}

/** The same for requests that differ in one thing, which `make` puts into its place. */
export function eachOf(
  values: readonly string[],
  make: (value: string) => Asked,
): readonly (readonly Asked[])[] {
  return values.map((value) => [make(value)]);
}
