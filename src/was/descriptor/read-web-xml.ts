/** From the text of a deployment descriptor to its model, or to everything that is wrong with it. */
import type { Problem } from '../../schema/index.ts';
import { type Contents, ElementReader, ignore } from './element-reader.ts';
import { Problems } from './problems.ts';
import { ServletsReader } from './read-servlets.ts';
import { DEFAULT_SESSION, readSessionConfig } from './read-session-config.ts';
import type { ErrorPageModel, WebAppModel } from './web-app.ts';
import { parseXml, type XmlElement } from './xml-tree.ts';

/** An application without `web.xml`: files alone, and `index.html` or `index.htm` for a directory. */
export const DEFAULT_WEB_APP: WebAppModel = {
  displayName: null,
  contextParams: new Map(),
  servlets: [],
  servletMappings: [],
  filters: [],
  filterMappings: [],
  welcomeFiles: ['index.html', 'index.htm'],
  errorPages: [],
  session: DEFAULT_SESSION,
  mimeTypes: new Map(),
  requestEncoding: null,
  responseEncoding: null,
};

/** Elements of the specification whose meaning this version does not have: to leave them out of account would be unsafe. */
const UNSUPPORTED = [
  'listener',
  'security-constraint',
  'login-config',
  'security-role',
  'jsp-config',
  'taglib',
  'resource-ref',
  'resource-env-ref',
  'env-entry',
  'ejb-ref',
  'ejb-local-ref',
  'service-ref',
  'message-destination',
  'message-destination-ref',
  'persistence-context-ref',
  'persistence-unit-ref',
  'data-source',
  'mail-session',
  'jms-connection-factory',
  'jms-destination',
  'connection-factory',
  'administered-object',
  'context-service',
  'managed-executor',
  'managed-scheduled-executor',
  'managed-thread-factory',
  'post-construct',
  'pre-destroy',
  'locale-encoding-mapping-list',
] as const;

const MEDIA_TYPE =
  /^[!#$&^_.+\w-]+\/[!#$&^_.+\w-]+(?: *; *[!#$&^_.+\w-]+=(?:[!#$&^_.+\w-]+|"[ !#-[\]-~]*"))*$/;

/**
 * Reads the `web.xml` of Jakarta Servlet, or of an older Java EE. The model is null where one of the problems is no
 * note.
 */
export function readWebXml(
  text: string,
  file: string,
): { readonly model: WebAppModel | null; readonly problems: readonly Problem[] } {
  const parsed = parseXml(text);
  if ('fault' in parsed) {
    const problem = { path: [], object: 'web.xml', code: 'syntax', file, ...parsed.fault } as const;
    return { model: null, problems: [problem] };
  }
  const problems = new Problems(file);
  const reader = new WebXmlReader(new ElementReader(problems));
  const model = reader.read(parsed.root);
  const { found } = problems;
  const isUsable = found.every(({ isNote }) => isNote === true);
  return { model: isUsable ? model : null, problems: found };
}

class WebXmlReader {
  readonly #reader: ElementReader;
  readonly #servlets: ServletsReader;
  readonly #contextParams = new Map<string, string>();
  readonly #mimeTypes = new Map<string, string>();
  /** By status or kind of error; by an empty text for everything else. */
  readonly #errorPages = new Map<string, ErrorPageModel>();
  #welcomeFiles: string[] | null = null;
  #session = DEFAULT_SESSION;
  #requestEncoding: string | null = null;
  #responseEncoding: string | null = null;

  constructor(reader: ElementReader) {
    this.#reader = reader;
    this.#servlets = new ServletsReader(reader);
  }

  read(root: XmlElement): WebAppModel {
    const reader = this.#reader;
    if (root.name !== 'web-app') {
      reader.problems.add(
        root,
        'wrong-type',
        'It is no deployment descriptor',
        'Let its root be <web-app>',
      );
      return DEFAULT_WEB_APP;
    }
    const servlets = this.#servlets;
    const once: Contents = {
      'session-config': (child) => (this.#session = readSessionConfig(child, reader)),
      'request-character-encoding': (child) => {
        this.#requestEncoding = this.#encoding(child, isReadable);
      },
      'response-character-encoding': (child) => {
        this.#responseEncoding = this.#encoding(child, (name) => WRITABLE.test(name));
      },
    };
    const many: Contents = {
      'context-param': (child) => reader.param(child, this.#contextParams, 'last'),
      servlet: (child) => servlets.servlet(child),
      'servlet-mapping': (child) => servlets.servletMapping(child),
      filter: (child) => servlets.filter(child),
      'filter-mapping': (child) => servlets.filterMapping(child),
      'welcome-file-list': (child) => this.#welcomeFileList(child),
      'error-page': (child) => this.#errorPage(child),
      'mime-mapping': (child) => this.#mimeMapping(child),
      distributable: ignore,
      // Nothing is protected by constraints, and nothing is left uncovered by them.
      'deny-uncovered-http-methods': ignore,
      'default-context-path': (child) => this.#unused(child),
      'module-name': (child) => this.#unused(child),
      ordering: 'anything',
      'absolute-ordering': 'anything',
      ...Object.fromEntries(UNSUPPORTED.map((name) => [name, 'unsupported' as const])),
    };
    reader.contents(root, once, many);
    return {
      displayName: root.children.find(({ name }) => name === 'display-name')?.text ?? null,
      contextParams: this.#contextParams,
      ...servlets.finish(),
      welcomeFiles: this.#welcomeFiles ?? DEFAULT_WEB_APP.welcomeFiles,
      errorPages: [...this.#errorPages.values()],
      session: this.#session,
      mimeTypes: this.#mimeTypes,
      requestEncoding: this.#requestEncoding,
      responseEncoding: this.#responseEncoding,
    };
  }

  #unused(element: XmlElement): void {
    this.#reader.problems.note(
      element,
      'not-available',
      'The path of an application is that of its route',
      'Remove it, or leave it: it changes nothing',
    );
  }

  #encoding(element: XmlElement, isKnown: (name: string) => boolean): string | null {
    if (isKnown(element.text)) return element.text;
    const cure = 'Write UTF-8 or ISO-8859-1';
    this.#reader.problems.add(element, 'not-a-choice', 'The charset is not known', cure);
    return null;
  }

  #welcomeFileList(element: XmlElement): void {
    const reader = this.#reader;
    const files = (this.#welcomeFiles ??= []);
    const welcomeFile = (child: XmlElement): void => {
      if (reader.name(child) === '') return;
      if (!child.text.startsWith('/') && !child.text.endsWith('/')) files.push(child.text);
      else {
        const message = 'A welcome file is appended to a directory: no slash in front or behind';
        reader.problems.add(child, 'wrong-form', message, 'Write the name of the file alone');
      }
    };
    reader.contents(element, {}, { 'welcome-file': welcomeFile });
  }

  #errorPage(element: XmlElement): void {
    const reader = this.#reader;
    reader.contents(element, { 'error-code': ignore, 'exception-type': ignore, location: ignore });
    const code = reader.optional(element, 'error-code');
    const type = reader.optional(element, 'exception-type');
    const location = reader.required(element, 'location');
    if (code !== null && type !== null) {
      const cure = 'Write two <error-page>, one for each';
      reader.problems.add(element, 'two-actions', 'It is for a status and for an error', cure);
    }
    const status = code === null ? null : reader.integer(code, 400, 599, null);
    const exceptionType = type === null ? null : reader.name(type);
    if (location === null) return;
    if (!location.text.startsWith('/')) {
      const cure = `Write /${location.text}`;
      reader.problems.add(location, 'wrong-form', 'It does not begin with a slash', cure);
    }
    // A number that was told is wrong is no other page's.
    if (code !== null && status === null) return;
    const key = exceptionType ?? status?.toString() ?? '';
    if (this.#errorPages.has(key)) {
      const message = 'There is a page for this already; the last counts, as in Tomcat';
      reader.problems.note(element, 'duplicate', message, 'Remove one of them');
    }
    this.#errorPages.set(key, { status, exceptionType, location: location.text });
  }

  #mimeMapping(element: XmlElement): void {
    const reader = this.#reader;
    reader.contents(element, { extension: ignore, 'mime-type': ignore });
    const extension = reader.required(element, 'extension');
    const type = reader.required(element, 'mime-type');
    if (extension === null || type === null || reader.name(extension) === '') return;
    if (!MEDIA_TYPE.test(type.text)) {
      reader.problems.add(type, 'wrong-form', 'It is no media type', 'Write it as in text/plain');
      return;
    }
    const key = extension.text.toLowerCase();
    if (this.#mimeTypes.has(key)) {
      const message = 'The ending has a media type already; the last counts, as in Tomcat';
      reader.problems.note(extension, 'duplicate', message, 'Remove one of them');
    }
    this.#mimeTypes.set(key, type.text);
  }
}

const WRITABLE = /^(?:utf-?8|iso-?8859[-_]1|latin1|(?:us-)?ascii)$/i;

function isReadable(name: string): boolean {
  try {
    return new TextDecoder(name).encoding !== '';
  } catch {
    return false;
  }
}
