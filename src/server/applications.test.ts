import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { MemorySite } from '../../test/support/memory-site.ts';
import { eventually } from '../../test/support/eventually.ts';
import { ManualClock } from '../base/index.ts';
import { ApplicationSet } from './applications.ts';

const SERVLET = `export default class {
  init(config) { config.getServletContext().log('begins'); }
  service(request, response) { response.getWriter().print(request.getContextPath() + '!'); }
  destroy() {}
}`;
const DESCRIPTOR = `<web-app>
  <servlet><servlet-name>a</servlet-name><servlet-class>A</servlet-class><load-on-startup>1</load-on-startup></servlet>
  <servlet-mapping><servlet-name>a</servlet-name><url-pattern>/a*</url-pattern><url-pattern>/a</url-pattern></servlet-mapping>
</web-app>`;

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'daemun-test-app-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

function ports(log: string[] = []) {
  return {
    clock: new ManualClock(1),
    serverName: 'Daemun',
    log: (message: string, isError: boolean) => void log.push(`${isError} ${message}`),
  };
}

test('an application answers below the prefix of its route, on every host that leads to it', async (t) => {
  const root = folder(t, { 'WEB-INF/web.xml': DESCRIPTOR, 'WEB-INF/classes/A.mjs': SERVLET });
  const log: string[] = [];
  const set = new ApplicationSet({ shop: { root, route: undefined } });
  const handler = set.handler('shop', '/shop', 'a.example');
  assert.equal(set.handler('shop', '/shop', 'b.example'), handler);
  assert.deepEqual(await set.start(ports(log)), []);
  assert.match(log[0] ?? '', /^false application shop: .*web\.xml:3:.*\/a\*.*matched as it stands/);
  assert.equal(log[1], 'false application shop: begins');
  const site = new MemorySite({ localhost: { '/shop/*': { handlers: [handler] } } });
  const exchange = site.ask({ target: '/shop/a' });
  await eventually('an answer', () => exchange.ended);
  assert.equal(exchange.text, '/shop!');
  await set.stop();
});

test('routes that would give an application two context paths are refused', () => {
  const set = new ApplicationSet({ shop: { root: '/a', route: undefined } });
  set.handler('shop', '', 'a');
  assert.throws(() => set.handler('shop', '/shop', 'a'), /by \/ and by \/shop/);
});

test('an application without a descriptor serves its files', async (t) => {
  const root = folder(t, { 'index.html': 'files' });
  const set = new ApplicationSet({ a: { root, route: undefined } });
  const handler = set.handler('a', '', 'a');
  assert.deepEqual(await set.start(ports()), []);
  const site = new MemorySite({ localhost: { '/*': { handlers: [handler] } } });
  const exchange = site.ask({ target: '/' });
  await eventually('an answer', () => exchange.ended);
  assert.equal(exchange.text, 'files');
  await set.stop();
});

test('everything that is wrong with applications is told, and nothing of them stays', async (t) => {
  const good = folder(t, { 'index.html': '' });
  const wrong = folder(t, {
    'WEB-INF/web.xml': '<web-app>\n<listener/><servlet-maping/></web-app>',
  });
  const throws = folder(t, {
    'WEB-INF/web.xml': DESCRIPTOR,
    'WEB-INF/classes/A.mjs': 'throw new Error("at load")',
  });
  const missing = folder(t, { 'WEB-INF/web.xml': DESCRIPTOR });
  const models = Object.fromEntries(
    Object.entries({ good, wrong, throws, missing }).map(([name, root]) => [
      name,
      { root, route: undefined },
    ]),
  );
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('daemun-app-'));
  const set = new ApplicationSet(models);
  for (const name of Object.keys(models)) set.handler(name, `/${name}`, 'a');
  const faults = await set.start(ports());
  const told = faults.map(({ path, message }) => `${path.join('.')}: ${message}`);
  assert.equal(told.length, 4, told.join('\n'));
  assert.match(told[0] ?? '', /^apps\.wrong: .*web\.xml:2:1: <listener>: /);
  assert.match(told[1] ?? '', /^apps\.wrong: .*web\.xml:2:12: <servlet-maping>: /);
  assert.match(told[2] ?? '', /^apps\.throws: .*Error: at load, at file:.*A\.mjs:1:7$/);
  assert.match(told[3] ?? '', /^apps\.missing: Servlet a: There is no class A$/);
  const after = readdirSync(tmpdir()).filter((name) => name.startsWith('daemun-app-'));
  assert.deepEqual(after, before);
  // What only looks, and runs nothing, finds all but what running finds.
  assert.equal(set.check().length, 3);
});
