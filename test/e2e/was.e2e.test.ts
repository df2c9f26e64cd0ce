import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { AjpClient, Fields } from '../support/ajp-client.ts';
import { CliProcess, get, refuses } from '../support/cli-process.ts';
import { writeEchoApplication } from '../support/echo-application.ts';
import { eventually } from '../support/eventually.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';

function page(webapps: string, folder: string, text: string): void {
  mkdirSync(join(webapps, folder), { recursive: true });
  writeFileSync(join(webapps, folder, 'index.html'), text);
}

async function start(
  t: TestContext,
  webapps: string,
  ...words: readonly string[]
): Promise<{ readonly was: CliProcess; readonly port: number }> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const was = new CliProcess(
    t,
    ['was', '--webapps', webapps, '--http', address, ...words],
    webapps,
  );
  await was.says(/Ctrl-C/);
  return { was, port };
}

test('each folder is an application under its name, over HTTP and AJP', async (t) => {
  const webapps = temporaryDirectory();
  page(webapps, 'ROOT', 'root');
  page(webapps, 'a#b', 'deep');
  writeEchoApplication(join(webapps, 'echo'));
  writeFileSync(join(webapps, 'secret'), 'between us\n');
  const ajp = await freePort();
  const secret = join(webapps, 'secret');
  const words = ['--ajp', `127.0.0.1:${ajp}`, '--ajp-secret', secret, '--route', 'n1'];
  const { was, port } = await start(t, webapps, ...words);
  assert.match(was.stdout, /serves the applications in .*: \/ \/a\/b\/ \/echo\/\n/);
  assert.match(was.stdout, new RegExp(`ajp://127\\.0\\.0\\.1:${ajp}\n`));
  assert.equal((await get(port)).body, 'root');
  assert.equal((await get(port, '/a/b/')).body, 'deep');
  assert.equal((await get(port, '/echo/visits')).body, '1 one');
  const asked = {
    method: 'GET',
    protocol: 'HTTP/1.1',
    uri: '/echo/visits',
    remoteAddress: '192.0.2.1',
    remoteHost: null,
    serverName: 'x.test',
    serverPort: 80,
    secure: false,
    fields: Fields.of(['Host', 'x.test']),
    attributes: { secret: 'between us' },
    keySize: 0,
    named: [],
  };
  const client = new AjpClient(ajp, 8192);
  t.after(() => client.close());
  const answer = await client.ask(asked);
  assert.equal(answer.body.toString(), '1 one');
  assert.match(
    answer.fields.getByName('Set-Cookie') ?? '',
    /^JSESSIONID=[0-9A-F]{32}\.n1; Path=\/echo;/,
  );
  const stranger = new AjpClient(ajp, 8192);
  t.after(() => stranger.close());
  assert.equal((await stranger.ask({ ...asked, attributes: { secret: 'guessed' } })).status, 403);
  was.signal('SIGTERM');
  assert.equal(await was.over(), 0);
  assert.ok(await refuses(port));
});

test('what an application says is to be seen', async (t) => {
  const webapps = temporaryDirectory();
  page(webapps, 'a/WEB-INF/classes', '');
  writeFileSync(
    join(webapps, 'a/WEB-INF/classes/A.mjs'),
    `import { HttpServlet } from 'daemun/servlet';
     export default class A extends HttpServlet {
       init(config) { config.getServletContext().log('is ready'); }
     }`,
  );
  writeFileSync(
    join(webapps, 'a/WEB-INF/web.xml'),
    `<web-app><servlet><servlet-name>a</servlet-name><servlet-class>A</servlet-class>
     <load-on-startup>1</load-on-startup></servlet></web-app>`,
  );
  const { was } = await start(t, webapps);
  await eventually('its word', () => was.stderr.includes('[notice]'));
  assert.match(was.stderr, /application a: is ready\n/);
});

test('HUP starts what is there now; an application that cannot be started leaves the old ones serving', async (t) => {
  const webapps = temporaryDirectory();
  page(webapps, 'old', 'old');
  const { was, port } = await start(t, webapps);
  page(webapps, 'new', 'new');
  was.signal('SIGHUP');
  await was.says(/loaded again/);
  assert.equal((await get(port, '/new/')).body, 'new');
  page(webapps, 'bad/WEB-INF', '');
  writeFileSync(join(webapps, 'bad/WEB-INF/web.xml'), '<web-app>\n  <listener/>\n</web-app>');
  was.signal('SIGHUP');
  await eventually('the refusal', () => was.stderr.includes('1 problem'));
  assert.match(was.complaint, /bad\/WEB-INF\/web\.xml:2:3: <listener>/);
  assert.equal((await get(port, '/new/')).body, 'new');
  assert.equal((await get(port, '/bad/')).status, 404);
});

test('a directory that holds no application, and words that mean nothing, are told', async (t) => {
  const webapps = temporaryDirectory();
  const said = async (...words: readonly string[]): Promise<string> => {
    const was = new CliProcess(t, ['was', ...words], webapps);
    assert.equal(await was.over(), 1);
    return was.complaint;
  };
  assert.match(await said('--webapps', 'none'), /--webapps: There is no none\. Name a directory/);
  assert.match(
    await said('--webapps', '.'),
    /There is no folder of an application in \/.*\. Put one/,
  );
  writeFileSync(join(webapps, 'shop.war'), '');
  assert.match(await said('--webapps', '.'), /Unpack shop\.war/);
  page(webapps, 'shop##2', '');
  assert.match(await said('--webapps', '.'), /shop##2 names a version/);
  const other = join(webapps, 'other');
  page(other, 'a', '');
  const where = ['--webapps', other];
  assert.match(await said(...where, '--http', 'nowhere'), /--http or --ajp/);
  assert.match(await said(...where, '--route', 'a b'), /--route: "a b" cannot stand/);
  const secret = ['--ajp', '8009', '--ajp-secret'];
  assert.match(await said(...where, ...secret, 'none'), /--ajp-secret: There is no none/);
  writeFileSync(join(webapps, 'empty'), ' \n');
  assert.match(await said(...where, ...secret, 'empty'), /empty is empty/);
});
