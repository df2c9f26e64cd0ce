// RFC 6265 section 4.1.1: cookie-name is a token, cookie-value has no blanks, quotes, commas, semicolons or backslashes.
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^(?:"[!#-+\--:<-[\]-~]*"|[!#-+\--:<-[\]-~]*)$/;
const ATTRIBUTE_VALUE = /^[ -:<-~]*$/;

/** A cookie of a request, or one that a response sets (RFC 6265). Jakarta: `Cookie`. */
export class Cookie {
  readonly #name: string;
  #value = '';
  readonly #attributes = new Map<string, string>();

  /** @throws RangeError where the name is no token, or the value has blanks, quotes, commas, semicolons or anything but ASCII. */
  constructor(name: string, value: string) {
    if (!NAME.test(name)) throw new RangeError(`Cookie name is no token: ${JSON.stringify(name)}`);
    this.#name = name;
    this.setValue(value);
  }

  getName(): string {
    return this.#name;
  }

  getValue(): string {
    return this.#value;
  }

  /** @throws RangeError see the constructor; encode other text, with `encodeURIComponent` or in Base64. */
  setValue(value: string): void {
    if (!VALUE.test(value)) {
      throw new RangeError(
        `Value of cookie ${this.#name} has characters that a cookie cannot carry; encode it`,
      );
    }
    this.#value = value;
  }

  getDomain(): string | null {
    return this.getAttribute('Domain');
  }

  setDomain(domain: string | null): void {
    this.setAttribute('Domain', domain);
  }

  getPath(): string | null {
    return this.getAttribute('Path');
  }

  setPath(path: string | null): void {
    this.setAttribute('Path', path);
  }

  /** Seconds until the browser forgets it; -1 for the end of the browser's session. */
  getMaxAge(): number {
    const age = this.getAttribute('Max-Age');
    return age === null ? -1 : Number(age);
  }

  /** 0 deletes the cookie; a negative number means the end of the browser's session. */
  setMaxAge(seconds: number): void {
    if (!Number.isSafeInteger(seconds)) throw new RangeError('Max-Age is not a whole number');
    this.setAttribute('Max-Age', seconds < 0 ? null : String(seconds));
  }

  getSecure(): boolean {
    return this.getAttribute('Secure') !== null;
  }

  setSecure(secure: boolean): void {
    this.setAttribute('Secure', secure ? '' : null);
  }

  isHttpOnly(): boolean {
    return this.getAttribute('HttpOnly') !== null;
  }

  setHttpOnly(httpOnly: boolean): void {
    this.setAttribute('HttpOnly', httpOnly ? '' : null);
  }

  /** Value of an attribute, letter case of its name aside; empty for one without a value, null for none. */
  getAttribute(name: string): string | null {
    return this.#attributes.get(this.#spelt(name)) ?? null;
  }

  /**
   * Sets an attribute, `SameSite` for instance; an empty value is sent as the name alone, null takes it away.
   * @throws RangeError where the name is no token, or the value has a semicolon, a control character or anything but ASCII.
   */
  setAttribute(name: string, value: string | null): void {
    if (!NAME.test(name)) {
      throw new RangeError(`Name of a cookie attribute is no token: ${JSON.stringify(name)}`);
    }
    if (value === null) {
      this.#attributes.delete(this.#spelt(name));
      return;
    }
    if (!ATTRIBUTE_VALUE.test(value)) {
      throw new RangeError(`Attribute ${name} of cookie ${this.#name} cannot have such a value`);
    }
    this.#attributes.set(this.#spelt(name), value);
  }

  /** All attributes in the order in which they were set. */
  getAttributes(): ReadonlyMap<string, string> {
    return this.#attributes;
  }

  // Names of attributes have no case; the first spelling stays.
  #spelt(name: string): string {
    const wanted = name.toLowerCase();
    for (const known of this.#attributes.keys()) if (known.toLowerCase() === wanted) return known;
    return name;
  }
}
