import type { Parsed } from '../schema/index.ts';

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
