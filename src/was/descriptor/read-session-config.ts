import { type ElementReader, ignore } from './element-reader.ts';
import type { SessionCookieModel, SessionModel } from './web-app.ts';
import type { XmlElement } from './xml-tree.ts';

// RFC 6265 section 4.1.1.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const ATTRIBUTE_VALUE = /^[ -:<-~]*$/;

// As Tomcat checks it: a name of a host, without the dot in front of RFC 2109.
const DOMAIN = /^[0-9A-Za-z][0-9A-Za-z.-]*$/;

// RFC 6265bis section 5.6.7; browsers ignore its case.
const SAME_SITE = ['Strict', 'Lax', 'None'] as const;

const MOST_INT = 2 ** 31 - 1;
const LEAST_INT = -(2 ** 31);

/** Sessions of an application that says nothing about them: 30 minutes, a cookie that scripts and other sites do not get. */
export const DEFAULT_SESSION: SessionModel = {
  timeout: 30,
  cookie: {
    name: 'JSESSIONID',
    domain: null,
    path: null,
    httpOnly: true,
    secure: false,
    maxAge: -1,
    attributes: new Map([['SameSite', 'Lax']]),
  },
  tracking: new Set(['COOKIE']),
};

/** What a `session-config` changes of `DEFAULT_SESSION`; what is wrong with it goes to the reader's problems. */
export function readSessionConfig(element: XmlElement, reader: ElementReader): SessionModel {
  let { timeout, cookie } = DEFAULT_SESSION;
  const tracking = new Set<'COOKIE' | 'URL'>();
  reader.contents(
    element,
    {
      'session-timeout': (child) => {
        timeout = reader.integer(child, LEAST_INT, Math.floor(MOST_INT / 60), timeout);
      },
      'cookie-config': (child) => (cookie = readCookie(child, reader)),
    },
    {
      'tracking-mode': (child) => {
        if (child.text === 'COOKIE' || child.text === 'URL') tracking.add(child.text);
        else if (child.text === 'SSL') reader.problems.unsupported(child);
        else {
          const cure = 'Write COOKIE or URL';
          reader.problems.add(child, 'not-a-choice', 'Ids do not travel in this way', cure);
        }
      },
    },
  );
  return { timeout, cookie, tracking: tracking.size === 0 ? DEFAULT_SESSION.tracking : tracking };
}

function readCookie(element: XmlElement, reader: ElementReader): SessionCookieModel {
  const { problems } = reader;
  let { name, domain, path, httpOnly, secure, maxAge } = DEFAULT_SESSION.cookie;
  const value = (child: XmlElement): string => {
    if (ATTRIBUTE_VALUE.test(child.text)) return child.text;
    const cure = 'Use ASCII characters without a semicolon';
    problems.add(child, 'wrong-form', 'A cookie cannot carry such a value', cure);
    return '';
  };
  // Jakarta Servlet sets the same by the names of these attributes.
  const properties = new Map<string, (child: XmlElement) => void>([
    ['domain', (child) => (domain = readDomain(child, reader))],
    ['path', (child) => (path = value(child) || null)],
    ['comment', ignore],
    ['http-only', (child) => (httpOnly = reader.boolean(child, httpOnly))],
    ['secure', (child) => (secure = reader.boolean(child, secure))],
    ['max-age', (child) => (maxAge = reader.integer(child, LEAST_INT, MOST_INT, maxAge))],
  ]);
  // By names in lower case: browsers tell them apart without it.
  const attributes = new Map<string, Attribute>();
  const readAttribute = (child: XmlElement): void => {
    reader.contents(child, { 'attribute-name': ignore, 'attribute-value': ignore });
    const key = reader.required(child, 'attribute-name');
    const given = reader.required(child, 'attribute-value');
    if (key === null || given === null) return;
    if (!TOKEN.test(key.text)) {
      problems.add(key, 'wrong-form', 'It is no name of an attribute', 'Use letters and -');
      return;
    }
    const lower = key.text.toLowerCase();
    const property = properties.get(lower === 'httponly' ? 'http-only' : lower);
    if (property !== undefined) {
      property(given);
      return;
    }
    if (attributes.has(lower)) {
      const message = 'The attribute has a value already; the last counts, as in Tomcat';
      problems.note(key, 'duplicate', message, 'Remove one of them');
    }
    const [shown, written] =
      lower === 'samesite' ? ['SameSite', readSameSite(given, reader)] : [key.text, value(given)];
    attributes.set(lower, { name: shown, value: written, element: given });
  };
  reader.contents(
    element,
    {
      name: (child) => {
        if (TOKEN.test(child.text)) name = child.text;
        else {
          const cure = 'Use letters, digits, - and _';
          problems.add(child, 'wrong-form', 'It is no name of a cookie', cure);
        }
      },
      ...Object.fromEntries(properties),
    },
    { attribute: readAttribute },
  );
  const sameSite = attributes.get('samesite');
  if (sameSite?.value === 'None' && !secure) {
    const message = 'Browsers refuse a cookie with SameSite=None that is not Secure';
    problems.note(sameSite.element, 'conflict', message, 'Add <secure>true</secure>');
  }
  const written = Array.from(attributes.values(), (each): [string, string] => [
    each.name,
    each.value,
  ]);
  return {
    name,
    domain,
    path,
    httpOnly,
    secure,
    maxAge,
    attributes: new Map([...DEFAULT_SESSION.cookie.attributes, ...written]),
  };
}

interface Attribute {
  readonly name: string;
  readonly value: string;
  /** Of its value. */
  readonly element: XmlElement;
}

function readDomain(element: XmlElement, reader: ElementReader): string | null {
  if (element.text === '') return null;
  if (DOMAIN.test(element.text)) return element.text;
  const message = 'It is no name of a host';
  reader.problems.add(
    element,
    'wrong-form',
    message,
    'Write it as in example.com, no dot in front',
  );
  return null;
}

function readSameSite(element: XmlElement, reader: ElementReader): string {
  const lower = element.text.toLowerCase();
  const known = SAME_SITE.find((each) => each.toLowerCase() === lower);
  if (known !== undefined) return known;
  const cure = 'Write Strict, Lax or None';
  reader.problems.add(element, 'not-a-choice', 'Browsers know no such SameSite', cure);
  return 'Lax';
}
