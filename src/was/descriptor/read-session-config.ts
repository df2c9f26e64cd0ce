import { type ElementReader, ignore } from './element-reader.ts';
import type { SessionCookieModel, SessionModel } from './web-app.ts';
import type { XmlElement } from './xml-tree.ts';

// RFC 6265 section 4.1.1.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const ATTRIBUTE_VALUE = /^[ -:<-~]*$/;

const MOST_INT = 2 ** 31 - 1;

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
  reader.contents(element, {
    'session-timeout': (child) => {
      timeout = reader.integer(child, -MOST_INT, Math.floor(MOST_INT / 60), timeout);
    },
    'cookie-config': (child) => (cookie = readCookie(child, reader)),
    'tracking-mode': (child) => {
      if (child.text === 'COOKIE' || child.text === 'URL') tracking.add(child.text);
      else if (child.text === 'SSL') reader.problems.unsupported(child);
      else {
        const cure = 'Write COOKIE or URL';
        reader.problems.add(child, 'not-a-choice', 'Ids do not travel in this way', cure);
      }
    },
  });
  for (const name of ['session-timeout', 'cookie-config']) reader.optional(element, name);
  return { timeout, cookie, tracking: tracking.size === 0 ? DEFAULT_SESSION.tracking : tracking };
}

function readCookie(element: XmlElement, reader: ElementReader): SessionCookieModel {
  const { cookie: usual } = DEFAULT_SESSION;
  let { name, domain, path, httpOnly, secure, maxAge } = usual;
  const attributes = new Map(usual.attributes);
  const value = (child: XmlElement): string => {
    if (ATTRIBUTE_VALUE.test(child.text)) return child.text;
    const cure = 'Use ASCII characters without a semicolon';
    reader.problems.add(child, 'wrong-form', 'A cookie cannot carry such a value', cure);
    return '';
  };
  reader.contents(element, {
    name: (child) => {
      if (TOKEN.test(child.text)) name = child.text;
      else {
        const cure = 'Use letters, digits, - and _';
        reader.problems.add(child, 'wrong-form', 'It is no name of a cookie', cure);
      }
    },
    domain: (child) => (domain = value(child) || null),
    path: (child) => (path = value(child) || null),
    comment: ignore,
    'http-only': (child) => (httpOnly = reader.boolean(child, httpOnly)),
    secure: (child) => (secure = reader.boolean(child, secure)),
    'max-age': (child) => (maxAge = reader.integer(child, -MOST_INT, MOST_INT, maxAge)),
    attribute: (child) => {
      reader.contents(child, { 'attribute-name': ignore, 'attribute-value': ignore });
      const key = reader.required(child, 'attribute-name');
      const given = reader.required(child, 'attribute-value');
      if (key === null || given === null) return;
      if (!TOKEN.test(key.text)) {
        reader.problems.add(
          key,
          'wrong-form',
          'It is no name of an attribute',
          'Use letters and -',
        );
        return;
      }
      // Names of attributes have no case, and this one has a default.
      const known = [...attributes.keys()].find(
        (each) => each.toLowerCase() === key.text.toLowerCase(),
      );
      attributes.set(known ?? key.text, value(given));
    },
  });
  return { name, domain, path, httpOnly, secure, maxAge, attributes };
}
