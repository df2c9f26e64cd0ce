/** Filters in front of servlets, files and the pages of errors. */
import { ask, each, eachOf, send, type Subjects } from './behaviour-asked.ts';

const SEEN = 'path | dispatches';
const FORM = 'Content-Type: application/x-www-form-urlencoded';

/** See the head of this file. Filters have nothing to do but to go on where a request says nothing else. */
export const FILTERS: Subjects = {
  'filters in front of servlets': each(
    ask('/filters/a', { a: 'print a' }),
    ask('/filters/a/x', { a: 'print a' }),
    ask('/filters/b', { b: 'print b' }),
    ask('/filters/a/x', {
      'f-first': 'print 1 | chain | print 2',
      'f-second': 'print 3 | chain | print 4',
      a: 'print a',
    }),
    ask('/filters/a/x', { 'f-first': 'print blocked', a: 'print a' }),
    ask('/filters/a/x', { 'f-first': 'chain', 'f-second': 'error 403', a: 'print a' }),
    ask('/filters/a', { 'f-first': 'error 404 | committed', a: 'print a', err: 'print page' }),
    ask('/filters/a', { 'f-first': 'redirect /x | chain', a: 'print a | set X 1' }),
    ask('/filters/a', {
      'f-first': 'set X 1 | status 201 | chain | getStatus | set Y 1 | committed',
      a: 'status 202 | print a',
    }),
    ask('/filters/a', { 'f-first': 'chain | committed | error 500', a: 'print a' }),
    ask('/filters/a', { 'f-first': 'chain | error 500', a: 'print a | flush' }),
    ask('/filters/a', { 'f-first': 'chain | print late', a: 'print a | close' }),
    ask('/filters/a', { 'f-first': 'chain | chain', a: 'print a' }),
    ask('/filters/a', { 'f-first': 'chain | print caught', a: 'print a | !fail Sorry x' }),
    ask('/filters/a', {
      'f-first': '!chain | print never',
      a: '!fail Sorry x',
      err: `${SEEN} | print page`,
    }),
    ask('/filters/a', { 'f-first': '!fail Sorry x', err: `${SEEN} | print page` }),
    ask('/filters/a', {
      'f-first': 'chain | !fail Sorry x',
      a: 'print a',
      err: `${SEEN} | print page`,
    }),
    ask('/filters/a', { 'f-first': 'writer | chain', a: 'bytes a | print a' }),
    ask('/filters/a', { 'f-first': 'type text/plain;charset=ISO-8859-1 | chain', a: 'print ä' }),
    ask('/filters/a', {
      'f-first': 'chain | reset | print other',
      a: 'status 404 | set X 1 | print a',
    }),
    ask('/filters/a', { 'f-first': 'session | chain | oldSession', a: 'oldSession | put k v' }),
    ask('HEAD /filters/a', { 'f-first': 'chain | print more', a: 'print a' }),
    ask('/filters/a/info?q=1', { 'f-first': `${SEEN} | chain`, a: SEEN }),
    ask('/filters/text.txt', { 'f-first': 'set X 1 | path | chain | committed | getType' }),
    ask('/filters/text.txt', { 'f-first': 'print before | chain | print after' }),
    send(
      'POST /filters/a',
      'q=%E4',
      { 'f-first': 'decode ISO-8859-1 | chain', a: 'parameters' },
      FORM,
    ),
    send(
      'POST /filters/a',
      'q=%E4',
      { 'f-first': 'parameter x | decode ISO-8859-1 | chain', a: 'parameters' },
      FORM,
    ),
    send('POST /filters/a', 'body', { 'f-first': 'body | chain', a: 'body' }),
  ),
  'filters in front of dispatches': [
    ...eachOf(['forward', 'include'], (how) =>
      ask('/filters/a/x?q=1', {
        a: `print a | ${how} /b/y?r=2 | print late`,
        'f-dispatch': `${SEEN} | print 1 | chain | print 2`,
        b: 'print b',
      }),
    ),
    ...eachOf(['forward', 'include'], (how) =>
      ask('/filters/a', {
        a: `print a | ${how} /b | print late`,
        'f-dispatch': 'print blocked',
        b: 'print b',
      }),
    ),
    ...eachOf(['forwardName', 'includeName'], (how) =>
      ask('/filters/a', {
        a: `${how} named | print late`,
        'f-named': `${SEEN} | chain | print 2`,
        named: 'print named',
      }),
    ),
    ...eachOf(['forward', 'include'], (how) =>
      ask('/filters/a', { a: `${how} /text.txt | print late`, 'f-dispatch': 'path | chain' }),
    ),
    ...each(
      ask('/filters/a', {
        a: 'include /b | getStatus',
        'f-dispatch': 'set X 1 | status 404 | chain',
        b: 'print b',
      }),
      ask('/filters/a', { a: '!forward /b', 'f-dispatch': '!fail Sorry x', err: 'print page' }),
      ask('/filters/a', {
        a: 'error 404',
        'f-error': `${SEEN} | print 1 | chain | print 2`,
        err: 'print page',
      }),
      ask('/filters/a', { a: 'error 404', 'f-error': 'print blocked', err: 'print page' }),
      ask('/filters/missing', { 'f-error': 'getStatus | chain', err: 'print page' }),
      ask('/filters/a', { a: '!fail Sorry x', 'f-error': '!fail Sorry y', err: 'print page' }),
    ),
  ],
  wrappers: each(
    ask('/filters/a', { 'f-first': 'wrapped', a: 'path | header X-W | status 201 | print a' }),
    ask('/filters/a?q=1', {
      'f-first': 'wrapped',
      a: 'forward /b/y?r=2',
      b: `${SEEN} | header X-W | parameters | status 201 | print b`,
    }),
    ask('/filters/a?q=1', {
      'f-first': 'wrapped',
      a: 'include /b/y?r=2 | getStatus',
      b: `${SEEN} | header X-W | parameters | status 201 | print b`,
    }),
    ask('/filters/a', {
      'f-first': 'wrapped',
      a: 'error 404',
      err: 'path | header X-W | status 201 | print page',
    }),
    ask('/filters/a', {
      a: 'forward /b',
      'f-dispatch': 'wrapped',
      b: 'path | header X-W | status 201 | print b',
    }),
    ask('/filters/a', {
      a: 'include /b | status 201',
      'f-dispatch': 'wrapped',
      b: 'path | header X-W | status 301 | print b',
    }),
    ask('/filters/a', { 'f-first': 'wrapped | getStatus', a: 'redirect /x | committed' }),
  ),
};
