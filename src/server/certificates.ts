/** The certificates of one thread through a change of the configuration: what is the same keeps what was made of it. */
import {
  type AddressSites,
  type CertificateTexts,
  certificateName,
  type SiteModel,
} from '../config/index.ts';
import { Certificate } from '../net/index.ts';
import { endpointText } from '../schema/index.ts';
import { inSlices } from './slices.ts';
import type { NamedText } from './texts.ts';

interface Entry {
  readonly json: string;
  readonly certificate: Certificate;
}

/** The certificates of one configuration. Made anew for each; entries that did not change are taken over. */
export class CertificateSet {
  readonly #entries = new Map<string, Entry>();

  /**
   * Makes the certificates of a configuration beside those of the one before, in slices. Each comes as JSON text, or null
   * where it is the same as before; `now` tells monotonic milliseconds.
   */
  static async buildBeside(
    before: CertificateSet | null,
    texts: Iterable<NamedText>,
    now: () => number,
  ): Promise<CertificateSet> {
    const set = new CertificateSet();
    await inSlices(
      texts,
      ([name, text]) => {
        const known = before === null ? undefined : before.#entries.get(name);
        if (known !== undefined && (text === null || text === known.json)) {
          set.#entries.set(name, known);
        } else if (text !== null) {
          const { certificate, key } = JSON.parse(text) as CertificateTexts;
          set.#entries.set(name, { json: text, certificate: new Certificate(certificate, key) });
        }
      },
      now,
    );
    return set;
  }

  /** What a site that listens there shows on an address; null where that is plain HTTP. */
  shownBy(listen: SiteModel['listen'], { key, tls }: AddressSites): Certificate | null {
    if (!tls) return null;
    const own = listen.find(({ endpoint }) => endpointText(endpoint) === key)?.tls ?? null;
    const entry = own === null ? undefined : this.#entries.get(certificateName(own));
    return entry === undefined ? null : entry.certificate;
  }
}
