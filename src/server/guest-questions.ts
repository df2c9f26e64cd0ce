/**
 * Questions of guests that could not be decided at once, because a thread stood still on a key; see `look-again.ts` of
 * `web`, which does the same for requests of this process.
 */
import type { LimitQuestion, LimitVerdict } from '../web/index.ts';
import { PASS } from '../zone/index.ts';
import type { ThreadPlace } from './port.ts';

/** How long a question waits before it is looked at again, in milliseconds. */
const LOOK_AGAIN_MS = 2;
/** How often: as long as whoever asks waits for a verdict. */
const LOOKS_MAX = 1000;

interface Open {
  readonly from: ThreadPlace;
  readonly id: number;
  readonly question: LimitQuestion;
  looks: number;
  timer: NodeJS.Timeout;
}

/** Decides, and where it is to be asked again answers null. */
type Decide = (from: ThreadPlace, id: number, question: LimitQuestion) => LimitVerdict | null;

/** Passes on a verdict. */
type Answer = (from: ThreadPlace, id: number, verdict: LimitVerdict) => void;

/** See the head of this file. */
export class GuestQuestions {
  readonly #decide: Decide;
  readonly #answer: Answer;
  readonly #open = new Set<Open>();

  constructor(decide: Decide, answer: Answer) {
    this.#decide = decide;
    this.#answer = answer;
  }

  /** Answers a question, now or as soon as it can be decided. */
  ask(from: ThreadPlace, id: number, question: LimitQuestion): void {
    const verdict = this.#decide(from, id, question);
    if (verdict !== null) {
      this.#answer(from, id, verdict);
      return;
    }
    const open: Open = { from, id, question, looks: 0, timer: this.#later(() => open) };
    this.#open.add(open);
  }

  #later(open: () => Open): NodeJS.Timeout {
    return setTimeout(() => {
      this.#lookAgain(open());
    }, LOOK_AGAIN_MS).unref();
  }

  #lookAgain(open: Open): void {
    const { from, id, question } = open;
    const verdict = this.#decide(from, id, question);
    if (verdict === null && ++open.looks < LOOKS_MAX) {
      open.timer = this.#later(() => open);
      return;
    }
    this.#open.delete(open);
    this.#answer(from, id, verdict ?? { wait: PASS, limit: -1, excess: 0 });
  }

  /** Forgets the questions that are meant: nobody waits for their verdict any more. */
  forget(isMeant: (from: ThreadPlace, id: number) => boolean): void {
    for (const open of this.#open) {
      if (!isMeant(open.from, open.id)) continue;
      clearTimeout(open.timer);
      this.#open.delete(open);
    }
  }

  /** Answers all that is open, at the latest possible time to decide here. */
  close(): void {
    for (const open of this.#open) {
      clearTimeout(open.timer);
      open.looks = LOOKS_MAX;
      this.#lookAgain(open);
    }
  }
}
