/** What the conformance tests of an exchange share: one front with its recorders, and the rules that hold for all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Exchange, type ExchangeHandler, Fields } from '../../src/http/message/index.ts';
import { eventually } from '../support/eventually.ts';
import type { FrontHarness, FrontUnderTest } from './front.ts';
import { Recorder } from './recorder.ts';

/** One front at work in a test. */
export interface Bench {
  readonly front: FrontUnderTest;
  /** One for each exchange, in the order in which they came. */
  readonly recorders: readonly Recorder[];
  /** Waits for what `what` says, and lets the front have its turns meanwhile. */
  readonly until: (what: string, holds: () => boolean) => Promise<void>;
}

/** What a handler does with an exchange as soon as it gets it; `index` counts the exchanges from 0. */
export type Act = (recorder: Recorder, index: number) => void;

/** Registers one test, and checks behind it what has to hold for every exchange, however it ended. */
export type Check = (
  title: string,
  act: Act,
  body: (bench: Bench) => Promise<void>,
  options?: { readonly budget?: number },
) => void;

/** Binds `Check` to one front. */
export function checksOf(harness: FrontHarness): Check {
  return (title, act, body, options) => {
    test(`${harness.name}: ${title}`, async () => {
      const recorders: Recorder[] = [];
      const handler: ExchangeHandler = {
        onExchange(exchange) {
          const recorder = new Recorder(exchange);
          recorders.push(recorder);
          act(recorder, recorders.length - 1);
        },
      };
      const front = await harness.open(handler, options);
      const until: Bench['until'] = (what, holds) =>
        eventually(what, () => {
          front.advance(0);
          return holds();
        });
      try {
        await body({ front, recorders, until });
        await until('the end of each exchange', () => recorders.every((each) => each.finishes > 0));
        for (const recorder of recorders) endsWell(recorder);
        // A connection that was cut off gives back what it held when the system says that it is gone.
        await until('the memory budget is back at nothing', () => front.budget.held === 0);
      } finally {
        await front.dispose();
      }
    });
  };
}

function endsWell({ log, finishes, aborts, bodyEnded, bodyFault }: Recorder): void {
  assert.equal(finishes, 1, `onFinish once: ${log.join(' ')}`);
  assert.equal(log.at(-1), 'finish', `onFinish last: ${log.join(' ')}`);
  assert.ok(aborts.length <= 1, 'onAbort at most once');
  assert.ok(bodyEnded + (bodyFault === null ? 0 : 1) <= 1, 'one end of the body');
}

/** Answers 200 with a field and the body `hello`. */
export const ok: Act = ({ exchange }) => {
  exchange.send(200, Fields.of(['X-A', 'b']), 'hello');
};

/** Leaves the answer to the body of the test. */
export const later: Act = () => {};

/** Writes latin1 text as a piece out of the middle of a chunk, which no protocol may take for the whole. */
export function write(exchange: Exchange, text: string): boolean {
  const chunk = Buffer.from(`<${text}>`, 'latin1');
  return exchange.write(chunk, 1, chunk.length - 1);
}
