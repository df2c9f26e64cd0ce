import {
  DEFAULT_H1_LIMITS,
  H1ClientConnection,
  type H1ClientSettings,
} from '../../src/http/h1/index.ts';
import { ClientBench } from './client-bench.ts';

export { Answer, GET, TIMEOUTS } from './client-bench.ts';

/** A client connection that speaks HTTP/1.1. */
export class Bench extends ClientBench<H1ClientConnection> {
  constructor(own: Partial<H1ClientSettings> = {}) {
    super((wire, settings, owner) => {
      const limits = DEFAULT_H1_LIMITS;
      return new H1ClientConnection(
        wire,
        { ...settings, limits, lenientLineEnds: false, ...own },
        owner,
      );
    });
  }
}

/** 200 with two bytes that arrive together with the head. */
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
