import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { get } from '../support/cli-process.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';
import { ServedConfig } from '../support/served-config.ts';

const HOME = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(HOME, path), 'utf8');

/** The instructions of the Containerfile, comments left out, in order. */
const INSTRUCTIONS = read('packaging/container/Containerfile')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [name = '', ...rest] = line.split(' ');
    return { name, value: rest.join(' ') };
  });

/** What the last of an instruction says. */
function last(name: string): string {
  return INSTRUCTIONS.findLast((each) => each.name === name)?.value ?? '';
}

function words(list: string): readonly string[] {
  return JSON.parse(list.slice(list.indexOf('['))) as readonly string[];
}

test('both stages begin with the same exact version of the official Node image, the one of this checkout', () => {
  const images = INSTRUCTIONS.filter(({ name }) => name === 'FROM').map(
    ({ value }) => value.split(' ')[0],
  );
  const [image = ''] = images;
  assert.deepEqual(images, [image, image]);
  assert.match(image, /^docker\.io\/library\/node:[0-9]+\.[0-9]+\.[0-9]+-[a-z]+-slim$/);
  const runtime = JSON.parse(read('tools/node-runtime/package.json')) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  const [version] = Object.values(runtime.optionalDependencies);
  assert.ok(image.includes(`:${version}-`), `${image} is not ${version}`);
});

test('every command is a list of words, so that signals reach the server and not a shell', () => {
  const commands = INSTRUCTIONS.filter(({ name }) =>
    ['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK'].includes(name),
  );
  assert.ok(commands.length > 5);
  for (const { value } of commands) assert.ok(words(value).length > 0);
  assert.equal(last('STOPSIGNAL'), 'SIGQUIT');
});

test('the image serves as an ordinary user, and what it starts is in the package', () => {
  const user = INSTRUCTIONS.findIndex(({ name }) => name === 'USER');
  assert.equal(INSTRUCTIONS[user]?.value, 'node');
  assert.ok(INSTRUCTIONS.slice(user).every(({ name }) => name !== 'RUN' && name !== 'COPY'));
  const [node, launcher = ''] = words(last('ENTRYPOINT'));
  assert.equal(node, 'node');
  assert.ok(existsSync(join(HOME, launcher.replace('/opt/daemun/node_modules/daemun/', ''))));
  const config = words(last('CMD'))[1] ?? '';
  assert.ok(
    INSTRUCTIONS.some(
      ({ name, value }) =>
        name === 'COPY' && value === `packaging/container/daemun.config.json ${config}`,
    ),
  );
});

test('nothing but what the build needs goes to the engine, and all that it copies does', () => {
  const lines = read('.dockerignore').split('\n');
  assert.ok(lines.indexOf('*') < lines.findIndex((line) => line.startsWith('!')));
  const kept = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const own = INSTRUCTIONS.filter(
    ({ name, value }) => name === 'COPY' && !value.startsWith('--from') && value !== '. .',
  ).map(({ value }) => value.split(' ')[0] ?? '');
  assert.ok(own.length > 0);
  const { files } = JSON.parse(read('package.json')) as { readonly files: readonly string[] };
  for (const path of [...own, ...files.filter((each) => each !== 'dist')]) {
    assert.ok(existsSync(join(HOME, path)), path);
    const [top = ''] = path.split('/');
    assert.ok(kept.includes(top) || (kept.includes('*.md') && top.endsWith('.md')), path);
  }
});

test('the configuration of the image serves, and its health check tells whether it does', async (t) => {
  const [port, directory] = [await freePort(), temporaryDirectory()];
  const www = join(directory, 'www');
  mkdirSync(www);
  writeFileSync(join(www, 'index.html'), 'here');
  const text = read('packaging/container/daemun.config.json');
  assert.match(text, /"listen": \[8080\]/);
  const config = JSON.parse(
    text.replace('[8080]', `["127.0.0.1:${port}"]`).replace('/srv/www', www),
  ) as object;
  const server = await ServedConfig.start(config, {}, directory);
  t.after(async () => {
    await server.stop();
    server.remove();
  });
  assert.deepEqual(await get(port), { status: 200, body: 'here' });
  const [program, ...rest] = words(last('HEALTHCHECK'));
  assert.equal(program, 'node');
  const check = (): Promise<unknown> =>
    new Promise((done) => {
      const asked = rest.map((word) => word.replace(':8080/', `:${port}/`));
      spawn(process.execPath, asked, { stdio: 'inherit' }).on('exit', done);
    });
  assert.equal(await check(), 0);
  assert.equal(await server.stop(), 0);
  assert.equal(await check(), 1);
});
