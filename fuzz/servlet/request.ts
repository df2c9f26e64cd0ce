// Heads of requests for a servlet that tells what it sees: paths, queries, cookies and ids of sessions, put together of
// what has a meaning and changed here and there. Whatever comes, the request ends at once and what the servlet is told
// agrees with another reading of the specification.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { MemoryExchange } from '../../test/support/memory-exchange.ts';
import { Fields, memoryWebapp } from '../../test/support/memory-webapp.ts';
import { Random } from '../random.ts';
import type { FuzzTarget } from '../target.ts';
import { canonicalPath, parametersOf } from './reference.ts';

const SEGMENTS = [
  'a',
  'b.x',
  '..',
  '.',
  '',
  '%2e',
  '.%2E',
  '%2F',
  '%5c',
  '\\',
  ';a=b',
  '..;',
  'a;jsessionid=0123456789ABCDEF0123456789ABCDEF',
  'WEB-INF',
  'Meta-inf',
  '%C3%A9',
  '\xc3\xa9',
  '%C0%AF',
  '%zz',
  '%',
  '%00',
  '%7f',
  '%20',
  '+',
  '...',
  '%25',
];
const NAMES = ['a', 'b', '', '%61', 'a+b', '__proto__', '%EB%8C%80', '\xeb', '%', ';'];
const IDS = ['0123456789ABCDEF0123456789ABCDEF', 'x', '', '0123456789ABCDEF0123456789ABCDEF.n'];

interface Told {
  readonly context: string;
  readonly uri: string;
  readonly path: string | null;
  readonly parameters: readonly (readonly [string, readonly string[]])[];
  readonly cookies: readonly string[];
}

const app = await memoryWebapp(
  // No test runs here; all that is wanted of one is that it tells its end.
  { after: (work: () => void) => process.once('exit', work) } as never as TestContext,
  {
    servlets: {
      '/*': (request, response) => {
        request.getSession();
        const told: Told = {
          context: request.getContextPath(),
          uri: request.getRequestURI(),
          path: request.getPathInfo(),
          parameters: [...request.getParameterMap()],
          cookies: request.getCookies().map((cookie) => `${cookie.getName()}=${cookie.getValue()}`),
        };
        response.getWriter().write(JSON.stringify(told));
      },
    },
  },
);

function headOf(seed: number): { readonly target: string; readonly cookie: string } {
  const random = new Random(seed);
  let path = random.pick([
    '/app',
    '/app',
    '//app',
    '/./app',
    '/app;v=1',
    '/%61pp',
    '/x/../app',
    '/app/..',
  ]);
  for (let left = random.below(6); left > 0; left--) path += `/${random.pick(SEGMENTS)}`;
  if (random.chance(20)) path = withByte(path, random);
  let query = '';
  for (let left = random.below(5); left > 0; left--) {
    query += `${random.pick(['&', '&', '&&', ';', ''])}${random.pick(NAMES)}${random.pick(['=', '=', '', '=='])}${random.pick(NAMES)}`;
  }
  const target = query === '' ? path : `${path}?${query}`;
  let cookie = '';
  for (let left = random.below(4); left > 0; left--) {
    cookie += `${random.pick(['; ', ';', ' ; ', ', '])}${random.pick(['JSESSIONID', 'a', '', ' b'])}${random.pick(['=', ''])}${random.pick(IDS)}`;
  }
  return { target, cookie };
}

/** Puts some byte in that a request target may have; those that it may not the protocol in front has refused. */
function withByte(text: string, random: Random): string {
  const at = 1 + random.below(text.length);
  const byte = String.fromCharCode(0x21 + random.below(0xde)).replace(/[?#\x7f]/, 'q');
  return text.slice(0, at) + byte + text.slice(at + random.below(2));
}

function outcomeOf(seed: number): string {
  const { target, cookie } = headOf(seed);
  const fields = cookie === '' ? new Fields() : Fields.of(['Cookie', cookie]);
  const exchange = app.site.ask(new MemoryExchange({ target, fields }));
  app.site.errorLines.length = 0;
  app.site.accessLines.length = 0;
  assert.ok(exchange.finished, 'a request that nothing waits for is over at once');
  assert.equal(app.application.active, 0);
  const [raw = '', query = null] = splitOnce(target);
  const canonical = canonicalPath(raw);
  if (canonical === null) {
    assert.equal(exchange.status, 400);
    return '400';
  }
  const inside = canonical.startsWith('/app/') || canonical === '/app';
  if (!inside || /^\/app\/(?:web-inf|meta-inf)(?:\/|$)/i.test(canonical)) {
    // The pipeline in front reads a path more freely, and may refuse what leaves the root there.
    assert.ok(exchange.status === 404 || exchange.status === 400, String(exchange.status));
    return '404';
  }
  assert.equal(exchange.status, 200);
  checkTold(JSON.parse(exchange.body.toString()) as Told, { raw, canonical, query, cookie });
  checkSession(exchange, `${cookie} ${raw}`);
  return '200';
}

function checkTold(
  told: Told,
  sent: { raw: string; canonical: string; query: string | null; cookie: string },
): void {
  assert.equal(told.uri, sent.raw);
  assert.equal(told.path ?? '', sent.canonical.slice('/app'.length));
  assert.equal(canonicalPath(told.context), '/app');
  assert.ok(
    sent.raw.replace(/^\/+/, '/').startsWith(told.context) && !told.context.startsWith('//'),
  );
  const parameters = parametersOf(sent.query ?? '');
  if (parameters !== null) {
    assert.deepEqual(
      told.parameters,
      Object.entries(parameters).toSorted(byPlace(told.parameters)),
    );
  }
  for (const cookie of told.cookies) assert.ok(sent.cookie.includes(cookie), cookie);
}

// Objects put names that are numbers first; the order is compared elsewhere.
function byPlace(
  order: Told['parameters'],
): (one: readonly [string, unknown], other: readonly [string, unknown]) => number {
  const place = ([name]: readonly [string, unknown]): number =>
    order.findIndex(([each]) => each === name);
  return (one, other) => place(one) - place(other);
}

function checkSession(exchange: MemoryExchange, sent: string): void {
  const cookie = exchange.sentFields.getByName('Set-Cookie') ?? '';
  const id = /^JSESSIONID=([0-9A-F]{32}); Path=\/app; HttpOnly; SameSite=Lax$/.exec(cookie)?.[1];
  assert.ok(id !== undefined && !sent.includes(id), `an id that nobody has sent: ${cookie}`);
}

function splitOnce(target: string): readonly [string, string | null] {
  const question = target.indexOf('?');
  return question < 0 ? [target, null] : [target.slice(0, question), target.slice(question + 1)];
}

/** See the head of this file. */
export const SERVLET_TARGET: FuzzTarget = {
  inputOf: (seed) => {
    const { target, cookie } = headOf(seed);
    return Buffer.from(`GET ${target} HTTP/1.1\r\nCookie: ${cookie}\r\n\r\n`, 'latin1');
  },
  outcomeOf,
};
