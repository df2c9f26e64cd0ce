/** Static files in Tomcat and in our container: a tree, what counts of an answer, and where the two differ. */
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RawAnswer } from './raw-client.ts';

/** What the files of the tree have as `Last-Modified`. */
export const MODIFIED = 'Tue, 14 Nov 2023 22:13:20 GMT';
/** What `/ten.txt` is recognised by: its ten bytes and when they were last modified. */
export const ETAG = 'W/"10-1700000000125"';

/** What is in the tree, by name: every kind of name and content that might be answered differently. */
export const FILES: Readonly<Record<string, string | Buffer>> = {
  'ten.txt': '0123456789',
  'zero.txt': '',
  'a.html': '<p>hello</p>\n',
  'a.css': 'body{}',
  'a.json': '{}',
  'a.png': 'PNG',
  'a.svg': '<svg/>',
  'a.pdf': '%PDF',
  'A.TXT': 'upper',
  'bom.html': '\ufeff<p>',
  'latin.txt': Buffer.from('latin \xe9', 'latin1'),
  'no-ending': 'bytes',
  'a.unknown-ending': 'bytes',
  'a b.txt': 'blank',
  'ü.txt': 'umlaut',
  'p%20q.txt': 'percent',
  'semi;v=1.txt': 'semicolon',
  'plus+.txt': 'plus',
  'x..y.txt': 'dots',
  'trailing..txt': 'dot',
  'large.txt': 'x'.repeat(300_000),
  'edge.txt': 'y'.repeat(65_536),
  'dir/f.txt': 'in a directory',
  'dir/sub/g.txt': 'deeper',
  'dir/WEB-INF/x.txt': 'only a name',
  'index/index.html': 'the index',
  'empty/.keep': '',
  'WEB-INF/x.txt': 'secret',
  'META-INF/x.txt': 'secret',
  '.dot': 'secret',
  '.git/config': 'secret',
  '.well-known/w.txt': 'known',
  'node_modules/n.js': 'package',
  'part.jspf': 'source',
  'part.tag': 'source',
  'upper.JSP': 'source',
};

/** Writes the tree into a directory. */
export function plant(root: string): void {
  for (const [name, content] of Object.entries(FILES)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), content);
    utimesSync(join(root, name), 1_700_000_000.125, 1_700_000_000.125);
  }
  symlinkSync('ten.txt', join(root, 'link.txt'));
  symlinkSync('/etc/hostname', join(root, 'outside.txt'));
  symlinkSync('dir', join(root, 'link'));
  symlinkSync('nowhere', join(root, 'dangling'));
}

/** One request; `fields` are lines with their ends. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly fields: string;
}

/** What of an answer must be the same. */
export type Facts = Readonly<Record<string, string | number | null>>;

/** Reduces an answer to what two servers can agree on. */
export function factsOf({ status, fields, body }: RawAnswer): Facts {
  const field = (name: string): string | null => fields.getByName(name);
  // Error pages differ by design.
  const isFile = status < 300;
  const type = isFile ? (field('content-type')?.replace('UTF-8', 'utf-8') ?? null) : null;
  const boundary = /boundary=(\S+)/.exec(type ?? '')?.[1];
  const text = body.toString('latin1');
  return {
    status,
    type: boundary === undefined ? type : (type?.replace(boundary, 'B') ?? null),
    length: isFile && boundary === undefined ? field('content-length') : null,
    etag: field('etag'),
    modified: field('last-modified'),
    accepts: isFile ? field('accept-ranges') : null,
    range: field('content-range'),
    location: field('location'),
    allow: field('allow')?.split(', ').toSorted().join(' ') ?? null,
    // Tomcat has no line end behind the last delimiter, which RFC 2046 leaves open.
    body: !isFile ? null : boundary === undefined ? text : text.replaceAll(boundary, 'B').trimEnd(),
  };
}

/** Where we answer otherwise, and why; `ours` says how, from what Tomcat says. */
export interface Difference {
  readonly reason: string;
  readonly applies: (asked: Asked, theirs: Facts) => boolean;
  readonly ours: (theirs: Facts, asked: Asked) => Facts;
}

const NO_FACTS: Facts = {
  status: 0,
  type: null,
  length: null,
  etag: null,
  modified: null,
  accepts: null,
  range: null,
  location: null,
  allow: null,
  body: null,
};
const WHOLE: Facts = {
  ...NO_FACTS,
  status: 200,
  type: 'text/plain',
  length: '10',
  etag: ETAG,
  modified: MODIFIED,
  accepts: 'bytes',
  body: '0123456789',
};
const METHODS = 'GET HEAD OPTIONS';

function part(start: number, end: number): Facts {
  const body = '0123456789'.slice(start, end);
  const range = `bytes ${start}-${end - 1}/10`;
  return { ...WHOLE, status: 206, length: String(body.length), range, body };
}

/** A refusal, of which nothing else has to be the same. */
export function failed(status: number): Facts {
  return { ...NO_FACTS, status };
}

/** What of a malformed or greedy Range is answered otherwise; Tomcat answers 416 unless said. */
const RANGES: ReadonlyMap<string, Facts> = new Map([
  // No set of ranges: ignored, as RFC 9110 section 14.2 allows.
  ...[
    'lines',
    'bytes',
    'bytes 0-0',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=5-4',
    'bytes=0-0x',
    'bytes=--1',
    'bytes=0',
  ].map((range) => [range, WHOLE] as const),
  // Blanks within a range, which Tomcat takes.
  ['bytes=0 -0', WHOLE],
  ['bytes=0- 0', WHOLE],
  // More bytes than the whole has, which Tomcat sends.
  ['bytes=0-9,0-9', WHOLE],
  ['bytes=0-6,0-6', WHOLE],
  // Empty members of a list are none (RFC 9110 section 5.6.1.2).
  ['bytes=,0-0', part(0, 1)],
  ['bytes=0-0,', part(0, 1)],
  [
    'bytes=0-0,,1-1',
    {
      ...WHOLE,
      status: 206,
      type: 'multipart/byteranges; boundary=B',
      length: null,
      body:
        '\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-0/10\r\n\r\n0' +
        '\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 1-1/10\r\n\r\n1\r\n--B--',
    },
  ],
  // One range that can be satisfied is enough (RFC 9110 section 14.1.1).
  ['bytes=0-0,20-30', part(0, 1)],
  // A position behind every file is one, however many digits it has.
  ['bytes=0-18446744073709551616', part(0, 10)],
  ['bytes=-18446744073709551616', part(0, 10)],
]);

function fieldOf({ fields }: Asked, name: string): string | null {
  return new RegExp(`^${name}: (.*)\\r$`, 'm').exec(fields)?.[1] ?? null;
}

/** Those of answers that clients ask for without a servlet between. */
export const DIFFERENCES: readonly Difference[] = [
  {
    reason: 'names that begin with a dot, packages and sources of pages are nobody else’s business',
    applies: ({ target }, { status }) =>
      status !== 404 && /\/\.(?!\.|well-known|\/|$)|node_modules|\.jspf|\.tag|\.JSP/.test(target),
    ours: () => failed(404),
  },
  {
    reason:
      'Jakarta Servlet section 3.5.2 has them refused: control characters, dots that are encoded or have parameters',
    applies: ({ target }, { status }) =>
      status !== 400 && ['/dir/%2e/f.txt', '/%0a', '/dir/..;x/ten.txt'].includes(target),
    ours: () => failed(400),
  },
  {
    reason: 'a file is not asked for by POST: allowPostAsGet=false',
    applies: ({ method, target }) => method === 'POST' && !target.startsWith('/WEB-INF'),
    ours: () => ({ ...failed(405), allow: METHODS }),
  },
  {
    reason: 'POST is no method for files, and TRACE is none of the servlet',
    applies: (_, { allow }) => allow !== null,
    ours: (theirs) => ({ ...theirs, allow: METHODS }),
  },
  {
    reason: 'PATCH is a method that is known (RFC 9110 section 15.6.2)',
    applies: ({ method }, { status }) => method === 'PATCH' && status === 501,
    ours: () => ({ ...failed(405), allow: METHODS }),
  },
  {
    reason: 'browsers look into what has no type, and may take it for a page with scripts',
    applies: (_, { status, type }) => type === null && (status === 200 || status === 206),
    ours: (theirs) => ({ ...theirs, type: 'application/octet-stream' }),
  },
  {
    reason:
      'where there is no file, there is none whatever the condition (RFC 9110 section 13.2.1)',
    applies: ({ target }, { status }) =>
      target === '/missing' && (status === 400 || status === 412),
    ours: () => failed(404),
  },
  {
    reason: 'a tag that is none matches nothing; Tomcat answers 400',
    applies: ({ fields }, { status }) =>
      status === 400 && /^If-(?:None-)?(?:Match|Range)/.test(fields),
    ours: (_, asked) => {
      const match = fieldOf(asked, 'If-Match');
      if (match !== null && match !== '*') return failed(412);
      const isPart = fieldOf(asked, 'Range') !== null && fieldOf(asked, 'If-Range') === null;
      return isPart ? part(0, 2) : WHOLE;
    },
  },
  {
    reason: 'ranges: see the list',
    applies: (asked) => asked.method === 'GET' && RANGES.has(fieldOf(asked, 'Range') ?? ''),
    ours: (_, asked) => RANGES.get(fieldOf(asked, 'Range') ?? '') ?? NO_FACTS,
  },
];
