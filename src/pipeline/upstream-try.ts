import type { Fields } from '../http/message/index.ts';

/**
 * What is known of one server that was asked for a request, at the moment when somebody looks; nginx's
 * `$upstream_…` variables show it. Times are milliseconds from the beginning of the try, -1 while unknown.
 */
export interface UpstreamTry {
  /** Address of the server; the name of the upstream where none of its servers could be asked. */
  readonly address: string;
  /** Status of its answer, or what its failure amounts to (502, 504); 0 while there is neither. */
  readonly status: number;
  /** Until the connection stood: 0 for one that was open already. */
  readonly connectTime: number;
  /** Until the head of its answer was complete. */
  readonly headerTime: number;
  /** Until it was done, well or not. */
  readonly responseTime: number;
  /** Bytes of the body that were passed on, without framing. */
  readonly bodyLength: number;
  /** Bytes that came from it, head and framing included. */
  readonly bytesReceived: number;
  /** Fields of its answer as they came; null before there are any, or where nobody asks for them. */
  readonly fields: Fields | null;
}
