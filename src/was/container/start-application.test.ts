import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { memoryWebapp } from '../../../test/support/memory-webapp.ts';
import { systemClock } from '../../base/index.ts';
import {
  GenericFilter,
  HttpServlet,
  type ServletConfig,
  TEMPDIR,
  type Work,
} from '../api/index.ts';
import { DEFAULT_WEB_APP, type ServletModel, type WebAppModel } from '../descriptor/index.ts';
import { type StartFault, startApplication } from './start-application.ts';

function servlet(name: string, given: Partial<ServletModel> = {}): ServletModel {
  return {
    name,
    className: name,
    initParams: new Map(),
    loadOnStartup: null,
    multipart: null,
    ...given,
  };
}

async function start(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  model: Partial<WebAppModel>,
): Promise<readonly StartFault[] | string> {
  const root = mkdtempSync(join(tmpdir(), 'daemun-classes-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const file = join(root, 'WEB-INF/classes', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const started = await startApplication(
    { ...DEFAULT_WEB_APP, ...model },
    { contextPath: '/app', virtualHost: 'a', serverInfo: 'x', root, route: null, temporary: root },
    { clock: systemClock, random: (size) => new Uint8Array(size), log: () => {} },
  );
  if (!('path' in started)) return started;
  await started.stop();
  return 'started';
}

const HELLO = `
  import { HttpServlet } from 'daemun/servlet';
  export default class Hello extends HttpServlet { service(): void {} }
`;

test('classes are found by their names, in TypeScript and JavaScript, with other modules beside them', async (t) => {
  const started = await start(
    t,
    {
      'com/example/Hello.ts': HELLO.replace('service(): void', 'service(_: unknown): void'),
      'com/example/Other.js': `import Hello from './Hello.ts'; export default class extends Hello {}`,
      'Plain.mjs': 'export default class { init() {} service() {} destroy() {} }',
    },
    {
      servlets: ['com.example.Hello', 'com.example.Other', 'Plain'].map((name) => servlet(name)),
    },
  );
  assert.equal(started, 'started');
});

test('everything that is wrong with the classes is told at once, with its cure', async (t) => {
  const faults = await start(
    t,
    {
      'Broken.ts': 'export default class { this is no class',
      'Throws.ts': 'throw new Error("at load");',
      'Nothing.ts': 'export const a = 1;',
      'NoServlet.ts': 'export default class {}',
      'Arrow.ts': 'export default () => {};',
    },
    {
      servlets: [
        'Broken',
        'Throws',
        'Nothing',
        'NoServlet',
        'Arrow',
        'Missing',
        '../../etc/passwd',
        'a..b',
        '',
      ].map((name) => servlet(name)),
      filters: [{ name: 'f', className: 'NoServlet', initParams: new Map() }],
    },
  );
  assert.ok(typeof faults !== 'string');
  const told = faults.map(({ message }) => message.replaceAll(tmpdir(), ''));
  assert.equal(faults.length, 10, told.join('\n'));
  assert.match(told[0] ?? '', /^Servlet Broken: .*Broken\.ts:1:[0-9]+: /);
  assert.match(told[1] ?? '', /Throws\.ts cannot be loaded/);
  assert.match(String(faults[1]?.error), /at load/);
  assert.match(told[2] ?? '', /exports no class by default/);
  assert.match(told[3] ?? '', /has no method service/);
  assert.match(told[4] ?? '', /Arrow\.ts exports no class by default/);
  assert.match(told[5] ?? '', /There is no class Missing/);
  assert.match(faults[5]?.cure ?? '', /WEB-INF\/classes\/Missing\.ts/);
  for (const fault of told.slice(6, 9)) assert.match(fault, /is no name of a class/);
  assert.match(told[9] ?? '', /^Filter f: .*no method doFilter/);
});

test('servlets are made once: at the start in their order where that is wanted, else at the first request', async (t) => {
  const made: string[] = [];
  const make = (name: string) =>
    class extends HttpServlet {
      override init(config: ServletConfig): Work {
        made.push(`${name} ${config.getServletName()} ${config.getInitParameter('a')}`);
        return super.init(config);
      }
      override service(): void {}
    };
  const { ask } = await memoryWebapp(t, {
    servlets: { '/late': make('late'), '/b': make('b'), '/a': make('a'), '/never': make('never') },
    settings: {
      '/a': { loadOnStartup: 0, initParams: new Map([['a', '1']]) },
      '/b': { loadOnStartup: 1 },
      '/never': { loadOnStartup: -1 },
    },
  });
  assert.deepEqual(made, ['a /a 1', 'b /b null']);
  await Promise.all([ask({ target: '/app/late' }), ask({ target: '/app/late' })]);
  await ask({ target: '/app/late' });
  assert.deepEqual(made.slice(2), ['late /late null']);
});

test('requests that come while a servlet is being made wait for it', async (t) => {
  let made = 0;
  const { ask } = await memoryWebapp(t, {
    servlets: {
      '/a': class extends HttpServlet {
        override async start(): Promise<void> {
          made++;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        override service(_: unknown, response: { setStatus(status: number): void }): void {
          response.setStatus(204);
        }
      },
    },
  });
  const answers = await Promise.all([1, 2, 3].map(() => ask({ target: '/app/a' })));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [204, 204, 204],
  );
  assert.equal(made, 1);
});

test('a servlet that cannot be made at the start is told, and made again at a request', async (t) => {
  let tries = 0;
  const { ask, log } = await memoryWebapp(t, {
    servlets: {
      '/a': class extends HttpServlet {
        override start(): void {
          if (++tries === 1) throw new Error('not yet');
        }
        override service(): void {}
      },
    },
    settings: { '/a': { loadOnStartup: 1 } },
  });
  assert.match(log.join(), /Servlet \/a cannot be started .*not yet/);
  assert.equal((await ask({ target: '/app/a' })).status, 200);
  assert.equal(tries, 2);
});

test('servlets and filters are ended when the last request is over, each though another fails', async (t) => {
  const ended: string[] = [];
  let go: () => void = () => {};
  const { begin, application, log } = await memoryWebapp(t, {
    servlets: {
      '/a': class extends HttpServlet {
        override service(): Work {
          return new Promise<void>((resolve) => (go = resolve));
        }
        override destroy(): void {
          ended.push('a');
          throw new Error('cannot end');
        }
      },
      '/b': class extends HttpServlet {
        override service(): void {}
        override destroy(): void {
          ended.push('never made, so never ended');
        }
      },
    },
    filters: {
      f: class extends GenericFilter {
        override doFilter(): void {}
        override destroy(): void {
          ended.push('f');
        }
      },
    },
  });
  begin({ target: '/app/a' });
  const stopping = application.stop();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(ended, []);
  go();
  await stopping;
  assert.deepEqual(ended, ['a', 'f']);
  assert.match(log.join(), /Servlet \/a failed in destroy .*cannot end/);
});

test('what the descriptor and the server say is told to servlets by their context', async (t) => {
  const { ask, log } = await memoryWebapp(t, {
    servlets: {
      '/a': async (request, response) => {
        const context = request.getServletContext();
        context.setAttribute('a', 1);
        context.setAttribute('b', null);
        context.log('said', new Error('with it'));
        const text = await context.getResource('/WEB-INF/a.txt');
        const facts = [
          context.getContextPath(),
          context.getServletContextName(),
          context.getInitParameter('p'),
          context.getInitParameter('none'),
          context.getInitParameterNames(),
          context.getAttributeNames(),
          existsSync(String(context.getAttribute(TEMPDIR))),
          context.getMimeType('/x/A.HTML'),
          context.getMimeType('a.own'),
          context.getMimeType('none'),
          context.getSessionTimeout(),
          context.getServerInfo(),
          context.getMajorVersion(),
          context.getMinorVersion(),
          context.getVirtualServerName(),
          await context.getResourcePaths('/WEB-INF'),
          await context.getResourcePaths('/none'),
          text === null ? null : Buffer.from(text).toString(),
          await context.getResource('/none'),
          context.getRealPath('/../outside'),
        ];
        response.getWriter().print(JSON.stringify(facts));
      },
    },
    files: { 'WEB-INF/a.txt': 'text', 'WEB-INF/d/b.txt': '' },
    model: {
      displayName: 'The app',
      contextParams: new Map([['p', 'v']]),
      mimeTypes: new Map([['own', 'x/own']]),
    },
  });
  assert.deepEqual(JSON.parse((await ask({ target: '/app/a' })).text), [
    '/app',
    'The app',
    'v',
    null,
    ['p'],
    ['jakarta.servlet.context.tempdir', 'a'],
    true,
    'text/html',
    'x/own',
    null,
    30,
    'Daemun/test',
    6,
    0,
    'localhost',
    ['/WEB-INF/a.txt', '/WEB-INF/d/'],
    null,
    'text',
    null,
    null,
  ]);
  assert.match(log.join(), /^said Error: with it \| at /);
});
