import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryDirectory } from '../support/process.ts';
import { ServedConfig } from '../support/served-config.ts';

const FAULTY = `import { HttpServlet } from 'daemun/servlet';
export default class Faulty extends HttpServlet {
  doGet(request, response) {
    const writer = response.getWriter();
    switch (request.getPathInfo()) {
      case '/throw': throw new Error('a plain one');
      case '/forgotten': void Promise.reject(new Error('a forgotten one')); break;
      case '/timer': setTimeout(() => { throw new Error('one in a timer'); }, 5); break;
      case '/late': setTimeout(() => writer.print('late'), 5); break;
      case '/exit': process.exit(3);
      case '/block': for (;;);
    }
    writer.print('here');
  }
  destroy() { return new Promise(() => {}); }
}
`;

const DESCRIPTOR = `<web-app>
  <servlet><servlet-name>faulty</servlet-name><servlet-class>Faulty</servlet-class></servlet>
  <servlet-mapping><servlet-name>faulty</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>
</web-app>
`;

/** Serves the servlet at every path; `TMPDIR` is the directory of the server. */
async function started(t: TestContext): Promise<ServedConfig> {
  const directory = temporaryDirectory();
  const root = join(directory, 'app');
  mkdirSync(join(root, 'WEB-INF/classes'), { recursive: true });
  writeFileSync(join(root, 'WEB-INF/classes/Faulty.mjs'), FAULTY);
  writeFileSync(join(root, 'WEB-INF/web.xml'), DESCRIPTOR);
  const server = await ServedConfig.start(
    {
      stuckThreadTimeout: '2s',
      logs: { access: './access.log', error: 'stderr' },
      apps: { faulty: { root } },
      sites: { '*': { listen: ['127.0.0.1:0'], routes: { '/*': { app: 'faulty' } } } },
    },
    { TMPDIR: directory },
    directory,
  );
  t.after(async () => {
    await server.stop();
    server.remove();
  });
  return server;
}

test('a servlet that never ends holds neither the end of the server up nor its logs', async (t) => {
  const server = await started(t);
  assert.equal((await get(server.port, '/')).body, 'here');
  const temporary = (): readonly string[] =>
    readdirSync(server.directory).filter((name) => name.startsWith('daemun-app-'));
  assert.equal(temporary().length, 1);
  assert.equal(await server.stop(), 0);
  assert.match(readFileSync(join(server.directory, 'access.log'), 'utf8'), /"GET \/ HTTP/);
  assert.deepEqual(temporary(), []);
});

test('what a servlet does wrong is told with its line, and the next request is answered', async (t) => {
  const server = await started(t);
  const told = (what: string): Promise<void> =>
    eventually(what, () => server.complaint.includes(what));
  const works = async (): Promise<void> => {
    assert.equal((await get(server.port, '/')).body, 'here');
  };
  // Connections to what is ending may still break.
  const worksAgain = async (): Promise<void> => {
    let body = '';
    for (let i = 0; i < 200 && body !== 'here'; i++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      body = await get(server.port, '/').then(
        (answer) => answer.body,
        () => '',
      );
      // oxlint-disable-next-line no-await-in-loop -- as above
      await setTimeout(20);
    }
    assert.equal(body, 'here');
  };
  assert.equal((await get(server.port, '/throw')).status, 500);
  await told('application /, servlet faulty: Error: a plain one');
  assert.match(server.complaint, /a plain one .*\/Faulty\.mjs:6:/);
  await works();
  for (const [path, what, line] of [
    ['/forgotten', 'a forgotten one', 7],
    ['/timer', 'one in a timer', 8],
    ['/late', 'written behind its end', 9],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- each is to find a server that works
    assert.equal((await get(server.port, path)).body, 'here', path);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await told(what);
    assert.match(server.complaint, new RegExp(`${what}.*/Faulty\\.mjs:${line}:`));
    // oxlint-disable-next-line no-await-in-loop -- as above
    await works();
  }
  // Both take the thread with them and what it was serving; another takes its place.
  await assert.rejects(get(server.port, '/exit'));
  await told('Web thread 1 is lost and will be replaced: it ended');
  await worksAgain();
  await assert.rejects(get(server.port, '/block'));
  await told('it stood still for');
  assert.match(server.complaint, /in doGet \([^)]*\/Faulty\.mjs:11\)/);
  await worksAgain();
});
