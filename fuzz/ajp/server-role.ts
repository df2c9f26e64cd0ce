// The container's side of connections of web servers: requests with bodies, one packet of it wrong mostly. Whatever
// comes, what was right before is what arrives, each exchange ends once, and who does not know the secret gets nothing.
import assert from 'node:assert/strict';
import { Fields, NO_FIELDS, UNKNOWN_LENGTH } from '../../src/http/message/index.ts';
import {
  CPING,
  forwardRequest,
  LAST_BODY_PACKET,
  PacketReader,
  readContainerMessage,
  requestBodyHead,
  TO_SERVER,
} from '../../src/wire/ajp/index.ts';
import { AjpServerBench } from '../../test/support/ajp-server-bench.ts';
import { Random } from '../random.ts';
import type { FuzzTarget } from '../target.ts';
import { piecesOf, withFault } from './mutations.ts';

const SECRET = 'a secret that no change makes';

interface Asked {
  readonly path: string;
  readonly body: string;
  readonly knowsSecret: boolean;
  /** Where its packets end in the stream. */
  readonly end: number;
}

interface Stream {
  readonly text: string;
  readonly asked: readonly Asked[];
  /** Where what is wrong begins; the length of the stream where nothing is. */
  readonly wrongFrom: number;
  /** Seeds what the handler does. */
  readonly acts: number;
}

function streamOf(seed: number): Stream {
  const random = new Random(seed);
  const packets: string[] = [];
  const asked: Asked[] = [];
  for (let number = 0; number < 3; number++) {
    if (random.chance(30)) packets.push(CPING);
    const body = random.chance(50) ? '' : `body ${number} `.repeat(1 + random.below(20));
    const isKnown = random.chance(50);
    const path = `/${number}`;
    const knowsSecret = random.chance(90);
    const fields = Fields.of(['Host', 'x.test'], ['Cookie', `n=${number}`]);
    if (body !== '')
      fields.append(
        isKnown ? 'Content-Length' : 'Transfer-Encoding',
        isKnown ? String(body.length) : 'chunked',
      );
    packets.push(
      forwardRequest(
        {
          method: body === '' ? 'GET' : 'POST',
          protocol: 'HTTP/1.1',
          uri: path,
          remoteAddress: '192.0.2.1',
          remoteHost: null,
          serverName: 'x.test',
          serverPort: 80,
          secure: false,
          fields,
          attributes: { secret: knowsSecret ? SECRET : 'another' },
          keySize: 0,
          named: random.chance(30) ? [['AJP_REMOTE_PORT', '4711']] : [],
        },
        8192,
      ) ?? '',
    );
    for (let at = 0; at < body.length;) {
      const piece = body.slice(at, at + 1 + random.below(100));
      packets.push(requestBodyHead(piece.length) + piece);
      at += piece.length;
    }
    if (body !== '' && !isKnown) packets.push(LAST_BODY_PACKET);
    asked.push({ path, body, knowsSecret, end: packets.join('').length });
  }
  const acts = random.next();
  if (random.chance(15)) {
    const text = packets.join('');
    return { text, asked, wrongFrom: text.length, acts };
  }
  const { text, from } = withFault(random, packets);
  return { text, asked, wrongFrom: from, acts };
}

class Run extends AjpServerBench {
  readonly #random: Random;

  constructor(acts: number) {
    super({
      secret: SECRET,
      act: (recorder) => {
        if (recorder.exchange.refusal === null) recorder.claim();
      },
    });
    this.#random = new Random(acts);
  }

  // Each body is read to its end before the answer: what is left over by an early one, tests of the connection tell.
  #answer(): void {
    // An answer lets the next request in, which may have an answer at once.
    for (const { exchange, bodyEnded, bodyFault } of this.recorders) {
      const status = (exchange.refusal ?? bodyFault)?.kind.status ?? (bodyEnded > 0 ? 200 : 0);
      if (status === 0 || !exchange.canRespond) continue;
      const text = `answer to ${exchange.request.path}`;
      if (this.#random.chance(50)) {
        exchange.send(status, NO_FIELDS, text);
        continue;
      }
      exchange.respond(status, NO_FIELDS, UNKNOWN_LENGTH);
      exchange.write(Buffer.from(text, 'latin1'), 0, text.length);
      exchange.end(null);
    }
  }

  #turn(): void {
    for (let turns = 0; turns < 10 && !this.wire.destroyed; turns++) {
      this.#answer();
      this.wire.turn();
    }
  }

  deliver(text: string, random: Random): void {
    for (const piece of piecesOf(random, text)) {
      this.comes(piece);
      this.#turn();
    }
    this.connection.onPeerEnd();
    this.#turn();
    this.connection.onClose(null);
  }
}

function outcomesOf({ text, asked, wrongFrom, acts }: Stream, seed: number): readonly string[] {
  const run = new Run(acts);
  run.deliver(text, new Random(seed));
  assert.deepEqual(run.defects, []);
  assert.equal(run.budget.held, 0, 'memory is held');
  for (const { finishes, aborts, bodyEnded } of run.recorders)
    assert.ok(finishes === 1 && aborts.length <= 1 && bodyEnded <= 1, `${finishes} finishes`);
  for (const [at, { path, body, knowsSecret, end }] of asked.entries()) {
    if (end > wrongFrom) break;
    const came = run.recorders[at];
    assert.equal(came?.exchange.request.path, knowsSecret ? path : '/');
    if (!knowsSecret) {
      assert.equal(came.exchange.refusal?.kind.code, 'ajp-secret');
      break;
    }
    assert.deepEqual([came.exchange.refusal, came.body], [null, body]);
  }
  // Behind one that does not know the secret, nobody is served.
  const stranger = asked.findIndex(({ knowsSecret }) => !knowsSecret);
  if (stranger >= 0 && (asked[stranger]?.end ?? 0) <= wrongFrom)
    assert.equal(run.recorders.length, stranger + 1);
  examineSent(run.wire.taken);
  return run.recorders.map(({ exchange, body }) => {
    const { refusal, fault, request, status } = exchange;
    return `${refusal?.kind.code ?? fault?.kind.code ?? 'served'} ${status} ${request.path} ${body}`;
  });
}

function examineSent(sent: Buffer): void {
  const reader = new PacketReader(TO_SERVER, 8192);
  reader.push(sent, 0, sent.length);
  while (reader.next())
    assert.notEqual(readContainerMessage(reader.bytes, reader.start, reader.end), null);
  assert.ok(reader.flaw === null && reader.idle, 'something that is no packet was sent');
}

/** The container's role, for `fuzz/main.ts`. */
export const AJP_SERVER_TARGET: FuzzTarget = {
  inputOf: (seed) => Buffer.from(streamOf(seed).text, 'latin1'),
  outcomeOf: (seed) => {
    const stream = streamOf(seed);
    const outcomes = outcomesOf(stream, seed ^ 0x5eed);
    assert.deepEqual(outcomesOf(stream, seed ^ 0xdeed), outcomes, 'it depends on how it is cut');
    return `${outcomes.length} requests, ${outcomes.at(-1)?.split(' ')[0] ?? 'none'}`;
  },
};
