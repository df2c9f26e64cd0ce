/** Options of the zones in which requests and connections are counted, over all web threads. */
import {
  judged,
  type ModelOf,
  object,
  parsed,
  type Parsed,
  required,
  type Size,
  size,
  string,
  withDefault,
} from '../schema/index.ts';

/** The highest rate and burst: with more, an excess would not fit into 32 bits. */
export const RATE_MAX = 2_000_000;

const RATE = /^([0-9]{1,9})r\/([sm])$/;

/**
 * Reads a rate as nginx writes it, `10r/s` or `30r/m`; the value is thousandths of a request a second,
 * whole ones: `1r/m` is 16. At most `RATE_MAX` requests a second. Source: `limit_req_zone`.
 */
export function parseRate(text: string): Parsed<number> {
  const match = RATE.exec(text);
  if (match === null)
    return {
      message: `Expected a rate such as "10r/s" or "30r/m", got ${JSON.stringify(text)}`,
      cure: 'Write a whole number of requests and r/s for each second or r/m for each minute',
    };
  const rate = Math.floor((Number(match[1]) * 1000) / (match[2] === 'm' ? 60 : 1));
  if (rate < 1 || rate > RATE_MAX * 1000)
    return {
      message: `${text} is no rate between 1r/m and ${RATE_MAX}r/s`,
      cure: 'Write another number of requests',
      code: 'out-of-range',
    };
  return { value: rate };
}

/** Requests in a second or a minute: `'10r/s'`, `'30r/m'`. */
export type Rate = `${number}r/${'s' | 'm'}`;

const key = judged(string(), 'template');
const memory = size({ min: '32KiB', max: '4GiB' });

/** Counts requests by a key, for `limitRequests` (nginx `limit_req_zone`). */
export interface RateZoneEntryOptions {
  /** What is counted apart: a text with variables such as `'$remote_addr'`. Where it is empty, nothing is counted. */
  readonly key: string;
  /** How many requests of one key are let through for ever, in a second (`'10r/s'`) or in a minute (`'30r/m'`). */
  readonly rate: Rate;
  /**
   * Memory, shared by all threads: 1 MiB is about 12,000 keys. Where it is full, the key that was not used for the
   * longest time is forgotten.
   */
  readonly size?: Size;
}

/** Reads `RateZoneEntryOptions` into a model with every default filled in, in bytes and thousandths of a request a second. */
export const rateZone = object<RateZoneEntryOptions>()({
  key: required(key),
  rate: required(
    parsed<Rate, number>({
      expects: 'a rate such as "10r/s" or "30r/m"',
      pattern: '^[0-9]{1,9}r/[sm]$',
      parse: parseRate,
    }),
  ),
  size: withDefault(memory, '10MiB'),
});

/** A zone of rates as configured: key as written, rate in thousandths of a request a second, bytes. */
export type RateZoneModel = ModelOf<typeof rateZone>;

/** Counts requests under way by a key, for `limitConnections` (nginx `limit_conn_zone`). */
export interface ConnectionZoneEntryOptions {
  /** What is counted apart: a text with variables such as `'$remote_addr'`. Where it is empty, nothing is counted. */
  readonly key: string;
  /**
   * Memory, shared by all threads: with 4 threads, 1 MiB is about 11,000 keys. A key is there as long as it has a
   * request; where there is no room for another one, its requests are refused.
   */
  readonly size?: Size;
}

/** Reads `ConnectionZoneEntryOptions` into a model with every default filled in, in bytes. */
export const connectionZone = object<ConnectionZoneEntryOptions>()({
  key: required(key),
  size: withDefault(memory, '10MiB'),
});

/** A zone of connections as configured: key as written, bytes. */
export type ConnectionZoneModel = ModelOf<typeof connectionZone>;
