/**
 * Faults: everything that ends a request other than its own completion, classified by who caused it
 * and at which stage. Each part lists its kinds in a `faults.ts` of its own; the reference page of
 * error codes is generated from those files, so a code cannot exist without its explanation.
 */

/**
 * Whose doing a fault is: the `client` that sent the request, the `upstream` behind us, the `operator`
 * (configuration, files, limits of the machine), or `us` (a defect in Daemun).
 */
export type Blame = 'client' | 'upstream' | 'operator' | 'us';

/** How far the request had come when the fault happened; the access log prints it beside the code. */
export type Stage =
  | 'accept'
  | 'tls'
  | 'head'
  | 'route'
  | 'request-body'
  | 'handler'
  | 'connect'
  | 'upstream-head'
  | 'upstream-body'
  | 'response'
  | 'idle'
  | 'shutdown';

/** One row of a part's fault table, as its author writes it. */
export interface FaultEntry {
  /** Who has to change something for the fault not to come back. */
  readonly blame: Blame;
  /**
   * How grave it is in the error log, where that does not follow from the blame: `error` for a fault of a client of
   * which the operator wants to hear as of their own, because the client may be right; nginx decides which ones.
   */
  readonly level?: 'info' | 'notice' | 'warn' | 'error';
  /** HTTP status for the answer, or 0 where no answer can be sent any more. */
  readonly status: number;
  /** One sentence for the operator who reads the code in a log. */
  readonly means: string;
  /** One sentence: what to do about it. */
  readonly cure: string;
}

/** A fault table row together with the code that it is logged under. */
export interface FaultKind extends FaultEntry {
  /** Stable, lower-case, dashed; the key of the row in its `faults.ts`. */
  readonly code: string;
}

/**
 * Makes the fault kinds of one part from its table; to be called once, at load, in a file named
 * `faults.ts`. Keys are the codes that logs and the reference page show.
 */
export function defineFaults<K extends string>(
  table: Readonly<Record<K, FaultEntry>>,
): Readonly<Record<K, FaultKind>> {
  const kinds: Partial<Record<K, FaultKind>> = {};
  for (const code of Object.keys(table) as K[]) {
    const entry: FaultEntry = table[code];
    kinds[code] = Object.freeze({ code, ...entry });
  }
  return Object.freeze(kinds as Record<K, FaultKind>);
}

/**
 * One occurrence of a fault kind. It is an `Error` so that it can carry a `cause` and be thrown across
 * asynchronous code, but on the hot path it is passed, not thrown, and takes no stack trace: what
 * identifies it is the code, the stage and the detail.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  /** The row of the fault table that this is an occurrence of. */
  readonly kind: FaultKind;
  /** Where in the life of the request it happened. */
  readonly stage: Stage;
  /** Facts of this occurrence for the error log (peer, limit, offset); never shown to a client. */
  readonly detail: string;

  constructor(kind: FaultKind, stage: Stage, detail = '', cause?: unknown) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(
      detail === '' ? kind.means : `${kind.means} (${detail})`,
      cause === undefined ? {} : { cause },
    );
    Error.stackTraceLimit = limit;
    this.kind = kind;
    this.stage = stage;
    this.detail = detail;
  }
}
