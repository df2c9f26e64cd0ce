/** Tomcat's own examples, asked for directly and through Daemun, which speaks HTTP or AJP to it: the same answers. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/needs.ts';
import { freePort, startDaemun, type TestProcess } from '../support/process.ts';
import { type RawAnswer, RawClient } from '../support/raw-client.ts';
import { startTomcat } from '../support/tomcat.ts';

const MOST_PAGES = 800;

/** A stream of stock prices that never ends. */
const ENDLESS = /\/async\/stockticker/;

/** AJP has no trailers, which Tomcat refuses to such a page, and of characters Tomcat refuses only those of HTTP. */
const NOT_OVER_AJP = ['/examples/servlets/trailers/response', '/examples/a|b'];

/** Paths whose relative links lead to the same pages under other names. */
const ODD_PATH = /%6a|%2F|\/\/|\/\.|;/;

/** Where no link leads: forms, parameters, what is refused, and paths that a proxy could spoil. */
const SEEDS = [
  '/examples/',
  '/examples',
  '/examples/servlets/servlet/RequestParamExample?firstname=a&lastname=%C3%A9%20b+c',
  '/examples/servlets/servlet/RequestInfoExample/more/path?x=%26&y',
  '/examples/servlets/servlet/RequestHeaderExample',
  '/examples/servlets/servlet/CookieExample',
  '/examples/servlets/servlet/SessionExample',
  '/examples/servlets/nonblocking/bytecounter',
  '/examples/servlets/nonblocking/numberwriter',
  '/examples/servlets/trailers/response',
  '/examples/servlets/serverpush/simpleimage',
  '/examples/async/async0',
  '/examples/async/async1',
  '/examples/async/async2',
  '/examples/async/async3',
  '/examples/jsp/security/protected/index.jsp',
  '/examples/jsp/security/protected/j_security_check',
  // Above every number that the page may think of: one that it could be would be right once in a hundred.
  '/examples/jsp/num/numguess.jsp?guess=101',
  '/examples/jsp/checkbox/checkresult.jsp?fruit=apples&fruit=grapes',
  '/examples/jsp/jsp2/el/functions.jsp?foo=JSP+2.0',
  '/examples/jsp/forward/forward.jsp',
  '/examples/jsp/include/include.jsp',
  '/examples/jsp/error/err.jsp?name=audi&submit=Submit',
  '/examples/jsp/snp/snoop.jsp;param=1?q=1',
  '/examples/jsp/../servlets/./index.html',
  '/examples//servlets//index.html',
  '/examples/%6asp/index.html',
  '/examples/jsp%2Findex.html',
  '/examples/WEB-INF/web.xml',
  '/examples/META-INF/context.xml',
  '/examples/missing',
  '/examples/jsp/missing.jsp',
  '/examples/a|b',
  '/examples/servlets',
  '/examples/jsp/plugin',
  '/missing',
  '/',
];

/** Fields that belong to one connection or to whoever answers. */
const NOT_COMPARED = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'date',
  'server',
]);

function masked(text: string): string {
  return text.replaceAll(/[0-9A-F]{32}/g, 'SESSION');
}

function linesOf({ status, fields, body }: RawAnswer): string[] {
  const lines = [`status ${status}`];
  for (let at = 0; at < fields.size; at++) {
    const name = fields.nameAt(at).toLowerCase();
    // Of a body that does not come, Tomcat tells the type over AJP alone.
    if (status === 304 && name === 'content-type') continue;
    if (!NOT_COMPARED.has(name)) lines.push(`${name}: ${masked(fields.valueAt(at))}`);
  }
  lines.sort();
  return [...lines, '', ...masked(body.toString('latin1')).split('\n')];
}

/** Lines in which two answers of Tomcat itself differ — times, counters, random numbers — are left out. */
function withoutUnsteady(lines: readonly string[], unsteady: ReadonlySet<number>): string[] {
  return lines.filter((_, at) => !unsteady.has(at));
}

function sameBesides(
  ours: readonly string[],
  theirs: readonly string[],
  unsteady: ReadonlySet<number>,
): boolean {
  return (
    withoutUnsteady(ours, unsteady).join('\n') === withoutUnsteady(theirs, unsteady).join('\n')
  );
}

function* linksOf(page: string, text: string): Generator<string> {
  for (const match of text.matchAll(/(?:href|src|action)\s*=\s*["']?([^"'\s>]+)/gi)) {
    const link = match[1]?.replaceAll('&amp;', '&') ?? '';
    const base = `http://localhost${page}`;
    if (!URL.canParse(link, base)) continue;
    const { origin, pathname, search } = new URL(link, base);
    if (origin !== 'http://localhost' || !pathname.startsWith('/examples/')) continue;
    yield pathname.replace(/;jsessionid=[0-9A-F]*/, '') + search;
  }
}

const skip = needs('tomcat10', 'tomcat10-examples');

for (const protocol of ['http', 'ajp'] as const)
  describe(`Tomcat’s examples over ${protocol}`, { skip }, () => {
    let tomcat: TestProcess;
    let daemun: TestProcess;
    let direct: RawClient;
    let proxied: RawClient;

    before(async () => {
      const [port, tomcatPort, ajpPort] = [await freePort(), await freePort(), await freePort()];
      const ajp = { port: ajpPort, secret: 's3cret', packetSize: 8192 };
      tomcat = await startTomcat(tomcatPort, { examples: true, ajp });
      const url =
        protocol === 'ajp' ? `ajp://127.0.0.1:${ajpPort}` : `http://127.0.0.1:${tomcatPort}`;
      direct = new RawClient(tomcatPort);
      proxied = new RawClient(port);
      try {
        daemun = await startDaemun(port, {
          threads: 1,
          logs: { access: 'off' },
          limits: { keepAliveRequests: 1_000_000 },
          upstreams: {
            tomcat: {
              servers: [{ url, maxFails: 0 }],
              ...(protocol === 'ajp' ? { ajp: { secret: 's3cret' } } : {}),
            },
          },
          sites: {
            // Over HTTP Tomcat hears its own address here, and this site has to stand in its redirects all the same.
            'mapped.test': {
              listen: [`127.0.0.1:${port}`],
              routes: { '/': { proxy: 'tomcat' } },
            },
            '*': {
              listen: [`127.0.0.1:${port}`],
              routes: {
                // What Tomcat is told of the client it would show in its pages.
                '/': {
                  proxy: 'tomcat',
                  preserveHost: true,
                  forwarded: 'off',
                  redirectRewrite: 'off',
                },
              },
            },
          },
        });
      } catch (error) {
        await tomcat.stop();
        throw error;
      }
    });
    after(async () => {
      direct.close();
      proxied.close();
      await Promise.all([daemun.stop(), tomcat.stop()]);
    });

    async function assertSame(request: string): Promise<RawAnswer> {
      const first = await direct.ask(request);
      const ours = await proxied.ask(request);
      const theirs = linesOf(first);
      const unsteady = new Set<number>();
      const found = linesOf(ours);
      if (found.join('\n') === theirs.join('\n')) return ours;
      // What is drawn by lot may come out the same twice.
      for (let i = 0; i < 10; i++) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const again = linesOf(await direct.ask(request));
        for (const [at, line] of theirs.entries()) if (again[at] !== line) unsteady.add(at);
        if (sameBesides(found, theirs, unsteady)) break;
      }
      assert.deepEqual(
        withoutUnsteady(found, unsteady),
        withoutUnsteady(theirs, unsteady),
        request,
      );
      assert.ok(unsteady.size < theirs.length / 2, `nothing of ${request} was compared`);
      return ours;
    }

    function message(method: string, target: string, fields = '', body = ''): string {
      const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`;
      return `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\n${length}${fields}\r\n${body}`;
    }

    test('every page that a link leads to, with HEAD and validators', async (t) => {
      const unwanted = protocol === 'ajp' ? NOT_OVER_AJP : [];
      const waiting = SEEDS.filter((seed) => !unwanted.includes(seed));
      const known = new Set([...waiting, ...unwanted]);
      const statuses = new Map<number, number>();
      let validated = 0;
      for (let at = 0; at < waiting.length; at++) {
        const target = waiting[at] ?? '';
        // oxlint-disable no-await-in-loop -- pages have state; one after the other
        const answer = await assertSame(message('GET', target));
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (at % 3 === 0) await assertSame(message('HEAD', target));
        const etag = answer.fields.getByName('etag');
        const modified = answer.fields.getByName('last-modified');
        if (etag !== null && modified !== null) {
          validated++;
          for (const field of [
            `If-None-Match: ${etag}`,
            `If-Modified-Since: ${modified}`,
            'If-Match: "other"',
            'Range: bytes=1-5',
            'Range: bytes=-3',
            'Range: bytes=999999999-',
          ]) {
            await assertSame(message('GET', target, `${field}\r\n`));
          }
        }
        // oxlint-enable no-await-in-loop
        const type = answer.fields.getByName('content-type') ?? '';
        if (ODD_PATH.test(target)) continue;
        const text = type.includes('html') ? answer.body.toString('latin1') : '';
        const location = answer.fields.getByName('location');
        const links = location === null ? text : `${text} href="${location}"`;
        for (const link of linksOf(target, links)) {
          if (known.has(link) || ENDLESS.test(link) || waiting.length >= MOST_PAGES) continue;
          known.add(link);
          waiting.push(link);
        }
      }
      const tally = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
      t.diagnostic(`${waiting.length} pages (${tally}), ${validated} with validators`);
      assert.ok(waiting.length > 150, `${waiting.length} pages`);
      assert.ok((statuses.get(200) ?? 0) > 120, tally);
    });

    test('forms and bodies', async () => {
      const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
      const parameters = '/examples/servlets/servlet/RequestParamExample';
      await assertSame(message('POST', parameters, form, 'firstname=A%26B&lastname=%E2%82%AC+x'));
      const chunked = `${form}Transfer-Encoding: chunked\r\n`;
      await assertSame(`${message('POST', parameters, chunked)}b\r\nfirstname=x\r\n0\r\n\r\n`);
      await assertSame(
        message('POST', '/examples/servlets/nonblocking/bytecounter', form, 'x'.repeat(50_000)),
      );
      await assertSame(message('PUT', '/examples/servlets/index.html', '', 'x'));
      await assertSame(message('OPTIONS', '/examples/servlets/index.html'));
      await assertSame(message('DELETE', '/examples/servlets/index.html'));
    });

    test('a redirect of Tomcat to its own address leads to the site', async () => {
      for (const [target, name] of [
        ['/examples', '/examples/'],
        ['/examples/jsp', '/examples/jsp/'],
        ['/examples/servlets?x=%20y', '/examples/servlets/?x=%20y'],
      ] as const) {
        const request = message('GET', target).replace('localhost', 'mapped.test');
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { status, fields } = await proxied.ask(request);
        assert.equal(status, 302);
        // Over AJP Tomcat knows which site it is asked for.
        const base = protocol === 'ajp' ? 'http://mapped.test' : '';
        assert.equal(fields.getByName('location'), base + name);
        assert.match(
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          (await direct.ask(request)).fields.getByName('location') ?? '',
          /^http:\/\/mapped\.test\//,
        );
      }
    });

    test('a session begun on one side goes on on the other', async () => {
      const session = '/examples/servlets/servlet/SessionExample';
      const begun = await proxied.ask(message('GET', `${session}?dataname=colour&datavalue=green`));
      const cookie = begun.fields.getByName('set-cookie') ?? '';
      const id = /^(JSESSIONID=[0-9A-F]{32}); Path=\/examples; HttpOnly$/.exec(cookie)?.[1];
      assert.ok(id !== undefined, cookie);
      for (const client of [direct, proxied]) {
        // oxlint-disable-next-line no-await-in-loop -- two requests
        const { body, fields } = await client.ask(
          message('GET', session, `Cookie: a=b; ${id}\r\n`),
        );
        assert.match(body.toString('latin1'), /colour = green/);
        assert.equal(fields.getByName('set-cookie'), null);
      }
    });
  });
