import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkListenQueues } from './listen-queues.ts';

function address(backlog: number): Parameters<typeof checkListenQueues>[1]['addresses'][number] {
  return { key: `*:${backlog}`, backlog, endpoint: { kind: 'tcp', host: '*', port: backlog } };
}

function found(
  sysctl: Readonly<Record<string, string>>,
  backlogs: readonly number[],
): readonly (readonly [string, string])[] {
  const known = new Map(Object.entries(sysctl));
  return checkListenQueues(
    { sysctl: (name) => known.get(name) ?? null },
    { addresses: backlogs.map(address) },
  ).map(({ level, what }) => [level, what]);
}

test('a backlog that the kernel cuts is a note that names the address with the longest', () => {
  const somaxconn = { 'net.core.somaxconn': '511\n' };
  assert.deepEqual(found(somaxconn, [100, 511]), [
    ['ok', 'Longest backlog 511, the kernel keeps up to 511'],
  ]);
  assert.match(String(found(somaxconn, [100, 512])[0]), /^note,\*:512 asks for a backlog of 512/);
});

test('the number of half-open connections counts only where the kernel sends no cookies', () => {
  const half = (cookies: string, most: string): number =>
    found(
      { 'net.ipv4.tcp_syncookies': cookies, 'net.ipv4.tcp_max_syn_backlog': most },
      [511],
    ).filter(([level]) => level === 'note').length;
  assert.deepEqual([half('1\n', '510\n'), half('0\n', '511\n'), half('0\n', '510\n')], [0, 0, 1]);
});

test('what the system does not tell is no finding, and no address is nothing to say', () => {
  assert.deepEqual(found({}, [65535]), [['ok', 'Longest backlog 65535']]);
  assert.deepEqual(found({}, []), []);
});
