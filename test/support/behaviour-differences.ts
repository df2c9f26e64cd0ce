/**
 * Where our container answers otherwise than Tomcat, and why: requests and answers. Those of dispatches, errors and
 * sessions are in `behaviour-differences-inside.ts`.
 */
import type { Asked, Difference, Facts } from './behaviour-pair.ts';

/** A difference in single lines of the log; null for a line that ours does not have. */
export function inLog(
  reason: string,
  change: (line: string, asked: Asked) => string | readonly string[] | null,
): Difference {
  return {
    reason,
    ours: (theirs, asked) => ({
      ...theirs,
      log: theirs.log.flatMap((line) => change(line, asked) ?? []),
    }),
  };
}

/** A difference in single fields of the header. */
export function inFields(
  reason: string,
  change: (line: string, asked: Asked) => string | null,
): Difference {
  return {
    reason,
    ours: (theirs, asked) => ({
      ...theirs,
      fields: theirs.fields.flatMap((line) => change(line, asked) ?? []).toSorted(),
    }),
  };
}

/** A difference in some answers as a whole. */
export function where(
  reason: string,
  applies: (asked: Asked, theirs: Facts) => boolean,
  ours: (theirs: Facts, asked: Asked) => Facts,
): Difference {
  return {
    reason,
    ours: (theirs, asked) => (applies(asked, theirs) ? ours(theirs, asked) : theirs),
  };
}

/** Whether a servlet does something of this kind. */
export function does(asked: Asked, step: RegExp): boolean {
  return Object.values(asked.steps).some((steps) => steps.some((one) => step.test(one)));
}

/** The same answer with a page that the server writes itself. */
export function withOwnPage(theirs: Facts, status = theirs.status): Facts {
  const fields = theirs.fields.filter((field) => !/^content-(?:length|type|language):/.test(field));
  return { ...theirs, status, fields, framing: 'own', body: 'own' };
}

/** The same with another body of known length. */
export function withBody(theirs: Facts, body: string): Facts {
  const fields = theirs.fields.filter((field) => !field.startsWith('content-length:'));
  return {
    ...theirs,
    fields: [...fields, `content-length: ${body.length}`].toSorted(),
    framing: 'length',
    body,
  };
}

function hasField(asked: Asked, pattern: RegExp): boolean {
  return asked.fields.some((field) => pattern.test(field));
}

function inLatin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The body of a request, decoded, as the log has it. */
function decoded(asked: Asked, charset: string): string {
  const text = new TextDecoder(charset).decode(Buffer.from(asked.body, 'latin1'));
  return encodeURIComponent(text).replaceAll('%20', ' ');
}

const OF_REQUESTS: readonly Difference[] = [
  inLog(
    'Tomcat has a descriptor for all applications that says request-character-encoding UTF-8',
    (line, asked) =>
      asked.target.startsWith('/latin') || hasField(asked, /charset="?utf-8/i)
        ? line
        : line.replace(/^(\w+ entity charset): UTF-8$/, '$1: null'),
  ),
  inLog(
    'names of header fields as they were sent, where Tomcat gives small letters',
    (line, { fields }) =>
      line.replace(/ headerNames: \[(.*)\]$/, (_, names: string) => {
        const sent = [...fields.map((field) => field.replace(/:.*/, '')), 'Host', 'In-Id', 'In-a'];
        const spelt = names
          .split(', ')
          .map((name) => sent.find((other) => other.toLowerCase() === name));
        return ` headerNames: [${spelt.join(', ')}]`;
      }),
  ),
  inLog('names of hosts in small letters (RFC 3986 section 6.2.2.1)', (line) =>
    line.replace(/ line (?:url: http:\/\/|host: )LOCALHOST/, (text) => text.toLowerCase()),
  ),
  inLog(
    'who names no host is told the address, where Tomcat tells its name or nothing',
    (line, { head }) =>
      head === undefined || /^Host:.+$/m.test(head) || head.includes('http:')
        ? line
        : line
            .replace(/ line url: http:\/\/(?:localhost)?:/, ' line url: http://127.0.0.1:')
            .replace(/ line host: (?:localhost)?$/, ' line host: 127.0.0.1'),
  ),
  inLog('a number has no plus sign in HTTP', (line, { fields }) =>
    fields.includes('X: +5') ? line.replace(' X: 5', ' X threw argument') : line,
  ),
  inLog('dates are written as RFC 9110 section 5.6.7 has it, and exist', (line, asked) =>
    hasField(asked, /: Sun, (?:06 Nov 1994 08:49:37 UTC|6 Nov|06 nov|31 Feb)/)
      ? line.replace(/ dateHeader X: .*/, ' dateHeader X threw argument')
      : line,
  ),
  inLog('quotes belong to the value of a cookie (RFC 6265 section 5.2)', (line) =>
    line === 'a cookies a: quoted' ? 'a cookies a: "quoted"' : line,
  ),
  inLog('a cookie without =, in quotes that do not end, or not in ASCII is none', (line, asked) =>
    line.startsWith('a cookies a: ') && hasField(asked, /^Cookie: a(?:$|="semi|="open|=\xe4)/)
      ? null
      : line,
  ),
  inLog('a client that accepts any language, or says nothing, prefers none', (line, asked) =>
    hasField(asked, /^Accept-Language: ./)
      ? line.replace(/(?:, )?\bund\b/, '').replace('[, ', '[')
      : line.replace(/ locales: .*/, ' locales: []'),
  ),
  inLog('language tags as they were sent; Java has other names for old ones', (line) =>
    line.replace('[tlh, ', '[i-klingon, '),
  ),
  inLog('a quality that is malformed accepts nothing (RFC 9110 section 12.4.2)', (line, asked) =>
    hasField(asked, /0\.1234/) ? line.replace('[de, en]', '[en]') : line,
  ),
  inLog('bytes that are not in the charset are read as U+FFFD, or as browsers do', (line, asked) =>
    line.replace(/ read threw MalformedInputException$/, () => {
      const charset = hasField(asked, /us-ascii/) ? 'us-ascii' : 'utf-8';
      return ` read: ${decoded(asked, charset)}`;
    }),
  ),
  inLog('ISO-8859-1 is read as browsers mean it, which is windows-1252', (line, { target }) =>
    target === '/latin/a' ? line.replace('%C2%80%C2%9F', '%E2%82%AC%C5%B8') : line,
  ),
  inLog(
    'who asks for parameters of which there are too many, or too much, is told so',
    (line, asked) =>
      /(?:a&|a=1&){1000}/.test(asked.target + asked.body)
        ? line.replace(/^(a (?:values|parameter) b): .*/, '$1 threw BodyTooLargeException')
        : line,
  ),
  where(
    'who asks for parameters of a form that is too large is told so; Tomcat has none',
    ({ body }) => body.length > 2_000_000,
    (theirs) => ({ ...theirs, log: ['a parameters threw BodyTooLargeException'] }),
  ),
  inLog('of two charsets of a request the first counts', (line, asked) =>
    hasField(asked, /charset=utf-8; charset=latin1/)
      ? line
          .replace(/ charset: latin1$/, ' charset: utf-8')
          .replace(/ read: .*/, ` read: ${decoded(asked, 'utf-8')}`)
      : line,
  ),
  inLog('a charset without a name is none', (line, asked) =>
    hasField(asked, /charset=$/)
      ? line
          .replace(/ charset: $/, ' charset: null')
          .replace(/ read threw argument$/, ` read: ${decoded(asked, 'utf-8')}`)
      : line,
  ),
  inLog(
    'an encoded half of a pair is three wrong bytes (WHATWG Encoding), not one',
    (line, asked) =>
      asked.target.endsWith('=%ED%A0%80')
        ? line.replace('%EF%BF%BD', '%EF%BF%BD%EF%BF%BD%EF%BF%BD')
        : line,
  ),
  where(
    'what clients send unescaped in queries is taken',
    ({ target }, { status }) => status === 400 && /\?.*[[\]\x80-\xff]/.test(target),
    (theirs, { target }) => ({
      ...withBody({ ...theirs, fields: [] }, ''),
      status: 200,
      log: target.includes('[')
        ? [
            'a parameters a[]: [1, 2]',
            'a parameter a: null',
            'a values a: null',
            'a parameterNames: [a[]]',
          ]
        : [`a parameters a: [${target.endsWith('\xc3\xa4') ? '%C3%A4' : '%EF%BF%BD'}]`],
    }),
  ),
];

/** What cannot stand in a header is told to who tries it. */
const REFUSED_IN_HEADER = /^(?:redirect \/x\n|set X €|set X a\r\n|set Content-Length x)/;

const OF_ANSWERS: readonly Difference[] = [
  where(
    'statuses are 200 to 999',
    (asked) => does(asked, /^status (?:-1|0|99|1000)$/),
    (theirs, { steps }) => ({
      ...withBody({ ...theirs, fields: [] }, 'x'),
      status: 200,
      log: [`a ${steps['a']?.[0]} threw argument`, 'a getStatus: 200'],
    }),
  ),
  where(
    'there is a page for every status; Tomcat has none for those that it cannot name',
    (asked, { fields, body }) =>
      body === '' &&
      fields.includes('content-language: en') &&
      does(asked, /^error (?:418|499|599|600|999)$/),
    (theirs) => withOwnPage(theirs),
  ),
  where(
    'a told length is that of the answer that failed, not of the page of its error',
    ({ steps, target }) => target === '/m/a' && steps['a']?.join() === 'length 3,error 404',
    (theirs) => withOwnPage(theirs),
  ),
  where(
    'a told length is dropped with the body when the client is sent elsewhere',
    ({ steps }) => steps['a']?.join() === 'length 5,redirect /x',
    (theirs) => withBody(theirs, ''),
  ),
  where(
    'a body that is shorter than its length is an error while nothing was sent',
    ({ steps }, { status, framing, body }) =>
      status === 200 &&
      body.length < 8192 &&
      framing === 'length, broken off' &&
      steps['a']?.includes('flush') !== true,
    (theirs) => withOwnPage(theirs, 500),
  ),
  inFields('an address is written in ASCII (RFC 3986)', (line) =>
    line === 'location: /\xe4' ? 'location: /%C3%A4' : line,
  ),
  inFields('an address is relative for HTTP/1.0 as well', (line, { head }) =>
    head?.includes('HTTP/1.0') === true
      ? line.replace('location: http://localhost/', 'location: /')
      : line,
  ),
  where(
    'what cannot stand in a header field is refused; Tomcat changes it or leaves it out',
    (asked) => does(asked, REFUSED_IN_HEADER),
    (theirs, { steps }) => {
      const [step = '', ...others] = steps['a'] ?? [];
      const text = step.replaceAll(/[%|+]|[^ -~]+/g, (part) => encodeURIComponent(part));
      const body = others.length > 0 ? 'abc' : '';
      return {
        ...withBody({ ...theirs, fields: [] }, body),
        fields: [
          `content-length: ${body.length}`,
          ...theirs.fields.filter((one) => one.startsWith('content-type:')),
        ],
        status: 200,
        log: [`a ${text} threw argument`],
      };
    },
  ),
  where(
    'that the body is empty is told for HEAD as well',
    (asked, { fields, status }) =>
      asked.method === 'HEAD' &&
      status < 400 &&
      !fields.some((field) => field.startsWith('content-length:')) &&
      !does(asked, /^(?:print|fill|flush|bytes)/),
    (theirs) => ({ ...theirs, fields: [...theirs.fields, 'content-length: 0'].toSorted() }),
  ),
  {
    reason: 'charsets of answers in a spelling of their own, parameters as they were given',
    ours: (theirs) => ({
      ...theirs,
      fields: theirs.fields.map(ownCharset),
      log: theirs.log.map((line) =>
        / get(?:Type|Charset): /.test(line)
          ? ownCharset(line).replace(/( getCharset:) utf-8$/, '$1 UTF-8')
          : line,
      ),
    }),
  },
  where(
    'a charset of an answer without a name is none',
    (asked) => does(asked, /^type text\/plain;charset=$/),
    (theirs) => ({
      ...withBody({ ...theirs, fields: [] }, inLatin1('ä€')),
      fields: ['content-length: 5', 'content-type: text/plain;charset=UTF-8'],
      log: ['a getType: text/plain', 'a getCharset: UTF-8', 'a getType: text/plain;charset=UTF-8'],
    }),
  ),
  where(
    'a charset that is not known is refused where it is named, not where the writer is asked for',
    (asked) => does(asked, /^(?:charset (?:nonsense)?$|type .*charset=nonsense)/),
    (theirs, { steps }) => ({
      ...withBody({ ...theirs, fields: [] }, inLatin1('ä€')),
      log: [
        `a ${steps['a']?.[0]} threw argument`,
        'a getType: null',
        'a getCharset: UTF-8',
        'a getType: null',
      ],
    }),
  ),
  inLog('a buffer is as small as it was asked for', (line, { steps }) => {
    const asked = /^buffer ([0-9]+)$/.exec(steps['a']?.[0] ?? '')?.[1] ?? '8192';
    return Number(asked) < 8192 ? line.replace(' getBuffer: 8192', ` getBuffer: ${asked}`) : line;
  }),
  {
    reason:
      'text goes into the buffer of the response at once; Tomcat’s writer has another in front',
    ours: (theirs, { steps }) => {
      const sizes = (steps['a'] ?? []).map((step) => Number(/^fill (\d+)$/.exec(step)?.[1] ?? 0));
      const isLarger = (steps['a'] ?? []).some((step) => step.startsWith('buffer '));
      if (isLarger || sizes.reduce((sum, size) => sum + size, 0) <= 8192) return theirs;
      const last = theirs.log.lastIndexOf('a committed: false');
      return {
        ...theirs,
        log: theirs.log.map((line, at) => (at === last ? 'a committed: true' : line)),
      };
    },
  },
  {
    reason: 'what is written behind the end is an error, not lost in silence',
    ours: (theirs, { steps }) => {
      const own = steps['a'] ?? [];
      const end = own.findIndex((step) => /^close(?:Stream)?$/.test(step));
      if (end < 0) return theirs;
      const filter = steps['f-first'] ?? [];
      const late = [
        ...own.slice(end).map((step) => `a ${step}`),
        ...filter.slice(filter.indexOf('chain')).map((step) => `f-first ${step}`),
      ].filter((line) => /^[a-z-]+ (?:print|bytes) /.test(line));
      return {
        ...theirs,
        log: [...theirs.log, ...late.map((line) => `${line} threw IllegalStateException`)],
      };
    },
  },
  where(
    'a length is not negative',
    (asked) => does(asked, /^length -1$/),
    (theirs) => ({ ...theirs, log: ['a length -1 threw argument', ...theirs.log] }),
  ),
  inFields('Expires says nothing that Max-Age does not', (line) =>
    line.startsWith('set-cookie: ') ? line.replace(/; Expires=[^;]*/, '') : line,
  ),
  inFields('an attribute of a cookie with the empty value is its name alone', (line, asked) =>
    does(asked, /^cookie a=1; Path=$/)
      ? line.replace('a=1', 'a=1; Path')
      : line.replace('; Z=', '; Z'),
  ),
  where(
    'the value of a cookie is ASCII (RFC 6265 section 4.1.1)',
    (asked) => does(asked, /^cookie a=ä$/),
    (theirs) => ({
      ...theirs,
      fields: theirs.fields.filter((field) => !field.startsWith('set-cookie:')),
      log: ['a cookie a=%C3%A4 threw argument'],
    }),
  ),
  where(
    'a domain is sent as it was given: browsers do not mind a dot in front nor capital letters',
    (asked) => does(asked, /^cookie a=1; Domain=(?:\.|EXAMPLE)/),
    (theirs, { steps }) => ({
      ...theirs,
      fields: ['content-length: 0', steps['a']?.[0]?.replace('cookie ', 'set-cookie: ') ?? ''],
      log: [],
    }),
  ),
];

const OF_HTTP_SERVLET: readonly Difference[] = [
  where(
    'a servlet has a method for PATCH (Servlet 6.1)',
    ({ method, target }) => method === 'PATCH' && target.includes('/plain'),
    (theirs) => ({ ...theirs, status: 405 }),
  ),
  where(
    'a method that is missing is 405 for HTTP/1.0 as well',
    ({ head, target }, { status }) => head !== undefined && target === '/m/plain' && status === 400,
    (theirs) => ({ ...theirs, status: 405 }),
  ),
  where(
    'who is told that a method is missing is told which there are (RFC 9110 section 15.5.6)',
    ({ target }, { status }) => target.startsWith('/m/plain') && status === 405,
    (theirs) => ({ ...theirs, fields: ['allow: GET, HEAD, OPTIONS'] }),
  ),
  where(
    'a condition counts for HEAD as for GET (RFC 9110 section 13.2.1)',
    (asked) =>
      asked.method === 'HEAD' &&
      asked.target.startsWith('/m/plain') &&
      hasField(asked, /^If-Modified-Since/),
    (theirs) => ({ ...theirs, status: 304, fields: [] }),
  ),
];

function ownCharset(line: string): string {
  return line
    .replace('text/html;x=y;z=1;charset=', 'text/html; x=y; z=1;charset=')
    .replace(/;charset=utf-8$/, ';charset=UTF-8');
}

/** See the head of this file. A later one is applied to what an earlier one makes of an answer. */
export const OUTSIDE: readonly Difference[] = [...OF_REQUESTS, ...OF_ANSWERS, ...OF_HTTP_SERVLET];
