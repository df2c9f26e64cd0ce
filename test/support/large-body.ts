/** Bodies that are too large for any buffer, which are the same wherever they are made. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/** Bytes of such a body. */
export const BIG = 100_000_000;

/** What they consist of, again and again. */
export const PIECE: Buffer = Buffer.from(
  Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7) & 0xff),
);

/** Length and digest of a body of `length` bytes. */
export function digestOfPieces(length: number): string {
  const hash = createHash('sha256');
  for (let at = 0; at < length; at += PIECE.length)
    hash.update(PIECE.subarray(0, Math.min(PIECE.length, length - at)));
  return `${length} ${hash.digest('hex')}`;
}

/** Reads a body to its end and says how long it was and what it hashes to, as `digestOfPieces` does. */
export async function digestOfStream(stream: AsyncIterable<unknown>): Promise<string> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of stream) {
    hash.update(chunk as Buffer);
    length += (chunk as Buffer).length;
  }
  return `${length} ${hash.digest('hex')}`;
}

/** Posts `BIG` bytes; resolves to the body of the answer, which is JSON and tells the digest of them as `body`. */
export async function uploadBig(port: number, path: string): Promise<string> {
  const sent = request({ port, path, method: 'POST', headers: { 'Content-Length': BIG } });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  for (let at = 0; at < BIG; at += PIECE.length) {
    // oxlint-disable-next-line no-await-in-loop -- no faster than it is taken
    if (!sent.write(PIECE)) await once(sent, 'drain');
  }
  sent.end();
  const [response] = await answered;
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return (JSON.parse(text) as { body: string }).body;
}

/** Gets a body, and resolves to its length and digest. */
export async function downloadBig(port: number, path: string): Promise<string> {
  const asked = request({ port, path });
  asked.end();
  const [download] = (await once(asked, 'response')) as [IncomingMessage];
  return digestOfStream(download);
}
