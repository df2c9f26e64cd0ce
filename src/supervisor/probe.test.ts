import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig, type LoadedConfig } from '../config/index.ts';
import { type Endpoint, endpointText, type Problem } from '../schema/index.ts';
import { addressProbe, type ProbeOptions } from './probe.ts';

const PLACE = { directory: '/', file: '/c.json', locate: () => ({ line: 4, column: 2 }) };

/** Which addresses are tried for a list of listens, and what comes of it; `refused` are codes by address. */
async function probed(
  listens: readonly (readonly unknown[])[],
  options: ProbeOptions = {},
  refused: Readonly<Record<string, string>> = {},
): Promise<{ readonly tried: readonly string[]; readonly loaded: LoadedConfig }> {
  const tried: string[] = [];
  const tryOne = (endpoint: Endpoint): Promise<{ code: string; message: string } | null> => {
    const key = endpointText(endpoint);
    tried.push(key);
    const code = refused[key];
    return Promise.resolve(code === undefined ? null : { code, message: 'what the system said' });
  };
  const routes = { '/': { respond: 204 } };
  const sites = Object.fromEntries(
    listens.map((listen, index) => [`s${index}.test`, { listen, routes }]),
  );
  const loaded = await checkConfig({ sites }, PLACE, {
    probe: addressProbe({ ...options, tryOne }),
  });
  return { tried, loaded };
}

const told = (problems: readonly Problem[] | undefined): readonly unknown[] =>
  (problems ?? []).map(({ object, code, line, isNote }) => [object, code, line, isNote]);

test('each address is tried once, whatever its spelling and however many sites share it', async () => {
  const { tried, loaded } = await probed([
    ['127.0.0.1:80', 'unix:/run/x'],
    [{ address: '127.0.0.1', port: 80 }, 'LocalHost:81'],
    ['localhost:81', 82],
  ]);
  assert.deepEqual(tried, ['127.0.0.1:80', 'unix:/run/x', 'localhost:81', '*:82']);
  assert.notEqual(loaded.model, undefined);
});

for (const code of ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EWHATEVER'])
  test(`${code} is a problem at the entry that first names the address, or a note`, async () => {
    const listens = [[80], ['127.0.0.1:81', 80]];
    const refused = { '*:80': code, '127.0.0.1:81': code };
    const { loaded } = await probed(listens, {}, refused);
    assert.equal(loaded.model, undefined);
    assert.deepEqual(told(loaded.problems), [
      ['sites["s0.test"].listen[0]', 'address', 4, undefined],
      ['sites["s1.test"].listen[0]', 'address', 4, undefined],
    ]);
    const noted = (await probed(listens, { asNotes: true }, refused)).loaded;
    assert.ok(noted.model !== undefined);
    assert.deepEqual(told(noted.notes), [
      ['sites["s0.test"].listen[0]', 'address', 4, true],
      ['sites["s1.test"].listen[0]', 'address', 4, true],
    ]);
    const isRunning = noted.notes[0]?.cure.startsWith('All is well if');
    assert.equal(isRunning, code === 'EADDRINUSE');
  });

test('addresses that this process has open, or that overlap them, are not tried', async () => {
  const own = [
    { key: '*:80', port: 80, protocol: 'http' as const, hosts: [] },
    { key: '127.0.0.1:0', port: 4711, protocol: 'http' as const, hosts: [] },
    { key: 'unix:/run/x', port: 0, protocol: 'http' as const, hosts: [] },
  ];
  const { tried } = await probed(
    [[80, '127.0.0.1:80', '127.0.0.1:0', '127.0.0.1:4711', 'unix:/run/x', 'unix:/run/y', 81]],
    { own },
  );
  assert.deepEqual(tried, ['unix:/run/y', '*:81']);
});

test('an address that a wider one of the same configuration covers has no socket to try', async () => {
  const { tried } = await probed([['127.0.0.1:80', '[::1]:80', '127.0.0.1:81'], ['*:80']]);
  assert.deepEqual(tried, ['127.0.0.1:81', '*:80']);
});

test('a name for an address that the configuration has too is a problem, also while it is served', async () => {
  const own = [{ key: 'localhost:80', port: 80, protocol: 'http' as const, hosts: [] }];
  const resolveName = (): Promise<string> => Promise.resolve('127.0.0.1');
  for (const asNotes of [false, true]) {
    for (const options of [{ resolveName }, { resolveName, own }]) {
      // oxlint-disable-next-line no-await-in-loop -- four
      const { tried, loaded } = await probed([['localhost:80'], ['127.0.0.1:80']], {
        ...options,
        asNotes,
      });
      assert.equal(loaded.model, undefined);
      assert.deepEqual(told(loaded.problems), [
        ['sites["s0.test"].listen[0]', 'conflict', 4, undefined],
      ]);
      assert.deepEqual(tried, 'own' in options ? [] : ['127.0.0.1:80']);
    }
  }
});
