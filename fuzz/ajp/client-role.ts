// The web server's side of connections to containers: what containers answer, one packet of it wrong mostly. Whatever
// comes, each call hears one end, what was right arrives as it was sent, and nothing of one call reaches the next.
import assert from 'node:assert/strict';
import type { Fault } from '../../src/base/index.ts';
import {
  Fields,
  NO_FIELDS,
  type ResponseReceiver,
  UNKNOWN_LENGTH,
} from '../../src/http/message/index.ts';
import {
  bodyChunkHead,
  endResponse,
  getBodyChunk,
  latin1,
  PacketReader,
  Payload,
  readForwardRequest,
  responseHead,
  TO_CONTAINER,
} from '../../src/wire/ajp/index.ts';
import { Bench, TIMEOUTS } from '../../test/support/ajp-client-bench.ts';
import { Random } from '../random.ts';
import type { FuzzTarget } from '../target.ts';
import { piecesOf, some, withFault } from './mutations.ts';

/** A call, what the container answers, and what is to come of that where it is right. */
interface Plan {
  readonly method: string;
  readonly length: number;
  readonly body: string;
  readonly answer: string;
  readonly isRight: boolean;
  readonly status: number;
  readonly text: string;
}

class Heard implements ResponseReceiver {
  status = 0;
  text = '';
  ends = 0;
  fault: Fault | null = null;
  onInform(): void {
    assert.equal(this.status, 0, 'an interim head behind the final one');
  }
  onHead(status: number): void {
    assert.deepEqual([this.status, this.ends], [0, 0], 'a second head');
    this.status = status;
  }
  onData(bytes: Uint8Array, start: number, end: number): void {
    assert.ok(this.status > 0 && this.ends === 0 && end > start, 'bytes out of place');
    this.text += latin1(bytes, start, end);
  }
  onEnd(): void {
    assert.ok(this.status > 0, 'an end without a head');
    this.ends++;
  }
  onWhole(status: number, _reason: string, _fields: Fields, body: string): void {
    this.onHead(status);
    this.text = body;
    this.onEnd();
  }
  onAbort(fault: Fault): void {
    this.fault = fault;
    this.ends++;
  }
  onDrain(): void {}
}

function planOf(random: Random, number: number, isRight: boolean): Plan {
  const body = random.chance(50) ? '' : `body ${number} `.repeat(1 + random.below(30));
  const length = body === '' ? 0 : random.chance(50) ? body.length : UNKNOWN_LENGTH;
  const method = body === '' ? random.pick(['GET', 'HEAD', 'POST']) : 'POST';
  const status = random.pick([200, 200, 200, 404, 304, 204]);
  const hasBody = method !== 'HEAD' && status !== 304 && status !== 204;
  const text = hasBody ? `answer ${number} `.repeat(random.below(40)) : '';
  const fields = random.chance(60)
    ? Fields.of(['X-A', String(number)], ['Content-Length', String(text.length)])
    : Fields.of(['Set-Cookie', 'a=b']);
  const packets = some(random, 2, () => responseHead(103, '', NO_FIELDS, 8192) ?? '');
  const ask = (): void => {
    packets.push(...some(random, 2, () => getBodyChunk(1 + random.below(400))));
  };
  ask();
  packets.push(responseHead(status, random.pick(['', 'Fine']), fields, 8192) ?? '');
  for (let at = 0; at < text.length;) {
    const piece = text.slice(at, at + 1 + random.below(200));
    packets.push(`${bodyChunkHead(piece.length)}${piece}\0`);
    if (random.chance(10)) packets.push(`${bodyChunkHead(0)}\0`);
    if (random.chance(10)) ask();
    at += piece.length;
  }
  packets.push(endResponse(random.chance(90)));
  const answer = isRight ? packets.join('') : withFault(random, packets).text;
  return { method, length, body, answer, isRight, status, text };
}

function plansOf(seed: number): readonly Plan[] {
  const random = new Random(seed);
  const wrong = random.chance(85) ? random.below(3) : -1;
  return [0, 1, 2].map((number) => planOf(random, number, number !== wrong));
}

class Run extends Bench {
  readonly heard: Heard[] = [];

  call(plan: Plan, random: Random): void {
    const { method, length, body } = plan;
    const heard = new Heard();
    this.heard.push(heard);
    const request = {
      method,
      target: `/${this.heard.length}`,
      authority: 'x.test',
      fields: NO_FIELDS,
      length,
      upgrade: null,
      client: null,
    };
    const call = this.connection.open(request, heard, TIMEOUTS);
    if (body !== '') {
      call.write(Buffer.from(body, 'latin1'), 0, body.length);
      call.end(null);
    }
    this.wire.turn();
    for (const piece of piecesOf(random, plan.answer)) {
      if (random.chance(5)) call.pause();
      const bytes = Buffer.from(piece, 'latin1');
      this.connection.onBytes(bytes, 0, bytes.length);
      bytes.fill('!');
      if (random.chance(50)) call.resume();
      if (!this.wire.destroyed) this.wire.turn();
    }
    call.resume();
    if (heard.ends > 0) return;
    this.connection.onPeerEnd();
    this.connection.onClose(null);
  }
}

// What was sent are packets, of requests and of bodies that are beginnings of what was given.
function examineSent(sent: Buffer, plans: readonly Plan[]): void {
  const reader = new PacketReader(TO_CONTAINER, 8192);
  reader.push(sent, 0, sent.length);
  let calls = 0;
  let body = '';
  while (reader.next()) {
    const { bytes, start, end } = reader;
    if (bytes[start] === 2) {
      const { request } = readForwardRequest(new Payload(latin1(bytes, start + 1, end)));
      assert.equal(request?.uri, `/${++calls}`);
      body = '';
    } else if (end > start) {
      body += latin1(bytes, start + 2, end);
      assert.ok(plans[calls - 1]?.body.startsWith(body), 'a body that was not given');
    }
  }
  assert.ok(reader.flaw === null && reader.idle, 'something that is no packet was sent');
}

function outcomesOf(plans: readonly Plan[], seed: number): readonly string[] {
  const random = new Random(seed);
  const run = new Run();
  for (const [at, plan] of plans.entries()) {
    if (!run.connection.usable) break;
    run.call(plan, random);
    const heard = run.heard[at];
    assert.equal(heard?.ends, 1, `${heard?.ends} ends`);
    if (!plan.isRight) continue;
    assert.equal(heard.fault, null, heard.fault?.message ?? '');
    assert.deepEqual([heard.status, heard.text], [plan.status, plan.text]);
  }
  if (run.connection.usable) run.connection.onClose(null);
  assert.deepEqual(run.defects, []);
  assert.equal(run.budget.held, 0, 'memory is held');
  examineSent(run.wire.taken, plans);
  return run.heard.map(({ fault, status, text }) =>
    fault === null ? `${status} ${text}` : fault.kind.code,
  );
}

/** The web server's role, for `fuzz/main.ts`. */
export const AJP_CLIENT_TARGET: FuzzTarget = {
  inputOf: (seed) =>
    Buffer.from(
      plansOf(seed)
        .map(({ answer }) => answer)
        .join(''),
      'latin1',
    ),
  outcomeOf: (seed) => {
    const plans = plansOf(seed);
    const outcomes = outcomesOf(plans, seed ^ 0x5eed);
    const again = outcomesOf(plans, seed ^ 0xdeed);
    // A connection is not used again where an answer has come before the request has left, which depends on the cuts.
    const both = Math.min(outcomes.length, again.length);
    assert.deepEqual(again.slice(0, both), outcomes.slice(0, both), 'it depends on the cuts');
    const wrong = plans.findIndex(({ isRight }) => !isRight);
    const outcome = wrong < 0 ? undefined : outcomes[wrong];
    if (outcome === undefined) return `right, ${outcomes.length} calls`;
    const said = /^[0-9]/.test(outcome) ? 'answered' : outcome;
    return `${said}, ${outcomes.length > wrong + 1 ? 'and another call' : 'the last call'}`;
  },
};
