// The files that are served, the same in every run, and the check that an answer carries them.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';

/** The files by name, with their size in bytes. */
export const BODIES: Readonly<Record<string, number>> = {
  '1k.txt': 1024,
  '100k.txt': 100 * 1024,
  '10m.txt': 10 * 1024 * 1024,
};

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const TIMEOUT_MS = 10_000;

/**
 * The content of a file: letters and digits, so that a configuration can quote it.
 * @throws Error for a name that is no file's.
 */
export function bodyOf(name: string): Buffer {
  const bytes = Object.hasOwn(BODIES, name) ? BODIES[name] : undefined;
  if (bytes === undefined) throw new Error(`No body is named ${name}`);
  const body = Buffer.allocUnsafe(bytes);
  // a step that shares no factor with the length: neither blocks nor pages repeat where a file could be mixed up
  for (let at = 0; at < bytes; at++)
    body[at] = ALPHABET.charCodeAt((at * 7 + (at >> 8)) % ALPHABET.length);
  return body;
}

/** Writes all files to `folder`, which is made for it. */
export function writeBodies(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of Object.keys(BODIES)) writeFileSync(join(folder, name), bodyOf(name));
}

/** An answer as it came over the wire: what it promises in its head, and the SHA-256 of what followed. */
export interface Answer {
  readonly status: number;
  readonly length: string | undefined;
  readonly chunked: boolean;
  readonly closes: boolean;
  readonly bytes: number;
  readonly hash: string;
}

/**
 * Asks for a file over a connection that may stay open.
 * @throws Error where there is no answer within ten seconds.
 */
export async function ask(port: number, path: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const asked = request({ host: '127.0.0.1', port, path, agent, timeout: TIMEOUT_MS });
  asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
  asked.on('error', reject);
  asked.on('response', (response) => {
    const hash = createHash('sha256');
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      hash.update(chunk);
    });
    response.on('error', reject);
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        length: response.headers['content-length'],
        chunked: response.headers['transfer-encoding'] === 'chunked',
        closes: response.headers.connection === 'close',
        bytes,
        hash: hash.digest('hex'),
      }),
    );
  });
  asked.end();
  try {
    return await promise;
  } finally {
    agent.destroy();
  }
}

/** Why an answer is not the file, in words for its row; undefined where it is. */
export function answerFault(answer: Answer, name: string): string | undefined {
  const body = bodyOf(name);
  if (answer.status !== 200) return `answers with status ${answer.status}`;
  // mod_proxy_ajp sends chunks whatever it was told.
  if (answer.length !== String(body.length) && !(answer.length === undefined && answer.chunked)) {
    return `answers with Content-Length ${answer.length ?? 'missing'} instead of ${body.length}`;
  }
  if (answer.bytes !== body.length) {
    return `sends ${answer.bytes} bytes instead of ${body.length}`;
  }
  if (answer.hash !== createHash('sha256').update(body).digest('hex')) {
    return 'sends a different body';
  }
  return answer.closes ? 'closes the connection' : undefined;
}
