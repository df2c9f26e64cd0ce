import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, parseListen } from '../schema/index.ts';
import { type NamedAddress, namedAddress, nameFault } from './named-address.ts';

const NAMES: ReadonlyMap<string, string> = new Map([
  ['localhost', '127.0.0.1'],
  ['six.test', '::1'],
  ['also-six.test', '::1'],
]);

function at(text: string): Promise<NamedAddress> {
  const read = parseListen(text);
  assert.ok('value' in read, text);
  return namedAddress(read.value, (host) => {
    const address = NAMES.get(host);
    return address === undefined
      ? Promise.reject(new Error('ENOTFOUND'))
      : Promise.resolve(address);
  });
}

test('a name becomes its address, everything else stays the very endpoint', async () => {
  const { written, target } = await at('localhost:80');
  const named: Endpoint = { kind: 'tcp', host: 'localhost', port: 80 };
  assert.deepEqual(written, named);
  assert.deepEqual(target, { ...named, host: '127.0.0.1' });
  for (const text of ['80', '127.0.0.1:80', '[::1]:80', 'unix:/run/x', 'no-such.test:80']) {
    // oxlint-disable-next-line no-await-in-loop -- five
    const same = await at(text);
    assert.equal(same.target, same.written, text);
  }
});

const CASES: readonly (readonly [name: string, others: string[], fault: RegExp | null])[] = [
  ['localhost:80', ['127.0.0.1:80'], /^localhost:80 is the same address as 127\.0\.0\.1:80$/],
  ['localhost:80', ['[::ffff:127.0.0.1]:80'], /^localhost:80 is the same address as 127/],
  ['localhost:80', ['*:80'], /^localhost:80 is 127\.0\.0\.1:80, which is a part of \*:80$/],
  ['localhost:80', ['[::]:80'], / is a part of \[::\]:80$/],
  ['localhost:80', ['0.0.0.0:80'], / is a part of 0\.0\.0\.0:80$/],
  ['six.test:80', ['[0::1]:80'], / is the same address as \[::1\]:80$/],
  ['six.test:80', ['also-six.test:80'], / is the same address as also-six\.test:80$/],
  ['six.test:80', ['0.0.0.0:80', '127.0.0.1:80', '[::1]:81', '*:81'], null],
  ['localhost:80', ['127.0.0.2:80', '127.0.0.1:81', 'six.test:80', 'unix:/80'], null],
  // Any free port is one of its own.
  ['localhost:0', ['127.0.0.1:0', '*:0'], null],
  // Without a name there is nothing to say here.
  ['127.0.0.1:80', ['127.0.0.1:80', '*:80', 'localhost:80'], null],
  ['no-such.test:80', ['*:80'], null],
];
for (const [name, others, message] of CASES)
  test(`${name} beside ${others.join(' ')}: ${message === null ? 'fine' : 'two for one'}`, async () => {
    const fault = nameFault(await at(name), await Promise.all(others.map(at)));
    if (message === null) assert.equal(fault, null);
    else assert.match(fault?.message ?? '', message);
  });

test('the cure names the address alone, as `listen` and `address` take it', async () => {
  const cure = async (name: string): Promise<string | undefined> =>
    nameFault(await at(name), [await at('*:80')])?.cure;
  assert.equal(await cure('localhost:80'), 'Write 127.0.0.1 in place of the name');
  assert.equal(await cure('six.test:80'), 'Write [::1] in place of the name');
});
