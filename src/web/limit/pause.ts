import type { Context, RequestFollower } from '../../pipeline/index.ts';

/** Follows a request that waits before its content, holding nothing, and stops what it waits for if the client leaves. */
export class Pause implements RequestFollower {
  readonly #stop: () => void;

  /** Follows `context` until another follower takes its place; `stop` may be called when the wait is over already. */
  constructor(context: Context, stop: () => void) {
    this.#stop = stop;
    context.follow(this);
  }

  onDrain(): void {}

  onAbort(): void {
    this.#stop();
  }
}
