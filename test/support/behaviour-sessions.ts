/** Sessions: how they begin and end, and how their ids travel. */
import type { Asked } from './behaviour-pair.ts';
import { ask, type Subjects } from './behaviour-asked.ts';

const WHOLE = 'requested | oldSession';
const COOKIE = 'Cookie: JSESSIONID={S1}.n1';

function rows(...list: readonly (readonly Asked[])[]): readonly (readonly Asked[])[] {
  return list;
}

/** See the head of this file. */
export const SESSIONS: Subjects = {
  'sessions by cookie': rows(
    [
      ask('/m/a', `${WHOLE} | session | session | requested`),
      ask('/m/a', `${WHOLE} | session`, COOKIE),
      ask('/m/b', { b: WHOLE }, COOKIE),
    ],
    [
      ask('/m/a', 'put k v | remembered'),
      ask('/m/a', 'recall k | put k w | recall k | forget k | recall k | remembered', COOKIE),
    ],
    [ask('/m/a', 'session'), ask('/m/a', WHOLE, 'Cookie: JSESSIONID={S1}')],
    [
      ask('/m/a', 'session'),
      ask('/m/a', WHOLE, 'Cookie: JSESSIONID={S1}.n2'),
      ask('/m/a', 'changeId', 'Cookie: JSESSIONID={S1}.n2'),
    ],
    [ask('/m/a', 'session'), ask('/m/a', WHOLE, 'Cookie: JSESSIONID="{S1}.n1"')],
    [ask('/m/a', 'session'), ask('/m/a', WHOLE, 'Cookie: jsessionid={S1}.n1')],
    [
      ask('/m/a', 'session'),
      ask('/m/a', `${WHOLE} | session`, 'Cookie: JSESSIONID=bad; JSESSIONID={S1}.n1'),
    ],
    [ask('/m/a', 'session'), ask('/m/a', WHOLE, 'Cookie: JSESSIONID={S1}.n1; JSESSIONID=bad')],
    [ask('/m/a', 'session'), ask('/m/a', WHOLE, 'Cookie: JSESSIONID=bad', COOKIE)],
    [
      ask('/m/a', 'session'),
      ask('/m/a', 'session'),
      ask('/m/a', WHOLE, 'Cookie: JSESSIONID={S2}.n1; JSESSIONID={S1}.n1'),
    ],
    [ask('/m/a', 'session'), ask('/pages/a', `${WHOLE} | session`, COOKIE)],
    [ask('/m/a', `${WHOLE} | session | requested`, 'Cookie: JSESSIONID=bad')],
    [ask('/m/a', `${WHOLE} | session`, 'Cookie: JSESSIONID=0123456789ABCDEF0123456789ABCDEF.n1')],
    [ask('/m/a', `${WHOLE} | session`, 'Cookie: JSESSIONID=')],
    [ask('/m/a', `${WHOLE} | session`, 'Cookie: JSESSIONID=../../x')],
    [ask('/m/a', 'session'), ask('/m/a', WHOLE, 'Cookie: a=1; JSESSIONID={S1}.n1; b=2')],
    [ask('/m/a', 'session'), ask('/m/a;jsessionid={S1}.n1', `${WHOLE} | encode /x`)],
    [ask('/m/a', 'session | encode /x')],
  ),
  'ends and changes of sessions': rows(
    [ask('/m/a', 'session | invalidate | oldSession | session'), ask('/m/a', WHOLE, COOKIE)],
    [
      ask('/m/a', 'session'),
      ask('/m/a', `invalidate | ${WHOLE}`, COOKIE),
      ask('/m/a', `${WHOLE} | session`, COOKIE),
    ],
    [ask('/m/a', 'session'), ask('/m/a', `invalidate | session | ${WHOLE}`, COOKIE)],
    [ask('/m/a', 'session'), ask('/m/a', 'afterwards', COOKIE)],
    [
      ask('/m/a', 'put k v'),
      ask('/m/a', `changeId | ${WHOLE} | recall k`, COOKIE),
      ask('/m/a', WHOLE, COOKIE),
      ask('/m/a', `${WHOLE} | recall k`, 'Cookie: JSESSIONID={S2}.n1'),
    ],
    [ask('/m/a', 'session | changeId | changeId')],
    [ask('/m/a', 'changeId')],
    [ask('/m/a', 'invalidate')],
    [ask('/m/a', 'session'), ask('/m/a', 'flush | changeId | session', COOKIE)],
    [ask('/m/a', 'getIdle | idle 60 | getIdle | idle 0 | getIdle | idle -1 | getIdle')],
    [ask('/m/a', 'session | idle 0'), ask('/m/a', WHOLE, COOKIE)],
    [ask('/cookie/a', 'getIdle')],
  ),
  'sessions behind the commit and in dispatches': rows(
    [ask('/m/a', 'flush | session | oldSession')],
    [ask('/m/a', 'print x | flush | session | print y')],
    [ask('/m/a', 'close | session')],
    [ask('/m/a', 'session | reset | session | print x')],
    [ask('/m/a', 'session | resetBuffer')],
    [ask('/m/a', 'session | error 404')],
    [ask('/m/a', 'session | redirect /x')],
    [ask('/m/a', '!fail Sorry x')],
    [ask('/m/a', 'session | !fail Sorry x')],
    [ask('/m/a', { a: 'forward /b', b: 'session' })],
    [ask('/m/a', { a: 'include /b | oldSession', b: 'session' })],
    [ask('/m/a', { a: 'flush | include /b', b: 'session' })],
    [ask('/pages/a', { a: 'error 404', err: 'session' })],
  ),
  'sessions by URL as well': rows(
    [
      ask(
        '/url/a',
        `${WHOLE} | session | encode /url/x | encode /x | encode x | encode x?q=1 | encode x#f | encode ?q | encode | encode #f`,
      ),
      ask('/url/a;jsessionid={S1}.n1', `${WHOLE} | session | encode /url/x`),
      ask('/url/a;jsessionid={S1}.n1/deep?q=1', { a: `${WHOLE} | path` }),
      ask('/url/a;x=1;jsessionid={S1}.n1;y=2', { a: `${WHOLE} | path` }),
      ask('/url;jsessionid={S1}.n1/a', { a: `${WHOLE} | path` }),
      ask('/url/a;JSESSIONID={S1}.n1', WHOLE),
      ask('/url/a;jsessionid={S1}', WHOLE),
      ask('/url/a;jsessionid=bad', `${WHOLE} | session | encode /url/x`),
      ask('/url/a;jsessionid=', WHOLE),
      ask('/url/a;jsessionid', WHOLE),
      ask('/url/a?jsessionid={S1}.n1', WHOLE),
    ],
    [
      ask('/url/a', 'session'),
      ask('/url/a', `${WHOLE} | encode /url/x | encodeRedirect /url/x`, COOKIE),
      ask('/url/a;jsessionid=bad', `${WHOLE} | encode /url/x`, COOKIE),
      ask('/url/a;jsessionid={S1}.n1', `${WHOLE} | encode /url/x`, 'Cookie: JSESSIONID=bad'),
      ask('/url/a;jsessionid={S1}.n1', `invalidate | ${WHOLE} | encode /url/x`),
    ],
    [
      ask('/url/a', 'session'),
      ask(
        '/url/a;jsessionid={S1}.n1',
        'encode http://localhost/url/x | encode http://localhost/other | encode http://localhost:{PORT}/url/x | encode //localhost/url/x | encode http://example.com/x | encode mailto:x | encode javascript:x | encode /url/x;jsessionid=old | encode /other/x | encodeRedirect y | encodeRedirect http://localhost/url/x | encode /url/x;v=1?q',
        'Host: localhost:{PORT}',
      ),
      ask('/url/a;jsessionid={S1}.n1', 'changeId | encode /url/x'),
    ],
    [ask('/url/a', 'encode /url/x | session | encode /url/x')],
    [
      ask('/url-only/a', `session | encode /url-only/x | ${WHOLE}`),
      ask('/url-only/a;jsessionid={S1}.n1', WHOLE),
      ask('/url-only/a', WHOLE, COOKIE),
    ],
  ),
  'sessions where nothing is said of them': rows([
    ask('/plain/a', 'session | encode /x'),
    ask('/plain/a', WHOLE, COOKIE),
    ask('/plain/a;jsessionid={S1}.n1', WHOLE),
  ]),
  'sessions with a cookie of their own': rows([
    ask('/cookie/a', 'session | encode /cookie/x'),
    ask('/cookie/a', WHOLE, 'Cookie: SID={S1}.n1'),
    ask('/cookie/a', WHOLE, COOKIE),
    ask('/cookie/a;SID={S1}.n1', WHOLE),
    ask('/cookie/a;jsessionid={S1}.n1', WHOLE),
  ]),
};
