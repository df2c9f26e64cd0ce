import assert from 'node:assert/strict';
import { Fields, isFieldValue, isToken } from '../../src/http/message/index.ts';
import {
  type AjpRequest,
  bodyChunkHead,
  CPONG,
  endResponse,
  forwardRequest,
  getBodyChunk,
  LEAST_PACKET,
  latin1,
  MOST_PACKET,
  PacketReader,
  Payload,
  readContainerMessage,
  readForwardRequest,
  responseHead,
  TO_CONTAINER,
  TO_SERVER,
} from '../../src/wire/ajp/index.ts';
import { Random } from '../random.ts';
import type { FuzzTarget } from '../target.ts';
import { mutated, some, withLength } from './mutations.ts';
import { readByReference, type Told } from './reference.ts';

type Role = 'container' | 'server';

interface Stream {
  readonly role: Role;
  readonly bytes: Buffer;
  readonly isMutated: boolean;
}

const METHODS = ['GET', 'POST', 'OPTIONS', 'MKACTIVITY', 'PATCH', 'x-Y'];
const NAMES = [
  'Host',
  'content-length',
  'Cookie',
  'X-A',
  'Transfer-Encoding',
  'Set-Cookie',
  'Status',
];
const VALUES = ['', '0', '17', 'chunked', 'x.test:80', ' a ', 'caf\xe9', 'x'.repeat(300)];
const ATTRIBUTES = ['query', 'secret', 'route', 'remoteUser', 'certificate', 'cipher'] as const;

function anyFields(random: Random): Fields {
  return Fields.of(...some(random, 5, () => [random.pick(NAMES), random.pick(VALUES)] as const));
}

function requestPacket(random: Random): string {
  const request: AjpRequest = {
    method: random.pick(METHODS),
    protocol: random.pick(['HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0']),
    uri: random.pick(['/', '*', '/a/b;c=%20d', '/caf\xe9', 'x.test:443']),
    remoteAddress: random.pick(['192.0.2.1', '::1', '', null]),
    remoteHost: random.pick([null, 'client.test']),
    serverName: random.pick(['x.test', null, '[::1]']),
    serverPort: random.below(65_536),
    secure: random.chance(50),
    fields: anyFields(random),
    attributes: Object.fromEntries(
      ATTRIBUTES.filter(() => random.chance(30)).map((name) => [name, random.pick(VALUES)]),
    ),
    keySize: random.chance(30) ? random.below(65_536) : 0,
    named: some(
      random,
      3,
      () => [random.pick(['a', 'AJP_REMOTE_PORT']), random.pick(VALUES)] as const,
    ),
  };
  return forwardRequest(request, MOST_PACKET) ?? '';
}

function messagePacket(random: Random): string {
  switch (random.below(6)) {
    case 0: {
      const body = random.pick(VALUES);
      return `${bodyChunkHead(body.length)}${body}\0`;
    }
    case 1:
      return endResponse(random.chance(50));
    case 2:
      return getBodyChunk(random.below(65_536));
    case 3:
      return CPONG;
    default:
      return (
        responseHead(
          100 + random.below(900),
          random.pick(['', 'OK', '\xe9']),
          anyFields(random),
          MOST_PACKET,
        ) ?? ''
      );
  }
}

function streamOf(seed: number): Stream {
  const random = new Random(seed);
  const role = random.chance(60) ? 'container' : 'server';
  const packet = (): string =>
    role === 'container' ? requestPacket(random) : messagePacket(random);
  const isMutated = random.chance(85);
  const packets = some(random, 2, packet);
  const last = packet();
  if (!isMutated) packets.push(last);
  else {
    const changed = mutated(random, last);
    packets.push(random.chance(80) ? withLength(changed) : changed);
  }
  return { role, bytes: Buffer.from(packets.join(''), 'latin1'), isMutated };
}

/** What is found in pieces that end at `cuts`: payloads, and the flaw that ends it. */
function packetsIn(bytes: Buffer, role: Role, cuts: readonly number[]): readonly string[] {
  const reader = new PacketReader(role === 'container' ? TO_CONTAINER : TO_SERVER, LEAST_PACKET);
  const found: string[] = [];
  const shared = Buffer.alloc(bytes.length + 1);
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    shared.fill(0xaa);
    bytes.copy(shared, 1, from, to);
    reader.push(shared, 1, 1 + to - from);
    while (reader.next()) found.push(latin1(reader.bytes, reader.start, reader.end));
    from = to;
  }
  found.push(`${reader.flaw ?? 'whole'} ${reader.flaw === null && reader.idle}`);
  return found;
}

function toldOf({ request }: ReturnType<typeof readForwardRequest>): Told {
  if (request === null) return null;
  const fields = Array.from(request.fields.entries(), ([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  return { ...request, fields };
}

function examineRequest(payload: string): string {
  if (payload.charCodeAt(0) !== 2) return 'other packet';
  const read = readForwardRequest(new Payload(payload, 1));
  const told = toldOf(read);
  assert.deepEqual(told, readByReference(Buffer.from(payload.slice(1), 'latin1')));
  if (read.request === null) return `refused ${read.flaw.replace(/[0-9]+/, 'N')}`;
  const again = forwardRequest(read.request, MOST_PACKET);
  assert.ok(again !== null, 'it fits again');
  assert.deepEqual(toldOf(readForwardRequest(new Payload(again, 5))), told);
  return 'accepted';
}

function examineMessage(payload: string): string {
  const bytes = Buffer.from(`??${payload}`, 'latin1');
  const message = readContainerMessage(bytes, 2, bytes.length);
  if (message === null) return 'refused';
  if (message.type === 'body') {
    assert.ok(message.start >= 2 && message.start <= message.end && message.end <= bytes.length);
  }
  if (message.type === 'headers') {
    const { status, reason, fields } = message;
    for (const [name, value] of fields.entries()) assert.ok(isToken(name) && isFieldValue(value));
    const again = responseHead(status, reason, fields, MOST_PACKET);
    assert.ok(again !== null && isFieldValue(reason));
    const second = Buffer.from(again, 'latin1');
    const repeated = readContainerMessage(second, 4, second.length);
    assert.ok(repeated?.type === 'headers');
    assert.deepEqual([...repeated.fields.entries()], [...fields.entries()]);
    assert.deepEqual([repeated.status, repeated.reason], [status, reason]);
  }
  return message.type;
}

/** The packets of AJP in both roles, for `fuzz/main.ts`. */
export const AJP_TARGET: FuzzTarget = {
  inputOf: (seed) => streamOf(seed).bytes,
  outcomeOf: (seed) => {
    const { role, bytes, isMutated } = streamOf(seed);
    const random = new Random(seed ^ 0x5eed);
    const whole = packetsIn(bytes, role, []);
    const cuts = some(random, 6, () => random.below(bytes.length + 1)).toSorted((a, b) => a - b);
    assert.deepEqual(packetsIn(bytes, role, cuts), whole, `cut at ${cuts.join(', ')}`);
    if (bytes.length < 200)
      assert.deepEqual(packetsIn(bytes, role, Array.from(bytes.keys())), whole, 'byte by byte');
    const payloads = whole.slice(0, -1);
    const outcomes = payloads.map((payload) =>
      role === 'container' ? examineRequest(payload) : examineMessage(payload),
    );
    if (!isMutated) assert.match(whole.at(-1) ?? '', /^whole true$/);
    return `${role}: ${outcomes.at(-1) ?? 'nothing'}, ${whole.at(-1)?.split(' ')[0]}`;
  },
};
