// The payload of a FORWARD_REQUEST read a second time: by bytes and by regular expressions, where src/wire/ajp reads text
// piece by piece. What the two make of a packet has to be the same.

/** A request as both readers can tell it; null where it is refused. */
export type Told = Readonly<Record<string, unknown>> | null;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const PATH = /^[\x21-\x7e\x80-\xff]+$/;
const FIELDS =
  'accept accept-charset accept-encoding accept-language authorization connection content-type content-length cookie cookie2 host pragma referer user-agent'.split(
    ' ',
  );
const METHODS =
  'OPTIONS GET HEAD POST PUT DELETE TRACE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK ACL REPORT VERSION-CONTROL CHECKIN CHECKOUT UNCHECKOUT SEARCH MKWORKSPACE UPDATE LABEL MERGE BASELINE-CONTROL MKACTIVITY'.split(
    ' ',
  );
const ATTRIBUTES = new Map([
  [1, 'context'],
  [2, 'servletPath'],
  [3, 'remoteUser'],
  [4, 'authType'],
  [5, 'query'],
  [6, 'route'],
  [7, 'certificate'],
  [8, 'cipher'],
  [9, 'tlsSession'],
  [12, 'secret'],
  [13, 'method'],
]);

class Refused extends Error {}

class Bytes {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  byte(): number {
    must(this.left >= 1);
    return this.#bytes.readUInt8(this.at++);
  }

  number(): number {
    must(this.left >= 2);
    this.at += 2;
    return this.#bytes.readUInt16BE(this.at - 2);
  }

  text(length = this.number()): string | null {
    if (length === 65_535) return null;
    must(this.left > length && this.#bytes[this.at + length] === 0);
    this.at += length + 1;
    return this.#bytes.toString('latin1', this.at - length - 1, this.at - 1);
  }
}

function must(holds: boolean): void {
  if (!holds) throw new Refused();
}

/** Reads what follows the code of the packet. */
export function readByReference(payload: Buffer): Told {
  try {
    return read(new Bytes(payload));
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

function read(bytes: Bytes): Told {
  const code = bytes.byte();
  const [protocol, uri] = [bytes.text(), bytes.text()];
  const [remoteAddress, remoteHost, serverName] = [bytes.text(), bytes.text(), bytes.text()];
  const [serverPort, secure] = [bytes.number(), bytes.byte()];
  const fields: [string, string][] = [];
  for (let left = bytes.number(); left > 0; left--) {
    const first = bytes.number();
    const isCode = first >= 0xa000 && first < 0xa100;
    must(first !== 65_535);
    const name = isCode ? FIELDS[first - 0xa001] : bytes.text(first)?.toLowerCase();
    const value = bytes.text() ?? '';
    must(name !== undefined && TOKEN.test(name) && VALUE.test(value));
    fields.push([name ?? '', value.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '')]);
  }
  const attributes: Record<string, string> = {};
  const seen = new Set<number>();
  const named: [string, string][] = [];
  let keySize = 0;
  for (;;) {
    const attribute = bytes.byte();
    if (attribute === 255) break;
    if (attribute === 10) {
      const [name, value] = [bytes.text(), bytes.text() ?? ''];
      must(name !== null && name !== '' && VALUE.test(name) && VALUE.test(value));
      named.push([name ?? '', value]);
      continue;
    }
    must(attribute === 11 || ATTRIBUTES.has(attribute));
    if (attribute === 11) {
      must(!seen.has(11));
      seen.add(11);
      keySize = bytes.number();
      continue;
    }
    must(!seen.has(attribute));
    const value = bytes.text();
    must(value === null || attribute === 7 || VALUE.test(value));
    if (value === null) continue;
    seen.add(attribute);
    attributes[ATTRIBUTES.get(attribute) ?? ''] = value;
  }
  must(bytes.left === 0);
  const { method: stored, ...others } = attributes;
  const method = code === 255 ? stored : METHODS[code - 1];
  must(method !== undefined && TOKEN.test(method) && (stored === undefined || stored === method));
  must(protocol !== null && TOKEN.test(protocol.replace('/', '')));
  must(uri !== null && PATH.test(uri) && !/[?#]/.test(uri));
  must(secure < 2);
  must([remoteAddress, remoteHost, serverName].every((text) => text === null || VALUE.test(text)));
  const count = (name: string): number => fields.filter(([field]) => field === name).length;
  must(count('content-length') + count('transfer-encoding') < 2);
  return {
    method,
    protocol,
    uri,
    remoteAddress,
    remoteHost,
    serverName,
    serverPort,
    secure: secure === 1,
    fields,
    attributes: others,
    keySize,
    named,
  };
}
