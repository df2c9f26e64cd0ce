/** Forwards, includes and the pages of errors. */
import { ask, each, eachOf, send, type Subjects } from './behaviour-asked.ts';

const SEEN = 'path | dispatches | parameters | url';
const FORM = 'Content-Type: application/x-www-form-urlencoded';

/** Forwards and includes, and what the servlets see. */
export const DISPATCHES: Subjects = {
  'what is seen behind a dispatch': [
    ...eachOf(['forward', 'include'], (how) =>
      ask('/m/a/x%20y;p=1?q=1&r=a', {
        a: `${how} /b/info%20z?q=2&s=b | ${SEEN}`,
        b: `${SEEN} | translated`,
      }),
    ),
    ...eachOf(['forward', 'include'], (how) =>
      ask('/m/a/x?q=1', { a: `${how} /b/y | ${SEEN}`, b: SEEN }),
    ),
    ...eachOf(['forward', 'include'], (how) => ask('/m/a?q=1', { a: `${how} /b?`, b: SEEN })),
    ...eachOf(['forward', 'include'], (how) => ask('/m/a', { a: `${how} /x/y.c?q=2`, c: SEEN })),
    ...eachOf(['forward', 'include'], (how) => ask('/m/a', { a: `${how} /deep/d`, d: SEEN })),
    ...eachOf(['forwardName', 'includeName'], (how) =>
      ask('/m/a/x?q=1', { a: `${how} named | ${SEEN}`, named: SEEN }),
    ),
    ...eachOf(['forwardFromContext'], (how) =>
      ask('/m/a/x?q=1', { a: `${how} /b/z?q=2`, b: SEEN }),
    ),
    ...eachOf(['forward', 'include'], (first) =>
      ask('/m/a/1?q=1', {
        a: `${first} /b/2?q=2 | ${SEEN}`,
        b: `forward /x.c?q=3 | ${SEEN}`,
        c: SEEN,
      }),
    ),
    ...eachOf(['forward', 'include'], (first) =>
      ask('/m/a/1?q=1', {
        a: `${first} /b/2?q=2 | ${SEEN}`,
        b: `include /x.c?q=3 | ${SEEN}`,
        c: SEEN,
      }),
    ),
    ...eachOf(['forwardName', 'includeName'], (second) =>
      ask('/m/a/1?q=1', { a: 'forward /b/2?q=2', b: `${second} named`, named: SEEN }),
    ),
    ...eachOf(['forward', 'include'], (second) =>
      ask('/m/a/1?q=1', { a: 'forwardName named', named: `${second} /b/2?q=2`, b: SEEN }),
    ),
    ...eachOf(['forward', 'include'], (second) =>
      ask('/m/a/1?q=1', { a: 'includeName named', named: `${second} /b/2?q=2`, b: SEEN }),
    ),
    ...eachOf(['forward', 'include'], (how) =>
      send(
        'POST /m/a?q=1',
        'q=form&f=1',
        { a: `${how} /b?q=2 | parameters`, b: `${SEEN} | values q | parameter q` },
        FORM,
      ),
    ),
    ...eachOf(['forward', 'include'], (how) =>
      send('POST /m/a', 'abc', { a: `${how} /b`, b: 'path | body' }),
    ),
    ...each(
      ask('HEAD /m/a', { a: 'forward /b', b: `${SEEN} | print abc` }),
      ask('/m/a', { a: 'include /b/1 | include /b/2 | dispatches', b: SEEN }),
      ask('/m/a', { a: 'forward /b?q=%C3%A4&r=%E4+x&&=y&z', b: 'parameters | path' }),
      ask('/m/a', {
        a: 'setAttribute k v | include /b | attribute k',
        b: 'attribute k | setAttribute k w',
      }),
      ask('/m/a', {
        a: 'forward /b',
        b: 'removeAttribute jakarta.servlet.forward.request_uri | dispatches',
      }),
      ask('/m/a?x=1', {
        a: 'parameters | forward /b?x=2 | parameters',
        b: 'parameters | parameterNames',
      }),
    ),
  ],
  'where a dispatcher leads': [
    ...eachOf(
      [
        '/b',
        'b',
        '../b',
        '../../b',
        '/../b',
        '/b/../d',
        '/%62',
        '/b;x=1',
        '/b;x=1?q',
        './y',
        '',
        '?q=1',
        '/',
        '/missing',
        '/b//c',
        '/b/%2e%2e/d',
        '/b%2Fc',
        '/%zz',
        'http://x/y',
        '/b#f',
        '/WEB-INF/web.xml',
        '/log',
      ],
      (path) =>
        ask('/m/a/deep/page', { a: `hasDispatcher ${path} | hasContextDispatcher ${path}` }),
    ),
    ...eachOf(
      [
        '../../b/y',
        '../../c.c',
        '../../d',
        '../../b/../d',
        '/b;x=1/y;z',
        '/b/%C3%A4',
        '/b/ä',
        '/b/a b',
        '/b/a+b',
      ],
      (path) => ask('/m/a/deep/page', { a: `forward ${path}`, b: SEEN, c: SEEN, d: SEEN }),
    ),
    ...each(ask('/m/a', 'hasName named | hasName a | hasName default | hasName missing')),
  ],
  'files and what is missing': [
    ...eachOf(
      ['/text.txt', '/page.html', '/missing', '/dir/page.html', '/WEB-INF/web.xml', '/dir'],
      (path) => ask('/m/a', { a: `print before | !forward ${path} | print after` }),
    ),
    ...eachOf(['/text.txt', '/page.html', '/missing', '/dir/page.html'], (path) =>
      ask('/m/a', { a: `print before | include ${path} | print after` }),
    ),
    ...each(
      ask('/m/a', { a: 'type text/html;charset=utf-8 | include /text.txt | getType' }),
      ask('/m/a', { a: 'bytes before | include /text.txt | bytes after' }),
      ask('HEAD /m/a', 'forward /text.txt'),
      ask('/m/a', '!include /missing'),
      ask('/m/a', 'status 404 | forward /text.txt'),
    ),
  ],
  'what a forwarded servlet may do': each(
    ask('/m/a', { a: 'print lost | forward /b | print late | committed', b: 'print b' }),
    ask('/m/a', { a: 'print sent | flush | forward /b | print more', b: 'print b' }),
    ask('/m/a', {
      a: 'status 201 | set X 1 | type text/plain;charset=ISO-8859-1 | forward /b',
      b: 'getStatus | getType | print ä',
    }),
    ask('/m/a', { a: 'print x | forward /b', b: 'bytes y' }),
    ask('/m/a', { a: 'bytes x | forward /b', b: 'print y' }),
    ask('/m/a', {
      a: 'forward /b | set X 1 | status 404 | error 500 | redirect /x | reset',
      b: 'print b',
    }),
    ask('/m/a', { a: 'forward /b | committed', b: 'status 204' }),
    ask('/m/a', { a: 'forward /b', b: 'error 404' }),
    ask('/m/a', { a: 'forward /b', b: 'redirect x' }),
    ask('/m/a', { a: '!forward /b', b: '!fail Sorry x' }),
    ask('/m/a', { a: 'forward /b | print a', b: '!fail Sorry x' }),
    ask('/m/a', { a: 'forward /b', b: 'fill 10000' }),
    ask('/m/a', { a: 'forward /b | forward /b', b: 'print b' }),
    ask('/m/a', { a: 'error 404 | forward /b', b: 'print b | getStatus' }),
  ),
  'what an included servlet may do': each(
    ask('/m/a', { a: 'print a | include /b | print c', b: 'print b' }),
    ask('/m/a', {
      a: 'include /b | getStatus | get X',
      b: 'status 404 | set X 1 | add X 2 | setInt Y 3 | setDate Z 0 | cookie a=1 | print b | getStatus',
    }),
    ask('/m/a', {
      a: 'include /b | getType | getCharset',
      b: 'type text/html | charset ISO-8859-1 | length 1 | print ä',
    }),
    ask('/m/a', { a: 'set X 1 | include /b', b: 'set X 2 | add X 3 | print b' }),
    ask('/m/a', { a: 'print a | include /b | print c | getStatus', b: 'error 404 | print b' }),
    ask('/m/a', { a: 'print a | include /b | print c', b: 'errorText 404 x' }),
    ask('/m/a', { a: 'print a | include /b | print c', b: 'redirect /x | print b' }),
    ask('/m/a', { a: 'print a | include /b | print c', b: '!fail Sorry x' }),
    ask('/m/a', { a: 'print a | !include /b | print c', b: '!fail Sorry x' }),
    ask('/m/a', { a: 'print a | include /b | print c', b: 'print b | flush | committed' }),
    ask('/m/a', { a: 'print a | include /b | print c', b: 'print b | close' }),
    ask('/m/a', { a: 'print a | include /b | print c', b: 'resetBuffer | print b' }),
    ask('/m/a', {
      a: 'print a | set X 1 | status 201 | include /b | print c',
      b: 'reset | print b',
    }),
    ask('/m/a', {
      a: 'print a | include /b | print c',
      b: 'forward /x.c | print late',
      c: 'print c | set X 1',
    }),
    ask('/m/a', { a: 'bytes a | include /b', b: 'print b' }),
    ask('/m/a', { a: 'writer | include /b', b: 'bytes b' }),
    ask('/m/a', { a: 'print sent | flush | include /b | print c', b: 'print b | set X 1' }),
    ask('/m/a', { a: 'include /b | print c | set Y 1 | status 202', b: 'print b' }),
    ask('/m/a', { a: 'print a | include /b', b: 'fill 10000' }),
    ask('/m/a', { a: 'include /b', b: 'session' }),
    ask('/m/a', {
      a: 'include /b | print a',
      b: 'include /x.c | print b | status 404',
      c: 'print c | status 500',
    }),
    ask('/m/a', { a: 'include /b | print a', b: 'forward /text.txt' }),
    ask('/m/a', { a: 'include /b | forward /x.c', b: 'forward /x.c', c: 'dispatches | print c' }),
  ),
};

/** How an answer comes about behind `sendError` or an exception: with a page of the application, another one, or in part. */
export const ERRORS: Subjects = {
  'pages for a status': [
    ...eachOf(['404', '409', '411', '500', '403'], (status) =>
      ask('/pages/a/x?q=1', {
        a: `print lost | set X 1 | errorText ${status} why`,
        err: `${SEEN} | getStatus | getType | print page`,
      }),
    ),
    ...eachOf(['GET', 'HEAD', 'POST', 'PUT'], (method) =>
      ask(
        `${method} /pages/a`,
        { a: 'error 404', err: 'path | getStatus | print page' },
        'Content-Length: 0',
      ),
    ),
    ...each(
      ask('/pages/missing?q=1', { err: SEEN }),
      ask('/pages/WEB-INF/web.xml', { err: SEEN }),
      ask('/pages/a', { a: 'status 404 | print own', err: 'print page' }),
      ask('/pages/a', { a: 'status 404', err: 'print page' }),
      ask('/pages/a', { a: 'error 410', err: 'print page' }),
      ask('/pages/a', { a: 'error 404', err: 'status 200 | print page' }),
      ask('/pages/a', { a: 'error 404', err: 'error 409' }),
      ask('/pages/a', { a: 'error 404', err: 'error 404' }),
      ask('/pages/a', { a: 'error 404', err: 'print page | !fail Sorry again' }),
      ask('/pages/a', { a: 'error 404', err: 'redirect /x' }),
      ask('/pages/a', {
        a: 'error 404',
        err: 'forward /b/y?r=2',
        b: `${SEEN} | getStatus | print b`,
      }),
      ask('/pages/a', {
        a: 'error 404',
        err: 'include /b/y?r=2 | print page',
        b: `${SEEN} | print b`,
      }),
      ask('/pages/a', { a: 'print sent | flush | error 404 | print more', err: 'print page' }),
      ask('/pages/a', { a: 'writer | error 404', err: 'bytes page' }),
      ask('/pages/a', { a: 'stream | error 404', err: 'print page' }),
      ask('/pages/a', {
        a: 'type text/plain;charset=ISO-8859-1 | error 404',
        err: 'getType | getCharset | print ä',
      }),
      ask('/pages/a', { a: 'length 3 | error 404', err: 'print page' }),
      ask('/pages/a', { a: 'cookie a=1 | session | error 404', err: 'oldSession | print page' }),
      ask('/pages/a', { a: 'setAttribute k v | error 404', err: 'attribute k' }),
      ask('/pages/a', { a: 'include /b | print a', b: 'error 404', err: 'print page' }),
      ask('/pages/a', {
        a: 'forward /b/y?r=2',
        b: 'errorText 404 why',
        err: `${SEEN} | print page`,
      }),
      ask('/pages/a', { a: 'error 404 | print late | committed | set Y 1', err: 'print page' }),
      ask('/pages/a', { a: 'error 404', err: 'fill 10000' }),
      ask('/pages/a', { a: 'error 404', err: 'print page | flush' }),
      ask('/pages/a', { a: 'error 404', err: 'print page | close' }),
      ask('/pages/a', { a: 'error 404', err: 'reset | getStatus | print page' }),
      ask('/any/a?q=1', { a: 'errorText 403 why', err: SEEN }),
      ask('/any/a', { a: 'error 599', err: 'path | dispatches | print page' }),
      ask('/any/missing', { err: 'path | dispatches | print page' }),
    ),
    [send('POST /pages/a?q=1', 'f=1', { a: 'error 404', err: SEEN }, FORM)],
  ],
  'pages for what is thrown': [
    ...eachOf(['Sorry', 'VerySorry', 'state', 'servlet', 'caused', 'other'], (type) =>
      ask('/pages/a/x?q=1', {
        a: `print lost | set X 1 | status 201 | !fail ${type} why`,
        err: `${SEEN} | getStatus | print page`,
      }),
    ),
    ...eachOf(['Sorry', 'state', 'servlet', 'caused', 'other'], (type) =>
      ask('/any/a', { a: `!fail ${type} why`, err: `path | dispatches | getStatus | print page` }),
    ),
    ...eachOf(['Sorry', 'servlet', 'caused', 'other'], (type) =>
      ask('/m/a', { a: `print lost | set X 1 | !fail ${type} why` }),
    ),
    ...each(
      ask('/pages/a', { a: 'print sent | flush | !fail Sorry why', err: 'print page' }),
      ask('/m/a', { a: 'print sent | flush | !fail Sorry why' }),
      ask('/m/a', { a: 'fillBytes 9000 | !fail Sorry why' }),
      ask('/m/a', { a: 'length 3 | print abc | flush | !fail Sorry why' }),
      ask('/pages/a', {
        a: '!include /b | print a',
        b: '!fail Sorry why',
        err: `${SEEN} | print page`,
      }),
      ask('/pages/a', {
        a: '!forward /b?r=2 | print a',
        b: '!fail VerySorry why',
        err: `${SEEN} | print page`,
      }),
      ask('/pages/a', {
        a: 'error 404 | !fail Sorry why',
        err: `${SEEN} | getStatus | print page`,
      }),
      ask('/pages/a', {
        a: 'redirect /x | !fail Sorry why',
        err: `${SEEN} | getStatus | print page`,
      }),
      ask('/pages/a', { a: '!fail Sorry why', err: 'status 200 | print page' }),
      ask('/pages/a', { a: '!fail Sorry why', err: '!fail state again' }),
      ask('/pages/a', { a: '!fail Sorry why', err: 'error 404' }),
      ask('/pages/a', {
        a: 'cookie a=1 | type text/plain | !fail Sorry why',
        err: 'getType | print page',
      }),
      ask('HEAD /pages/a', { a: '!fail Sorry why', err: 'print page' }),
      ask('/pages/late', { late: '!fail later why', err: 'print page' }),
      ask('/pages/late', { late: 'print usable', err: 'print page' }),
      ask('/pages/a', {
        a: 'include /late | forward /late',
        late: 'print usable',
        err: 'print page',
      }),
      ask('/pages/gone', { gone: '!fail gone why', err: `${SEEN} | print page` }),
      ask('/pages/gone', { gone: 'print usable', err: 'print page' }),
      ask('/pages/a', {
        a: 'include /gone | forward /gone',
        gone: 'print usable',
        err: 'print page',
      }),
    ),
  ],
};
