/**
 * The certificates of TLS listeners: read with the configuration, and judged before anything is served. Their texts go to
 * the server process, which need not be allowed to read the files.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { TlsModel } from '../net/options.ts';
import { endpointText, type Fault, type Path, type PlacedFault } from '../schema/index.ts';
import type { ConfigModel } from './native.ts';
import type { WrittenListen } from './written-listens.ts';

/** A certificate with its chain, and its private key, both PEM. Secret: it goes into no log and to no administrator. */
export interface CertificateTexts {
  readonly certificate: string;
  readonly key: string;
}

/** What is wrong with a pair of files, and in which of the two. */
export interface CertificateFault {
  readonly option: keyof TlsModel;
  readonly fault: Fault;
  /** There is no such file, which the check of paths tells as well. */
  readonly isMissing?: true;
}

/** A pair of files that can be served. */
export interface SoundCertificate {
  readonly texts: CertificateTexts;
  /** When it runs out. */
  readonly ends: Date;
  /** `rsa`, `ec`, … */
  readonly keyType: string;
}

/** What certificates are judged by besides their files. */
export interface CertificateFacts {
  readonly now: Date;
  /** Version of Node, without the `v`. */
  readonly node: string;
}

/** The certificates of a configuration by `certificateName`, or what is wrong with them. */
export type ReadCertificates =
  | { readonly certificates: Readonly<Record<string, CertificateTexts>> }
  | { readonly faults: readonly PlacedFault[] };

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const ANY_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Names a pair of files: sites that name the same two share them. */
export function certificateName({ certificate, key }: TlsModel): string {
  return JSON.stringify([certificate, key]);
}

/** Reads a certificate and its key, and sees whether they can be served together. */
export function readCertificate({
  certificate,
  key,
}: TlsModel): SoundCertificate | CertificateFault {
  const certificateText = readText(certificate);
  if (typeof certificateText !== 'string') return { option: 'certificate', ...certificateText };
  const keyText = readText(key);
  if (typeof keyText !== 'string') return { option: 'key', ...keyText };
  const leaf = leafOf(certificateText, certificate);
  if (!(leaf instanceof X509Certificate)) return { option: 'certificate', fault: leaf };
  const secret = secretOf(keyText, key);
  if ('message' in secret) return { option: 'key', fault: secret };
  if (!leaf.checkPrivateKey(secret))
    return {
      option: 'key',
      fault: {
        code: 'certificate',
        message: `The key ${key} does not belong to the certificate ${certificate}`,
        cure: "Name the key that the certificate was made with; the server's own certificate comes first in its file",
      },
    };
  const texts = { certificate: certificateText, key: keyText };
  const bits = secret.asymmetricKeyDetails?.modulusLength ?? RSA_BITS;
  if (bits < RSA_BITS) {
    const reason = new Error(
      `its key has ${bits} bits, and ${RSA_BITS} are the least that is safe`,
    );
    return {
      option: 'certificate',
      fault: useless(certificate, reason, 'Have the certificate made anew'),
    };
  }
  try {
    // What only OpenSSL itself refuses.
    createSecureContext({ cert: certificateText, key: keyText });
  } catch (error) {
    const fault = useless(certificate, error, 'Have the certificate made anew');
    return { option: 'certificate', fault };
  }
  const keyType = leaf.publicKey.asymmetricKeyType ?? 'unknown';
  return { texts, ends: new Date(leaf.validTo), keyType };
}

/** What OpenSSL asks for at its security level 2, which is that of Node from 24 on. */
const RSA_BITS = 2048;

function readText(path: string): string | Omit<CertificateFault, 'option'> {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'EACCES' || code === 'EPERM')
      return {
        fault: {
          code: 'certificate',
          message: `This user may not read ${path}`,
          cure: 'Start the server as root, which reads it and serves as `user`, or give this user the right to read it',
        },
      };
    const fault: Fault = {
      code: 'certificate',
      message: `${path} cannot be read: ${code}`,
      cure: 'Correct the path, or put the file there',
    };
    return code === 'ENOENT' || code === 'EISDIR' ? { fault, isMissing: true } : { fault };
  }
}

// The first certificate of a file, once all of them can be read.
function leafOf(text: string, path: string): X509Certificate | Fault {
  const blocks = text.match(CERTIFICATE) ?? [];
  const [first] = blocks;
  if (first === undefined)
    return {
      code: 'certificate',
      message: `${path} holds no certificate in PEM`,
      cure: ANY_KEY.test(text)
        ? 'It holds a key: name the file that has "BEGIN CERTIFICATE" in it'
        : 'Name a file that has "BEGIN CERTIFICATE" in it; "openssl x509 -inform der" turns other forms into it',
    };
  try {
    const chain = blocks.map((block) => new X509Certificate(block));
    return chain[0] ?? new X509Certificate(first);
  } catch (error) {
    return useless(path, error, 'Copy the file again, whole');
  }
}

function secretOf(text: string, path: string): KeyObject | Fault {
  if (!ANY_KEY.test(text))
    return {
      code: 'certificate',
      message: `${path} holds no private key in PEM`,
      cure: 'Name the file that has "PRIVATE KEY" in it and was made with the certificate',
    };
  try {
    return createPrivateKey(text);
  } catch (error) {
    const isLocked = text.includes('ENCRYPTED');
    return isLocked
      ? {
          code: 'certificate',
          message: `The key ${path} is protected by a passphrase`,
          cure: `Store it without: openssl pkey -in ${path} -out FILE, readable to root alone`,
        }
      : useless(path, error, 'Copy the file again, whole');
  }
}

function useless(path: string, error: unknown, cure: string): Fault {
  const said = error instanceof Error ? error.message : String(error);
  return { code: 'certificate', message: `${path} cannot be used: ${said}`, cure };
}

/** The certificates that a configuration names, each read once, or everything that is wrong with them. */
export function certificatesOf({ sites }: Pick<ConfigModel, 'sites'>): ReadCertificates {
  const certificates = Object.create(null) as Record<string, CertificateTexts>;
  const faults: PlacedFault[] = [];
  for (const [path, tls] of pairsOf(sites)) {
    const read = readCertificate(tls);
    if ('texts' in read) certificates[certificateName(tls)] = read.texts;
    else faults.push({ path: [...path, read.option], fault: read.fault });
  }
  return faults.length > 0 ? { faults } : { certificates };
}

function* pairsOf(sites: ConfigModel['sites']): Generator<readonly [Path, TlsModel]> {
  const seen = new Set<string>();
  for (const [host, { listen }] of Object.entries(sites))
    for (const [index, { tls }] of listen.entries()) {
      if (tls === null || seen.has(certificateName(tls))) continue;
      seen.add(certificateName(tls));
      yield [['sites', host, 'listen', index, 'tls'], tls];
    }
}

/**
 * What is wrong with the certificates of an input, each pair of files told once; what is out of date by `now` is a note,
 * as it is served all the same. Files that are not there are told elsewhere.
 */
export function checkCertificates(
  listens: readonly WrittenListen[],
  { now, node }: CertificateFacts,
): readonly PlacedFault[] {
  const faults: PlacedFault[] = [];
  const seen = new Map<string, SoundCertificate | CertificateFault>();
  const keyTypes = new Map<string, string>();
  for (const { path, model } of listens) {
    const { tls } = model;
    if (tls === null) continue;
    const known = seen.get(certificateName(tls));
    const read = known ?? readCertificate(tls);
    seen.set(certificateName(tls), read);
    if ('keyType' in read && !showsMixedKeys(node)) {
      const address = endpointText(model.endpoint);
      const first = keyTypes.get(address) ?? read.keyType;
      keyTypes.set(address, first);
      if (first !== read.keyType)
        faults.push({
          path: [...path, 'tls', 'certificate'],
          fault: {
            code: 'certificate',
            message: `Node ${node} would show clients of ${address} the wrong certificate: this one has a key of kind ${read.keyType}, another on the address one of kind ${first}`,
            cure: 'Run Node 24 or newer, or use certificates with one kind of key on the address',
          },
        });
    }
    if (known !== undefined) continue;
    if (!('texts' in read)) {
      if (read.isMissing !== true)
        faults.push({ path: [...path, 'tls', read.option], fault: read.fault });
    } else if (read.ends < now) {
      faults.push({
        path: [...path, 'tls', 'certificate'],
        isNote: true,
        fault: {
          code: 'certificate',
          message: `The certificate ${tls.certificate} ran out on ${read.ends.toISOString().slice(0, 10)}`,
          cure: 'Put a new one in its place and reload; browsers refuse this one',
        },
      });
    }
  }
  return faults;
}

// Older ones add the certificate that was asked for to that of the default site, and OpenSSL chooses between them by
// what the client likes better.
function showsMixedKeys(node: string): boolean {
  return Number(node.split('.')[0]) >= 24;
}
