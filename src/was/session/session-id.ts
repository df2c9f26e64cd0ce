/** 128 bits: nobody finds the id of somebody else's session by trying. */
const ID_BYTES = 16;

const ID = /^[0-9A-F]{32}$/;

/** Gives random bytes that nobody can foresee: `crypto.randomBytes`. */
export type RandomBytes = (size: number) => Uint8Array;

/** A new id: 32 hexadecimal digits in upper case, as Tomcat's. */
export function newSessionId(random: RandomBytes): string {
  let id = '';
  for (const byte of random(ID_BYTES)) id += (byte + 0x100).toString(16).slice(1);
  return id.toUpperCase();
}

/**
 * The id in what a client sent, without the route that may stand behind it (`<id>.<route>`); null for what
 * `newSessionId` cannot have made, so that nothing else is ever looked up or repeated.
 */
export function readSessionId(sent: string): string | null {
  const dot = sent.indexOf('.');
  const id = dot < 0 ? sent : sent.slice(0, dot);
  return ID.test(id) ? id : null;
}
