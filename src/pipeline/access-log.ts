import type { Context, RequestLog } from './handler.ts';
import type { LogFormat } from './log-format.ts';
import type { LogSink } from './log-lease.ts';

/** One access log of a location: a format and where its lines go. Shared by all that write alike. */
export class AccessLog implements RequestLog {
  readonly #sink: LogSink;
  readonly #format: LogFormat;

  constructor(sink: LogSink, format: LogFormat) {
    this.#sink = sink;
    this.#format = format;
  }

  /** Writes the line of a request that is over. */
  log(context: Context): void {
    this.#sink.put(this.#format, context);
  }
}
