import { type HttpSession, IllegalStateException, type ServletContext } from '../api/index.ts';

/** What a session asks of the manager that keeps it. */
export interface SessionKeeper {
  /** The application that the sessions belong to. */
  readonly context: ServletContext;
  /** Forgets a session that was invalidated. */
  forget(session: Session): void;
}

/** What one user left behind, with the times of the requests that came for it. */
export class Session implements HttpSession {
  readonly #keeper: SessionKeeper;
  readonly #createdAt: number;
  readonly #attributes = new Map<string, unknown>();
  #id: string;
  #maxInactive: number;
  #lastAccessed: number;
  #accessed: number;
  #isNew = true;
  #isValid = true;

  /** Times in milliseconds since 1970, `maxInactive` in seconds. */
  constructor(keeper: SessionKeeper, id: string, now: number, maxInactive: number) {
    this.#keeper = keeper;
    this.#id = id;
    this.#createdAt = now;
    this.#lastAccessed = now;
    this.#accessed = now;
    this.#maxInactive = maxInactive;
  }

  getId(): string {
    return this.#id;
  }

  getServletContext(): ServletContext {
    return this.#keeper.context;
  }

  getCreationTime(): number {
    this.#checkValid();
    return this.#createdAt;
  }

  getLastAccessedTime(): number {
    this.#checkValid();
    return this.#lastAccessed;
  }

  getMaxInactiveInterval(): number {
    return this.#maxInactive;
  }

  setMaxInactiveInterval(seconds: number): void {
    this.#maxInactive = seconds;
  }

  isNew(): boolean {
    this.#checkValid();
    return this.#isNew;
  }

  getAttribute(name: string): unknown {
    this.#checkValid();
    return this.#attributes.get(name) ?? null;
  }

  getAttributeNames(): readonly string[] {
    this.#checkValid();
    return [...this.#attributes.keys()];
  }

  setAttribute(name: string, value: unknown): void {
    this.#checkValid();
    if (value === null || value === undefined) this.#attributes.delete(name);
    else this.#attributes.set(name, value);
  }

  removeAttribute(name: string): void {
    this.#checkValid();
    this.#attributes.delete(name);
  }

  invalidate(): void {
    this.#checkValid();
    this.end();
    this.#keeper.forget(this);
  }

  // For the manager and the container.

  /** Whether it was neither invalidated nor left alone for too long. */
  get isValid(): boolean {
    return this.#isValid;
  }

  /** Whether nobody came for longer than its interval. */
  isExpired(now: number): boolean {
    return this.#maxInactive > 0 && now - this.#accessed >= this.#maxInactive * 1000;
  }

  /** A request for it begins. */
  access(now: number): void {
    this.#lastAccessed = this.#accessed;
    this.#accessed = now;
    this.#isNew = false;
  }

  /** Gives it another id. */
  rename(id: string): void {
    this.#id = id;
  }

  /** Drops what it remembers; every later call but `getId` is refused. */
  end(): void {
    this.#isValid = false;
    this.#attributes.clear();
  }

  #checkValid(): void {
    if (!this.#isValid) throw new IllegalStateException('The session was invalidated');
  }
}
