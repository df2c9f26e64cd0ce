import {
  type Context,
  NEXT,
  type Outcome,
  PENDING,
  type RequestFollower,
} from '../../pipeline/index.ts';

/** Follows a request that waits before its content, until another follower takes its place. */
class Pause implements RequestFollower {
  readonly #stop: () => void;

  constructor(stop: () => void) {
    this.#stop = stop;
  }

  onDrain(): void {}

  onAbort(): void {
    this.#stop();
  }
}

/**
 * Answers `PENDING` for a request that holds nothing while it waits. If its client leaves, `stop` is called, which may be
 * when the wait is over already.
 */
export function pause(context: Context, stop: () => void): Outcome {
  context.follow(new Pause(stop));
  return PENDING;
}

/** Goes on with a request that was paused: `step` answers as a handler does. */
export function goOn(context: Context, step: () => Outcome): void {
  try {
    if (step() === NEXT) context.resume();
  } catch (error) {
    context.failed(error);
  }
}
