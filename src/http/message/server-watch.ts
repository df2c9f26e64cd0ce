import { type Clock, NEVER } from '../../base/index.ts';

/** How long clients are waited for, and how slow they may be. Times are milliseconds. */
export interface ServerTimes {
  readonly clock: Clock;
  /** How long a connection may wait for its next request. nginx: `keepalive_timeout`. */
  readonly keepAliveTimeout: number;
  /** How long a head may take from its first byte, and the first byte from the connection. nginx: `client_header_timeout`. */
  readonly headTimeout: number;
  /** How long a body may pause. nginx: `client_body_timeout`. */
  readonly bodyTimeout: number;
  /** Bytes a second that a body must reach on average once `bodyRateGrace` is over; 0 for no minimum. */
  readonly minimumBodyRate: number;
  /** Time from the start of a body in which its rate is not looked at. */
  readonly bodyRateGrace: number;
  /** How long a client may take no byte of a response. nginx: `send_timeout`. */
  readonly sendTimeout: number;
  /** Bytes a second that a client must take in each `sendTimeout` in which it never took all; 0 for no minimum. */
  readonly minimumSendRate: number;
}

/**
 * What a client is waited for, and until when. It is one thing at a time: the next request, the rest of a head,
 * more of a body, or that it takes what was sent. A client that does not take what was sent is waited for
 * because of that alone.
 */
export class ServerWatch {
  /** The monotonic time at which the wait is over, or `NEVER`. */
  deadline: number;
  readonly #settings: ServerTimes;
  #headStarted = NEVER;
  #rateFrom = 0;
  #rateBytes = 0;
  // Bytes queued when this wait for the client began, and those that were added since; 0 where it takes all.
  #blockedWith = 0;

  /** Begins with the wait for the first request, which has the time of a head. */
  constructor(settings: ServerTimes) {
    this.#settings = settings;
    this.deadline = settings.clock.monotonic() + settings.headTimeout;
  }

  /** Whether the client does not take what was sent. */
  get blocked(): boolean {
    return this.#blockedWith > 0;
  }

  /** Nothing is waited for. */
  nothing(): void {
    if (!this.blocked) this.deadline = NEVER;
  }

  // Heads.

  /** A head has begun to arrive and is not complete. Its time runs from its first byte. */
  headBegan(): void {
    // Without a deadline this head has begun while the client was watched for taking a response.
    if (this.blocked || (this.#headStarted !== NEVER && this.deadline !== NEVER)) return;
    const now = this.#settings.clock.monotonic();
    if (this.#headStarted === NEVER) this.#headStarted = now;
    this.deadline = now + this.#settings.headTimeout;
  }

  /** The head is complete, or given up; returns when its first byte came, which is now if it came as a whole. */
  headEnded(): number {
    const started = this.#headStarted;
    this.#headStarted = NEVER;
    this.nothing();
    return started === NEVER ? this.#settings.clock.monotonic() : started;
  }

  /** The connection is idle. */
  awaitRequest(): void {
    if (this.blocked || this.deadline !== NEVER) return;
    this.deadline = this.#settings.clock.monotonic() + this.#settings.keepAliveTimeout;
  }

  // Bodies.

  /** Somebody wants the body from now on, of which `received` bytes came before. */
  bodyWanted(received: number): void {
    this.#rateFrom = this.#settings.clock.monotonic();
    this.#rateBytes = received;
    this.awaitBody();
  }

  /** The next bytes of the body are waited for. */
  awaitBody(): void {
    if (!this.blocked)
      this.deadline = this.#settings.clock.monotonic() + this.#settings.bodyTimeout;
  }

  /** As `awaitBody`, unless that or something else is waited for already. */
  awaitBodyStill(): void {
    if (this.deadline === NEVER) this.awaitBody();
  }

  /** Bytes came, `received` in all. Returns what is wrong where the body moves too slowly, else null. */
  bodyCame(received: number): string | null {
    this.awaitBody();
    const { minimumBodyRate, bodyRateGrace } = this.#settings;
    const elapsed = this.#settings.clock.monotonic() - this.#rateFrom;
    if (minimumBodyRate === 0 || elapsed <= bodyRateGrace) return null;
    const bytes = received - this.#rateBytes;
    return bytes * 1000 < minimumBodyRate * elapsed
      ? `${bytes} bytes in ${Math.round(elapsed)} ms`
      : null;
  }

  // Responses.

  /**
   * The operating system did not take all that was sent: `queued` bytes wait for the client. It may say so again
   * and again before it has taken all; that is one wait, or a client that takes little would never be found.
   */
  blockedWith(queued: number): void {
    if (this.blocked) return;
    this.#blockedWith = queued;
    this.deadline = this.#settings.clock.monotonic() + this.#settings.sendTimeout;
  }

  /** More is sent, which is no sign that the client stands still. */
  added(bytes: number): void {
    if (this.blocked) this.#blockedWith += bytes;
  }

  /** Everything was taken. */
  flushed(): void {
    if (!this.blocked) return;
    this.#blockedWith = 0;
    this.deadline = NEVER;
  }

  /**
   * The time for taking what was sent is over, and `queued` bytes still wait. Returns what is wrong where the
   * client took nothing, or too little of it in that time; else null, and it is given the same time again.
   */
  stillBlocked(queued: number, now: number): string | null {
    const taken = this.#blockedWith - queued;
    const { sendTimeout, minimumSendRate } = this.#settings;
    if (taken <= 0 || taken * 1000 < minimumSendRate * sendTimeout) {
      return `${Math.max(0, taken)} bytes taken in ${sendTimeout} ms, ${queued} queued`;
    }
    this.#blockedWith = queued;
    this.deadline = now + sendTimeout;
    return null;
  }
}
