/** Where our container answers otherwise than Tomcat, and why: dispatches, errors and sessions. */
import {
  does,
  inFields,
  inLog,
  OUTSIDE,
  where,
  withBody,
  withOwnPage,
} from './behaviour-differences.ts';
import type { Asked, Difference } from './behaviour-pair.ts';

const OF_DISPATCHES: readonly Difference[] = [
  inLog('there is no dispatcher for what is no path; Tomcat throws', (line) =>
    line.replace(/^(a has(?:Context)?Dispatcher.*) threw argument$/, '$1: false'),
  ),
  inLog(
    'a dispatcher takes the paths that a client may ask for (Jakarta Servlet section 3.5.2)',
    (line) => line.replace(/(Dispatcher \/b(?:\/%252e%252e\/d|%252Fc|#f)): true$/, '$1: false'),
  ),
  where(
    'an included servlet changes no charset (Jakarta Servlet section 9.3)',
    (asked) => asked.steps['b']?.includes('charset ISO-8859-1') === true,
    (theirs) => ({
      ...withBody(theirs, '\xc3\xa4'),
      log: theirs.log.map((line) => line.replace('getCharset: ISO-8859-1', 'getCharset: UTF-8')),
    }),
  ),
  where(
    'an included servlet does not end the response',
    (asked) => asked.steps['b']?.includes('close') === true && does(asked, /^include /),
    (theirs) => withBody(theirs, 'abc'),
  ),
  where(
    'the response is not flushed behind a file that was included',
    (asked) => does(asked, /^type text\/html/) && does(asked, /^include \/text.txt/),
    (theirs) => withBody(theirs, 'a text'),
  ),
];

/** What is done for the page of an error. */
function ofErrorPage({ steps }: Asked): readonly string[] {
  return [...(steps['err'] ?? []), ...(steps['f-error'] ?? [])];
}

const OF_ERRORS: readonly Difference[] = [
  inLog('the page of an error is fetched by GET (Servlet 6.1 section 10.9)', (line) =>
    line.replace(/^(err path method): .*/, '$1: GET'),
  ),
  inLog(
    'a page of an error is told method and query (Servlet 6.1 section 10.9.1)',
    (line, asked) => {
      const query = asked.target.split('?')[1];
      if (/ dispatches error.request_uri: /.test(line) && query !== undefined) {
        return [line, line.replace(/ error.*/, ` error.query_string: ${query}`)];
      }
      return / dispatches error.servlet_name: /.test(line)
        ? [line, line.replace(/ error.*/, ` error.method: ${asked.method}`)]
        : line;
    },
  ),
  inLog('a forward from the page of an error is a forward', (line, { steps }) =>
    steps['err']?.some((step) => step.startsWith('forward ')) === true
      ? line.replace('b path type: ERROR', 'b path type: FORWARD')
      : line,
  ),
  inFields('a page of an error that is a file has the type of the file', (line, asked) =>
    does(asked, /^error(?:Text)? 409/)
      ? line.replace('text/html;charset=UTF-8', 'text/html')
      : line,
  ),
  inLog('the message for what is missing is empty', (line) =>
    line.replace(/(error.message: )The requested resource .*/, '$1'),
  ),
  where(
    'a page of an error begins without the type of the answer that failed',
    ({ target, steps }) =>
      target.startsWith('/pages') && steps['a']?.some((step) => step.startsWith('type ')) === true,
    (theirs) => {
      const typeless = {
        ...theirs,
        fields: theirs.fields.filter((field) => !field.startsWith('content-type:')),
        log: theirs.log.map((line) =>
          line.replace(/getType: .*/, 'getType: null').replace('ISO-8859-1', 'UTF-8'),
        ),
      };
      return theirs.body === '\xe4' ? withBody(typeless, '\xc3\xa4') : typeless;
    },
  ),
  where(
    'what fails in the page of an error has the page of the server; Tomcat sends what there is, or nothing',
    (asked, { body }) =>
      /^\/(?:pages|filters)\//.test(asked.target) &&
      (body === '' || body === 'page') &&
      (does(asked, /^error 410$/) ||
        ofErrorPage(asked).some((step) => /^(?:error|!fail)/.test(step))),
    (theirs, asked) =>
      withOwnPage(
        theirs,
        ofErrorPage(asked).some((step) => step.startsWith('!fail')) ? 500 : theirs.status,
      ),
  ),
  where(
    'an answer that was not sent when its servlet failed is dropped; Tomcat sends it with status 500',
    (asked, { status, body }) =>
      status === 500 && body !== 'own' && asked.target.startsWith('/m/') && does(asked, /^!fail/),
    (theirs) => withOwnPage(theirs),
  ),
  where(
    'no page is put behind an answer that was sent in part',
    ({ target }, { body }) => target.startsWith('/pages') && body === 'sentpage',
    (theirs) => ({ ...theirs, body: 'sent' }),
  ),
  {
    reason: 'a page for a status is told what was thrown as one for its class is',
    ours: (theirs, { target, steps }) => {
      if (target === '/pages/gone' && steps['gone']?.[0] === '!fail gone why') {
        return { ...theirs, log: theirs.log.flatMap(toldOfUnavailable) };
      }
      const [, type] = /^!fail (servlet|other)/.exec(steps['a']?.at(-1) ?? '') ?? [];
      if (type === undefined || !target.startsWith('/pages')) return theirs;
      const name = type === 'servlet' ? 'ServletException' : 'RuntimeException';
      return {
        ...theirs,
        log: theirs.log.flatMap((line) =>
          line.startsWith('err dispatches error.exception:')
            ? [`err dispatches error.exception_type: ${name}`, line]
            : line.replace(/(error.message: )$/, '$1why'),
        ),
      };
    },
  },
  inLog('what is told as thrown is what was thrown, not its cause', (line, asked) =>
    does(asked, /^!fail caused/)
      ? line.replace(/(error.exception(?:_type)?: )VerySorry/, '$1ServletException')
      : line,
  ),
  where(
    'a servlet that is not usable for a while is 503 for all (Jakarta Servlet section 2.3.3.2); Tomcat has 404 for the later ones',
    ({ target, steps }) => target === '/pages/late' && steps['late']?.[0] === 'print usable',
    (theirs) => {
      const answer = withOwnPage(theirs, 503);
      return { ...answer, fields: [...answer.fields, 'retry-after: 600'], log: [] };
    },
  ),
  where(
    'who hands on to a servlet that is not usable gets its exception (section 9.5); Tomcat answers for him',
    (asked) => does(asked, /^include \/(?:late|gone)/),
    (theirs, { steps }) => ({
      ...withBody({ ...theirs, fields: [] }, ''),
      status: 200,
      log: (steps['a'] ?? []).map((step) => `a ${step} threw UnavailableException`),
    }),
  ),
  inFields('Retry-After in seconds, which need no clock that is right', (line) =>
    line.replace(/^(retry-after): .* GMT$/, '$1: 600'),
  ),
];

function toldOfUnavailable(line: string): string | readonly string[] {
  const start = 'err dispatches error';
  if (line.startsWith(`${start}.message: `)) return `${start}.message: why`;
  return line.startsWith(`${start}.method: `)
    ? [
        line,
        `${start}.exception_type: UnavailableException`,
        `${start}.exception: UnavailableException`,
      ]
    : line;
}

/** Whether the id of a request has another route than ours behind it, or none. */
function isElsewhere({ fields, target }: Asked): boolean {
  return (
    fields.some((field) => /^Cookie: JSESSIONID=\{S1\}(?:\.n2)?$/.test(field)) ||
    target.endsWith(';jsessionid={S1}')
  );
}

const OF_SESSIONS: readonly Difference[] = [
  inFields('cookies of sessions have SameSite=Lax', (line) =>
    line.startsWith('set-cookie: JSESSIONID=') ? `${line}; SameSite=Lax` : line,
  ),
  inLog('the id of a session has no route in it', (line) =>
    line.replace(/( (?:(?:session|oldSession) id|changeId): \{S[0-9]\})\.n1$/, '$1'),
  ),
  inLog('a session is found whatever the route behind its id', (line, asked) => {
    if (!isElsewhere(asked)) return line;
    if (line === 'a oldSession: null') return ['a oldSession id: {S1}', 'a oldSession new: false'];
    return line.replace('requested valid: false', 'requested valid: true');
  }),
  where(
    'a session whose id came with another route can have another id as any',
    (asked) => isElsewhere(asked) && does(asked, /^changeId$/),
    (theirs) => ({
      ...theirs,
      fields: [...theirs.fields, 'set-cookie: JSESSIONID={S2}.n1; HttpOnly; Path=/m; SameSite=Lax'],
      log: ['a changeId: {S2}'],
    }),
  ),
  {
    reason: 'quotes belong to the id of a session as to any value of a cookie',
    ours: (theirs, { fields }) =>
      fields.includes('Cookie: JSESSIONID="{S1}.n1"')
        ? {
            ...theirs,
            log: [
              'a requested id: "{S1}.n1"',
              'a requested valid: false',
              'a requested cookie: true',
              'a requested url: false',
              'a oldSession: null',
            ],
          }
        : theirs,
  },
  inLog('what the client asked for stays when the id of its session changes', (line, { steps }) =>
    steps['a']?.[0] === 'changeId'
      ? line
          .replace('requested id: {S2}.n1', 'requested id: {S1}.n1')
          .replace('requested valid: true', 'requested valid: false')
      : line,
  ),
  inLog('an id that the client cannot be told any more does not change', (line, { steps }) =>
    steps['a']?.join().startsWith('flush,changeId') === true
      ? line
          .replace(/ changeId: .*/, ' changeId threw IllegalStateException')
          .replace(' id: {S2}', ' id: {S1}')
      : line,
  ),
  inFields(
    'the descriptor says whether a cookie is HttpOnly; Tomcat asks its context file too',
    (line) => (line.startsWith('set-cookie: SID=') ? line.replace('; HttpOnly', '') : line),
  ),
  inLog('the empty address, which is the page itself, stays empty', (line) =>
    line.replace(/^(a encode): http.*/, '$1: '),
  ),
  inLog('an address that has an id already is left alone', (line) =>
    line.replace(';jsessionid=old;jsessionid={S1}.n1', ';jsessionid=old'),
  ),
  where(
    'ids travel in cookies alone where the descriptor does not say otherwise',
    ({ target }) => target.startsWith('/plain/a;jsessionid='),
    (theirs) => ({
      ...theirs,
      log: [
        'a requested id: null',
        'a requested valid: false',
        'a requested cookie: false',
        'a requested url: false',
        'a oldSession: null',
      ],
    }),
  ),
];

/** All that there are, in the order in which they are applied: a later one changes what an earlier one makes of an answer. */
export const DIFFERENCES: readonly Difference[] = [
  ...OUTSIDE,
  ...OF_DISPATCHES,
  ...OF_ERRORS,
  ...OF_SESSIONS,
];
