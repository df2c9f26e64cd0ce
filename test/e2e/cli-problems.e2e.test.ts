// One configuration with everything wrong that can be, as a person writes it, in each of the three notations.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CliProcess, get, refuses } from '../support/cli-process.ts';

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'daemun-problems-'));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

/** A port of 127.0.0.1 that this test has, or that nobody has. */
function port(t: TestContext, use: 'taken' | 'free'): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer((socket) => socket.destroy());
    server.on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const found = address === null || typeof address === 'string' ? 0 : address.port;
      if (use === 'taken') {
        t.after(() => server.close());
        done(found);
      } else {
        server.close(() => {
          done(found);
        });
      }
    });
  });
}

const JSON_TEXT = `{
  "threads": 1,
  "upstreams": { "shop": { "servers": ["http://127.0.0.1:9001"] } },
  "limits": {
    "headTimeout": "5x",
    "headLimit": "-1KiB"
  },
  "surprise": true,
  "logs": { "access": "access.log", "error": "error.log" },
  "sites": {
    "a.test": {
      "listen": [{ "address": "127.0.0.1:FREE", "default": true }, "unix:DIR/x.sock"],
      "headers": { "set": { "X-A": "$nosuch" } },
      "routes": {
        "/": { "files": "./missing" },
        "/b/*": { "proxy": "shpo" }
      }
    },
    "b.test": {
      "listen": [
        { "address": "127.0.0.1:FREE", "default": true },
        "127.0.0.1:TAKEN",
        { "address": "127.0.0.1:SECURE", "tls": { "certificate": "none.pem", "key": "none.key" } }
      ],
      "routes": { "/": { "respond": 200 } }
    }
  }
}
`;
// The same lines: YAML takes JSON, and TypeScript takes it as an expression.
const FILES: Readonly<Record<string, string>> = {
  'wrong.json': JSON_TEXT,
  'wrong.yaml': `# the same\n${JSON_TEXT}`,
  'wrong.ts': `import { defineConfig } from 'daemun'\nexport default defineConfig(${JSON_TEXT.replace(
    /"sites": (\{[^]*\})\n\}\n/,
    '"sites": () => ($1)}',
  )} as never)`,
};

/** Line in JSON, object, message, cure. */
const PROBLEMS: readonly (readonly [number, string, RegExp, RegExp])[] = [
  [5, 'limits.headTimeout', /got "5x"/, /its unit/],
  [6, 'limits.headLimit', /got "-1KiB"/, /not negative/],
  [8, 'surprise', /Unknown key/, /Known keys are threads/],
  [13, 'sites["a.test"].headers.set["X-A"]', /no variable \$nosuch/, /./],
  [15, 'sites["a.test"].routes["/"].files', /no directory .*missing/, /Create the directory/],
  [16, 'sites["a.test"].routes["/b/*"].proxy', /no upstream "shpo"/, /Did you mean "shop"\?/],
  [21, 'sites["b.test"].listen[0].default', /Two sites are the default/, /Let one of them/],
  [22, 'sites["b.test"].listen[1]', /Another program listens on .*TAKEN/, /ss -ltnp/],
  [23, 'sites["b.test"].listen[2].tls.certificate', /no file .*none\.pem/, /Create the file/],
  [23, 'sites["b.test"].listen[2].tls.key', /no file .*none\.key/, /Create the file/],
];
const LATER: Readonly<Record<string, number>> = { 'wrong.json': 0, 'wrong.yaml': 1, 'wrong.ts': 1 };

for (const name of Object.keys(FILES))
  for (const command of ['run', 'check'])
    test(`${command} ${name} tells every kind of problem at once, each with its place and cure, and starts nothing`, async (t) => {
      const [taken, free, secure] = await Promise.all([
        port(t, 'taken'),
        port(t, 'free'),
        port(t, 'free'),
      ]);
      const directory = folder(t, {});
      const text = (FILES[name] ?? '')
        .replaceAll('FREE', String(free))
        .replaceAll('TAKEN', String(taken))
        .replaceAll('SECURE', String(secure))
        .replaceAll('DIR', directory);
      writeFileSync(join(directory, name), text);
      const process = new CliProcess(t, [command, name], directory);
      assert.equal(await process.over(), 1);
      assert.equal(process.stdout, '');
      const told = process.stderr.split('\n\n').map((each) => each.replaceAll(/\n\s+/g, ' '));
      const counted = told.pop();
      const later = LATER[name] ?? 0;
      assert.deepEqual(
        told.map((each) => each.replace(/^([^ ]+):[0-9]+ (\S+): .*/, '$1 $2')),
        PROBLEMS.map(([line, object]) => `${name}:${line + later} ${object}`),
        process.stderr,
      );
      for (const [index, [, object, message, cure]] of PROBLEMS.entries()) {
        const [what = '', helps = ''] = told[index]?.split(' → ') ?? [];
        assert.match(what.replace(`:${taken}`, ':TAKEN'), message);
        assert.match(helps, cure);
        const isNote = command === 'check' && object === 'sites["b.test"].listen[1]';
        assert.equal(what.includes(': Note: '), isNote, what);
      }
      assert.equal(counted, command === 'run' ? '10 problems\n' : '9 problems and 1 note\n');
      assert.deepEqual(readdirSync(directory), [name], 'no log and no socket was made');
      assert.ok(await refuses(free));
    });

test('what depends on the machine of the moment is a note for check, and keeps run from starting', async (t) => {
  const taken = await port(t, 'taken');
  const listen = [`127.0.0.1:${taken}`, '192.0.2.1:80', 'unix:/no-such-directory/x.sock'];
  const sites = { '*': { listen, routes: { '/': { respond: 200 } } } };
  const directory = folder(t, { 'c.json': JSON.stringify({ threads: 1, sites }) });
  const check = new CliProcess(t, ['check', 'c.json'], directory);
  assert.equal(await check.over(), 0);
  assert.match(check.stdout, /^c\.json is fine\.\n/);
  assert.match(check.complaint, /listen\[0\]: Note: Another .* All is well if it is the server/);
  assert.match(check.complaint, /listen\[1\]: Note: No network interface .* 192\.0\.2\.1:80/);
  assert.match(check.complaint, /listen\[2\]: Note: The directory of the socket does not exist/);
  assert.match(check.stderr, /\n3 notes\n$/);
  const run = new CliProcess(t, ['run', 'c.json'], directory);
  assert.equal(await run.over(), 1);
  assert.match(run.complaint, /listen\[0\]: Another program .*c\.json:1:.*listen\[1\]: No network/);
  assert.match(run.stderr, /\n3 problems\n$/);
  assert.equal(run.stdout, '');
});

test('logs that cannot be opened are told with a port in use by run, check and HUP, once a file, where they are written', async (t) => {
  const taken = await port(t, 'taken');
  const directory = folder(t, { 'plain.txt': '' });
  symlinkSync('nowhere/error.log', join(directory, 'error.log'));
  const site = { listen: ['127.0.0.1:0'], routes: { '/': { respond: 200 } } };
  const wrong = {
    threads: 1,
    logs: { access: 'none/access.log', error: { path: 'error.log' } },
    sites: {
      'a.test': { ...site, accessLog: 'plain.txt/a.log', errorLog: 'none/access.log' },
      'b.test': { ...site, listen: [`127.0.0.1:${taken}`], errorLog: './error.log' },
    },
  };
  const written = (config: object): void => {
    writeFileSync(join(directory, 'c.json'), JSON.stringify(config, null, 1));
  };
  const told = (said: string): readonly string[] =>
    [...said.matchAll(/c\.json:([0-9]+):[0-9]+ (\S+): (.*?) → /g)].map(
      ([, line, object, what]) => `${line} ${object} ${what?.replaceAll(`${directory}/`, '')}`,
    );
  const logs = [
    '4 logs.access There is no directory none for the log',
    '6 logs.error.path The log error.log is a link into a directory that does not exist',
    '19 sites["a.test"].accessLog plain.txt, in which the log is to stand, is not a directory',
  ];
  const address = `24 sites["b.test"].listen[0] Another program listens on this address: 127.0.0.1:${taken}`;
  written(wrong);
  const before = readdirSync(directory);
  const run = new CliProcess(t, ['run', 'c.json'], directory);
  const check = new CliProcess(t, ['check', 'c.json'], directory);
  assert.deepEqual(await Promise.all([run.over(), check.over()]), [1, 1]);
  assert.deepEqual(told(run.complaint), [...logs, address]);
  assert.deepEqual(told(check.complaint), [...logs, address.replace('Another', 'Note: Another')]);
  assert.deepEqual(readdirSync(directory), before, 'no log was made');

  written({ threads: 1, logs: { access: 'off', error: 'fine.log' }, sites: { '*': site } });
  const served = new CliProcess(t, ['run', 'c.json'], directory);
  await served.says(/Ctrl-C/);
  written(wrong);
  served.signal('SIGHUP');
  await served.complains(/4 problems/);
  assert.deepEqual(told(served.complaint), [...logs, address]);
});

test('HUP tells a port in use and an unknown key together, and takes its own ports for granted', async (t) => {
  const [taken, mine] = await Promise.all([port(t, 'taken'), port(t, 'free')]);
  const directory = folder(t, {});
  const socket = join(directory, 'x.sock');
  const listen = [`127.0.0.1:${mine}`, '127.0.0.1:0', `unix:${socket}`];
  const written = (more: readonly string[], extra: object): void => {
    const site = { listen: [...listen, ...more], routes: { '/': { respond: 200 } } };
    writeFileSync(
      join(directory, 'c.json'),
      JSON.stringify({ threads: 1, sites: { '*': site }, ...extra }),
    );
  };
  written([], {});
  const run = new CliProcess(t, ['run', 'c.json'], directory);
  await run.says(/Ctrl-C/);
  written([`127.0.0.1:${taken}`], { surprise: 1 });
  run.signal('SIGHUP');
  await run.complains(/2 problems/);
  assert.match(
    run.complaint,
    /^The configuration was not changed: c\.json:1:[0-9]+ sites\["\*"\]\.listen\[3\]: Another program .* c\.json:1:[0-9]+ surprise: Unknown key/,
  );
  written([], { limits: {} });
  run.signal('SIGHUP');
  await run.says(/loaded again/);
});

test('HUP to another number of threads is served by that many, on the port of before', async (t) => {
  const directory = folder(t, {});
  const written = (threads: number, body: string): void => {
    const site = { listen: ['127.0.0.1:0'], routes: { '/': { respond: 200, body } } };
    writeFileSync(join(directory, 'c.json'), JSON.stringify({ threads, sites: { '*': site } }));
  };
  written(1, 'first');
  const run = new CliProcess(t, ['run', 'c.json'], directory);
  const served = await run.port();
  for (const [index, threads] of [3, 1, 2].entries()) {
    const body = `with ${threads}`;
    written(threads, body);
    run.signal('SIGHUP');
    // oxlint-disable no-await-in-loop -- one change after the other
    await run.says(new RegExp(`(?:loaded again[^]*){${index + 1}}`));
    for (let i = 0; i < 12; i++) assert.equal((await get(served)).body, body);
    // oxlint-enable no-await-in-loop
  }
  assert.equal(run.complaint, '');
});

test('serve tells a missing directory and a port in use together', async (t) => {
  const taken = await port(t, 'taken');
  const directory = folder(t, {});
  const serve = new CliProcess(t, ['serve', 'none', '--listen', `127.0.0.1:${taken}`], directory);
  assert.equal(await serve.over(), 1);
  assert.match(serve.complaint, /serve \[dir\]: There is no directory .*--listen: Another program/);
  assert.match(serve.stderr, /\n2 problems\n$/);
});

test('a directory in the place of a configuration is answered with the file in it, or what to do', async (t) => {
  const directory = folder(t, {});
  mkdirSync(join(directory, 'site'));
  writeFileSync(join(directory, 'site', 'daemun.config.yaml'), 'sites: {}');
  mkdirSync(join(directory, 'public'));
  for (const command of ['run', 'check']) {
    const found = new CliProcess(t, [command, 'site'], directory);
    const none = new CliProcess(t, [command, 'public'], directory);
    // oxlint-disable-next-line no-await-in-loop -- two
    assert.deepEqual(await Promise.all([found.over(), none.over()]), [1, 1]);
    assert.match(
      found.complaint,
      new RegExp(`"site" is a directory\\. .*"daemun ${command} site/daemun\\.config\\.yaml"`),
    );
    assert.match(none.complaint, /"public" is a directory without a configuration file\./);
    assert.match(none.complaint, /create public\/daemun\.config\.ts .*"daemun serve public"/);
    assert.equal(found.stdout + none.stdout, '');
  }
});

test('a directory or a configuration in the place of a command is answered with the command', async (t) => {
  const directory = folder(t, { 'c.json': '{}' });
  mkdirSync(join(directory, 'public'));
  const answers = await Promise.all(
    [['./public'], ['c.json'], ['-V']].map(async (words) => {
      const command = new CliProcess(t, words, directory);
      assert.equal(await command.over(), 2);
      return command.stderr;
    }),
  );
  assert.deepEqual(answers, [
    'daemun: There is no command "./public". To serve the directory: "daemun serve ./public".\n',
    'daemun: There is no command "c.json". To serve what the file says: "daemun run c.json".\n',
    'daemun: There is no option "-V". Did you mean "daemun --version"?\n',
  ]);
});
