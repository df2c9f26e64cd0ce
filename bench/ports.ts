import { createServer } from 'node:net';

/** Below what Linux gives to outgoing connections (32768 and above), of which a run opens many thousands. */
const FIRST = 20_000;
const LAST = 31_999;

/** Gives out loopback ports that nothing listens on, each once. */
export class Ports {
  #next: number;

  /** `start` spreads benchmarks that run at the same time: a process id does. */
  constructor(start: number) {
    this.#next = FIRST + (start % (LAST - FIRST + 1));
  }

  /** @throws Error where every port is taken. */
  async take(): Promise<number> {
    for (let tried = FIRST; tried <= LAST; tried++) {
      const port = this.#next;
      this.#next = port === LAST ? FIRST : port + 1;
      // oxlint-disable-next-line no-await-in-loop -- the next one is tried only if this one is taken
      if (await isFree(port)) return port;
    }
    throw new Error(`No port between ${FIRST} and ${LAST} is free`);
  }
}

async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.on('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  return await promise;
}
