import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CliProcess, get, refuses } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';

function folder(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const directory = mkdtempSync(join(tmpdir(), 'daemun-cli-'));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

/** Listens on a port of the loopback address, and stops with the test; null where somebody else does already. */
function occupy(t: TestContext, port: number): Promise<number | null> {
  return new Promise((done) => {
    const server: Server = createServer((socket) => socket.destroy());
    server.on('error', () => {
      done(null);
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      done(address === null || typeof address === 'string' ? null : address.port);
    });
    t.after(() => {
      if (server.listening) server.close();
    });
  });
}

function answering(body: string, listen: readonly (string | number)[], more: object = {}): string {
  return JSON.stringify({
    threads: 1,
    ...more,
    sites: { '*': { listen, routes: { '/': { respond: 200, body } } } },
  });
}

const HELP: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /^Daemun: web server[^]*Commands:\n {2}serve[^]*run[^]*check[^]*demo/],
  [['--help'], /^Daemun: web server/],
  [['serve', '--help'], /^Usage: daemun serve[^]*--listen[^]*--threads/],
  [['help', 'run'], /^Usage: daemun run[^]*HUP[^]*USR1[^]*QUIT[^]*TERM/],
  [['check', '-h'], /^Usage: daemun check/],
  [['demo', '-h'], /^Usage: daemun demo/],
  [['--version'], /^daemun [0-9]+\.[0-9]+\.[0-9]+[^ ]* \(Node [0-9.]+\)\n$/],
];
test('help and version are results: standard output and status 0', async (t) => {
  const directory = folder(t);
  await Promise.all(
    HELP.map(async ([words, text]) => {
      const command = new CliProcess(t, words, directory);
      assert.equal(await command.over(), 0);
      assert.match(command.stdout, text);
      assert.equal(command.stderr, '');
      for (const line of command.stdout.split('\n')) assert.ok(line.length <= 90, line);
    }),
  );
});

const MISUSES: readonly (readonly [readonly string[], string])[] = [
  [['sreve'], 'daemun: There is no command "sreve". Did you mean "daemun serve"?\n'],
  [['./public'], 'daemun: There is no command "./public". See "daemun --help".\n'],
  [['--verson'], 'daemun: There is no option "--verson". Did you mean "daemun --version"?\n'],
  [['help', 'rum'], 'daemun: There is no command "rum". Did you mean "daemun run"?\n'],
  [
    ['run', 'a', 'b'],
    'daemun: "b" is one word too many for "daemun run". See "daemun run --help".\n',
  ],
  [
    ['run', '--liste', '1'],
    'daemun: "daemun run" has no option --liste. See "daemun run --help".\n',
  ],
  [
    ['serve', '--liste', '1'],
    'daemun: "daemun serve" has no option --liste. Did you mean --listen?\n',
  ],
  [['serve', '--listen'], 'daemun: --listen needs a value. See "daemun serve --help".\n'],
  [['serve', '--listen', '1', '--listen', '2'], 'daemun: --listen is given twice. Give it once.\n'],
  [
    ['serve', '--threads', '0'],
    'daemun: --threads is "0". Give a whole number from 1, or auto for one thread a processor core.\n',
  ],
];
test('a command line that means nothing gets one sentence on standard error, and status 2', async (t) => {
  const directory = folder(t);
  await Promise.all(
    MISUSES.map(async ([words, sentence]) => {
      const command = new CliProcess(t, words, directory);
      assert.equal(await command.over(), 2);
      assert.equal(command.stderr, sentence);
      assert.equal(command.stdout, '');
    }),
  );
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const)
  test(`serve prints its address, serves the directory, and ends with status 0 on ${signal}`, async (t) => {
    const directory = folder(t, { 'index.html': '<p>here', '.secret': 'no' });
    const command = new CliProcess(t, ['serve', '.', '--listen', '127.0.0.1:0'], directory);
    const port = await command.port();
    assert.ok(command.stdout.includes(` serves ${realpathSync(directory)}\n`), command.stdout);
    assert.deepEqual(await get(port), { status: 200, body: '<p>here' });
    assert.equal((await get(port, '/none')).status, 404);
    assert.notEqual((await get(port, '/.secret')).status, 200);
    command.signal(signal);
    assert.equal(await command.over(), 0);
    // What was not served, by whichever thread, and nothing else.
    const lines = command.stderr.split('\n').slice(0, -1);
    assert.deepEqual(
      lines
        .map((line) => /\[error\] .* "GET (\S+) .*, request_id: /.exec(line)?.[1] ?? line)
        .toSorted(),
      ['/.secret', '/none'],
      command.stderr,
    );
    assert.ok(await refuses(port));
  });

test('serve takes the next free port where 8080 is taken, and says so', async (t) => {
  const directory = folder(t, { 'index.html': 'next' });
  // Where this fails, another program has it: that is as good.
  await occupy(t, 8080);
  for (const threads of ['1', '2']) {
    const command = new CliProcess(t, ['serve', '--threads', threads], directory);
    // oxlint-disable-next-line no-await-in-loop -- one after the other, or they would take each other's ports
    const port = await command.port();
    assert.ok(port > 8080 && port <= 8180, `port ${port}`);
    assert.match(command.stdout, /\(8080 is taken\)/);
    assert.equal((await get(port)).body, 'next');
    assert.equal(command.stderr, '');
  }
});

test('serve says that an address is open to everybody, and of its own does not open such', async (t) => {
  const directory = folder(t, { 'index.html': 'open' });
  for (const [words, isOpen] of [
    [['--listen', '0'], true],
    [['--listen', '127.0.0.1:0'], false],
    [[], false],
  ] as const) {
    const command = new CliProcess(t, ['serve', ...words, '--threads', '1'], directory);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await command.says(/Ctrl-C/);
    assert.equal(command.stdout.includes('/ (open on every network interface)'), isOpen);
  }
});

test('serve says what is wrong in the words of its command line', async (t) => {
  const directory = folder(t, { 'file.txt': '' });
  const cases = [
    [['none'], 1, /serve \[dir\]: There is no directory .*none → Name a directory/],
    [['file.txt'], 1, /serve \[dir\]: .*file\.txt/],
    [['--listen', '70000'], 2, /--listen: .*70000/],
    [['--listen', 'a b'], 2, /--listen: .*a b/],
    [['--listen', '192.0.2.1:80'], 1, /--listen: No network interface/],
    [['--threads', '1025'], 2, /--threads: 1025 is out of range → Write a value from 1 to 1024/],
    [['--threads', '10000'], 2, /--threads: 10000 is out of range → Write a value from 1 to 1024/],
  ] as const;
  await Promise.all(
    cases.map(async ([words, status, complaint]) => {
      const command = new CliProcess(t, ['serve', ...words], directory);
      assert.equal(await command.over(), status, words.join(' '));
      assert.match(command.complaint, complaint);
      assert.equal(command.stdout, '');
    }),
  );
});

const DOWNLOAD = 64 * 1024 * 1024;

/** Begins to download a file that no socket buffer can hold, and reads its head alone. */
async function beginDownload(
  t: TestContext,
): Promise<{ readonly command: CliProcess; readonly client: Socket; readonly port: number }> {
  const directory = folder(t, { 'big.bin': '' });
  truncateSync(join(directory, 'big.bin'), DOWNLOAD);
  const command = new CliProcess(t, ['serve', '.', '--listen', '127.0.0.1:0'], directory);
  const port = await command.port();
  const client = connect(port, '127.0.0.1');
  t.after(() => client.destroy());
  client.write('GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => client.once('readable', resolve));
  return { command, client, port };
}

test('QUIT lets a slow download finish, and takes no new connection meanwhile', async (t) => {
  const { command, client, port } = await beginDownload(t);
  command.signal('SIGQUIT');
  let refused = false;
  await eventually('the end of listening', () => {
    void refuses(port).then((answer) => (refused ||= answer));
    return refused;
  });
  assert.equal(command.status, undefined);
  let received = 0;
  let ended = false;
  client.on('data', (chunk: Buffer) => (received += chunk.length));
  client.on('end', () => (ended = true));
  await eventually('the end of the download', () => ended);
  assert.ok(received > DOWNLOAD, `${received} bytes`);
  client.destroy();
  assert.equal(await command.over(), 0);
});

test('who does not want to wait for QUIT any longer sends TERM', async (t) => {
  const { command, port } = await beginDownload(t);
  command.signal('SIGQUIT');
  let refused = false;
  await eventually('the end of listening', () => {
    void refuses(port).then((answer) => (refused ||= answer));
    return refused;
  });
  assert.equal(command.status, undefined);
  command.signal('SIGTERM');
  assert.equal(await command.over(), 0);
});

test('run finds daemun.config.json by itself, and says what to do where there is none', async (t) => {
  const directory = folder(t);
  for (const name of ['run', 'check']) {
    const command = new CliProcess(t, [name], directory);
    // oxlint-disable-next-line no-await-in-loop -- two
    assert.equal(await command.over(), 1);
    assert.match(
      command.stderr,
      /^There is no configuration file here\.\n.*daemun\.config\.ts.*serve/,
    );
    assert.ok(command.stderr.includes(`"daemun ${name} site.json"`), command.stderr);
    assert.equal(command.stdout, '');
  }
  writeFileSync(join(directory, 'daemun.config.json'), answering('found', ['127.0.0.1:0']));
  const found = new CliProcess(t, ['run'], directory);
  assert.equal((await get(await found.port())).body, 'found');
});

test('check shows the path of the file alike, whoever named it, and where it lies', async (t) => {
  const directory = folder(t, { 'daemun.config.json': answering('', ['127.0.0.1:0']) });
  const file = join(realpathSync(directory), 'daemun.config.json');
  const shown = await Promise.all(
    (
      [
        [['check'], directory],
        [['check', './daemun.config.json'], directory],
        [['check', file], directory],
        [['check', file], import.meta.dirname],
      ] as const
    ).map(async ([words, place]) => {
      const command = new CliProcess(t, words, place);
      assert.equal(await command.over(), 0);
      return command.stdout.split(' is fine', 1)[0];
    }),
  );
  const short = 'daemun.config.json';
  assert.deepEqual(shown, [short, short, short, file]);
});

test('check tells sites, addresses, defaults and routes in their order, and opens nothing', async (t) => {
  const directory = folder(t);
  const socket = join(directory, 'x.sock');
  const routes = { '/': { respond: 200 }, '/a/*': { respond: 200 }, '*.php': { respond: 200 } };
  const sites = {
    'a.test': { listen: [`unix:${socket}`], routes },
    '*': { listen: [`unix:${socket}`, '127.0.0.1:0'], routes },
  };
  writeFileSync(join(directory, 'good.json'), JSON.stringify({ sites }));
  const command = new CliProcess(t, ['check', 'good.json'], directory);
  assert.equal(await command.over(), 0);
  assert.equal(command.stderr, '');
  assert.match(command.stdout, /^good\.json is fine\.\n/);
  assert.match(command.stdout, /\na\.test\n {2}listens on unix:[^ ]+x\.sock\n/);
  assert.match(command.stdout, /\n\*\n.*x\.sock \(default\), 127\.0\.0\.1:0 \(default\)\n/);
  assert.match(command.stdout, /\n {4}\/a\/\*\n {4}\*\.php\n {4}\/\n/);
  assert.equal(existsSync(socket), false);
});

test('an unknown variable is told by check and by run, with its place', async (t) => {
  const sites = { '*': { listen: ['127.0.0.1:0'], routes: { '/x': { redirect: '/$nothing' } } } };
  const directory = folder(t, { 'bad.json': JSON.stringify({ threads: 1, sites }) });
  for (const name of ['run', 'check']) {
    const command = new CliProcess(t, [name, 'bad.json'], directory);
    // oxlint-disable-next-line no-await-in-loop -- two
    assert.equal(await command.over(), 1);
    assert.match(
      command.complaint,
      /bad\.json:1:[0-9]+ sites\["\*"\]\.routes\["\/x"\]\.redirect: .*nothing/,
    );
    assert.equal(command.stdout, '');
  }
});

for (const threads of [1, 2]) {
  test(`a port in use is told with its cure (${threads} threads)`, async (t) => {
    const port = await occupy(t, 0);
    const config = answering('mine', [`127.0.0.1:${port}`], { threads });
    const directory = folder(t, { 'c.json': config });
    const command = new CliProcess(t, ['run', 'c.json'], directory);
    assert.equal(await command.over(), 1);
    assert.match(
      command.complaint,
      /c\.json:1:[0-9]+ sites\["\*"\]\.listen\[0\]: Another program listens on this address: .* → .*ss -ltnp/,
    );
    assert.match(command.complaint, new RegExp(`address: 127.0.0.1:${port} `));
    assert.equal(command.stdout, '');
  });

  test(`two servers do not share a port without a word (${threads} threads)`, async (t) => {
    const free = folder(t, { 'c.json': answering('first', ['127.0.0.1:0'], { threads }) });
    const first = new CliProcess(t, ['run', 'c.json'], free);
    const port = await first.port();
    const config = answering('second', [`127.0.0.1:${port}`], { threads });
    const second = new CliProcess(t, ['run', 'c.json'], folder(t, { 'c.json': config }));
    assert.equal(await second.over(), 1);
    assert.match(second.complaint, /Another program listens/);
    assert.equal((await get(port)).body, 'first');
  });

  test(`a unix socket is served, goes with the server, and is taken over from a dead one (${threads} threads)`, async (t) => {
    const directory = folder(t);
    const socket = join(directory, 'x.sock');
    writeFileSync(join(directory, 'c.json'), answering('unix', [`unix:${socket}`], { threads }));
    const killed = new CliProcess(t, ['run', 'c.json'], directory);
    await killed.says(/Ctrl-C/);
    assert.equal((await get(socket)).body, 'unix');
    killed.signal('SIGKILL');
    assert.equal(await killed.over(), 'SIGKILL');
    assert.ok(existsSync(socket), 'a killed server leaves its socket');
    const next = new CliProcess(t, ['run', 'c.json'], directory);
    await next.says(/Ctrl-C/);
    assert.equal((await get(socket)).body, 'unix');
    const third = new CliProcess(t, ['run', 'c.json'], directory);
    assert.equal(await third.over(), 1);
    assert.match(third.complaint, /Another program listens on this socket/);
    assert.equal((await get(socket)).body, 'unix', 'a socket in use is left alone');
    next.signal('SIGTERM');
    assert.equal(await next.over(), 0);
    assert.equal(existsSync(socket), false);
  });
}

test('a file that is no socket is not removed for one, and a missing directory is told', async (t) => {
  const directory = folder(t, { 'x.sock': 'mine' });
  const socket = join(directory, 'x.sock');
  writeFileSync(join(directory, 'c.json'), answering('', [`unix:${socket}`]));
  const command = new CliProcess(t, ['run', 'c.json'], directory);
  assert.equal(await command.over(), 1);
  assert.match(command.complaint, /the path is no socket/);
  assert.ok(existsSync(socket));
  writeFileSync(join(directory, 'd.json'), answering('', [`unix:${directory}/none/x.sock`]));
  const other = new CliProcess(t, ['run', 'd.json'], directory);
  assert.equal(await other.over(), 1);
  assert.match(other.complaint, /directory of the socket does not exist/);
});
