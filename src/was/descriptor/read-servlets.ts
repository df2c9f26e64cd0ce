/** Servlets, filters, and what leads to them. */
import type { DispatcherType } from '../api/index.ts';
import { type ElementReader, ignore } from './element-reader.ts';
import { urlPattern } from './url-pattern.ts';
import type {
  FilterMappingModel,
  FilterModel,
  MultipartModel,
  ServletMappingModel,
  ServletModel,
} from './web-app.ts';
import type { XmlElement } from './xml-tree.ts';

/** The servlet that the container declares itself. */
const DEFAULT_SERVLET = 'default';

/** That of pages, which other containers declare. */
const PAGE_SERVLET = 'jsp';

const DISPATCHERS: readonly DispatcherType[] = ['REQUEST', 'FORWARD', 'INCLUDE', 'ERROR'];

const MOST_BYTES = Number.MAX_SAFE_INTEGER;
const MOST_INT = 2 ** 31 - 1;
const LEAST_INT = -(2 ** 31);

interface Declared {
  /** Null where it was told that something is wrong with it: its name is known all the same. */
  readonly model: ServletModel | null;
  /** False takes it out again, with its mappings. */
  readonly isEnabled: boolean;
}

/** See the head of this file; what was read so far. */
export class ServletsReader {
  readonly #reader: ElementReader;
  readonly #servlets = new Map<string, Declared>();
  /** Null as for servlets. */
  readonly #filters = new Map<string, FilterModel | null>();
  readonly #mappings = new Map<
    string,
    { readonly element: XmlElement; readonly servletName: string }
  >();
  readonly #filterMappings: FilterMappingModel[] = [];
  // Names are looked up when all are known.
  readonly #uses: { readonly kind: 'servlet' | 'filter'; readonly element: XmlElement }[] = [];

  constructor(reader: ElementReader) {
    this.#reader = reader;
  }

  servlet(element: XmlElement): void {
    const reader = this.#reader;
    const initParams = new Map<string, string>();
    let loadOnStartup: number | null = null;
    let multipart: MultipartModel | null = null;
    let isEnabled = true;
    reader.contents(
      element,
      {
        'servlet-name': ignore,
        'servlet-class': ignore,
        'jsp-file': 'unsupported',
        'load-on-startup': (child) => {
          // Without a number it is any time of the start, says the DTD of Servlet 2.2.
          loadOnStartup = child.text === '' ? 0 : reader.integer(child, LEAST_INT, MOST_INT, 0);
        },
        enabled: (child) => (isEnabled = reader.boolean(child, true)),
        'async-supported': (child) => void reader.boolean(child, true),
        'run-as': 'unsupported',
        'multipart-config': (child) => (multipart = this.#multipart(child)),
      },
      {
        // The tests of Jakarta Servlet expect the first to count.
        'init-param': (child) => reader.param(child, initParams, 'first'),
        'security-role-ref': 'unsupported',
      },
    );
    const name = this.#declaredName(element, 'servlet-name', this.#servlets);
    const hasPage = reader.optional(element, 'jsp-file') !== null;
    const className = hasPage ? null : this.#className(element, 'servlet-class');
    if (name === null) return;
    const model =
      className === null ? null : { name, className, initParams, loadOnStartup, multipart };
    this.#servlets.set(name, { model, isEnabled });
  }

  filter(element: XmlElement): void {
    const reader = this.#reader;
    const initParams = new Map<string, string>();
    reader.contents(
      element,
      {
        'filter-name': ignore,
        'filter-class': ignore,
        'async-supported': (child) => void reader.boolean(child, true),
      },
      { 'init-param': (child) => reader.param(child, initParams, 'first') },
    );
    const name = this.#declaredName(element, 'filter-name', this.#filters);
    const className = this.#className(element, 'filter-class');
    if (name === null) return;
    this.#filters.set(name, className === null ? null : { name, className, initParams });
  }

  #className(element: XmlElement, key: string): string | null {
    const className = this.#reader.required(element, key);
    return className === null || this.#reader.name(className) === '' ? null : className.text;
  }

  #declaredName(
    element: XmlElement,
    key: string,
    declared: ReadonlyMap<string, unknown>,
  ): string | null {
    const name = this.#reader.required(element, key);
    if (name === null || this.#reader.name(name) === '') return null;
    if (!declared.has(name.text)) return name.text;
    this.#reader.problems.add(
      name,
      'duplicate',
      'The name is taken',
      'Give one of them another name',
    );
    return null;
  }

  #multipart(element: XmlElement): MultipartModel {
    const reader = this.#reader;
    const model = { location: '', maxFileSize: -1, maxRequestSize: -1, fileSizeThreshold: 0 };
    reader.contents(element, {
      location: (child) => (model.location = child.text),
      'max-file-size': (child) => (model.maxFileSize = reader.integer(child, -1, MOST_BYTES, -1)),
      'max-request-size': (child) =>
        (model.maxRequestSize = reader.integer(child, -1, MOST_BYTES, -1)),
      'file-size-threshold': (child) =>
        (model.fileSizeThreshold = reader.integer(child, 0, MOST_INT, 0)),
    });
    return model;
  }

  servletMapping(element: XmlElement): void {
    const reader = this.#reader;
    const patterns: XmlElement[] = [];
    reader.contents(
      element,
      { 'servlet-name': ignore },
      { 'url-pattern': (child) => void patterns.push(child) },
    );
    if (patterns.length === 0) reader.required(element, 'url-pattern');
    const name = reader.required(element, 'servlet-name');
    if (name === null || reader.name(name) === '') return;
    this.#uses.push({ kind: 'servlet', element: name });
    for (const written of patterns) {
      const pattern = urlPattern(written, reader);
      if (pattern === null) continue;
      const known = this.#mappings.get(pattern);
      if (known === undefined) {
        this.#mappings.set(pattern, { element: written, servletName: name.text });
        continue;
      }
      reader.problems.add(
        written,
        'duplicate',
        `The pattern leads to ${known.servletName} since line ${known.element.line}`,
        'Remove one of them',
      );
    }
  }

  filterMapping(element: XmlElement): void {
    const reader = this.#reader;
    const patterns: string[] = [];
    const servletNames: string[] = [];
    const dispatchers = new Set<DispatcherType>();
    reader.contents(
      element,
      { 'filter-name': ignore },
      {
        'url-pattern': (child) => {
          const pattern = urlPattern(child, reader);
          if (pattern !== null) patterns.push(pattern);
        },
        'servlet-name': (child) => {
          if (reader.name(child) === '') return;
          servletNames.push(child.text);
          if (child.text !== '*') this.#uses.push({ kind: 'servlet', element: child });
        },
        dispatcher: (child) => this.#dispatcher(child, dispatchers),
      },
    );
    const has = (name: string): boolean => reader.optional(element, name) !== null;
    if (!has('url-pattern') && !has('servlet-name')) {
      reader.problems.add(
        element,
        'missing-key',
        'The filter is mapped to nothing',
        'Add <url-pattern> or <servlet-name>',
      );
    }
    const name = reader.required(element, 'filter-name');
    if (name === null || reader.name(name) === '') return;
    this.#uses.push({ kind: 'filter', element: name });
    if (!has('dispatcher')) dispatchers.add('REQUEST');
    this.#filterMappings.push({ filterName: name.text, patterns, servletNames, dispatchers });
  }

  #dispatcher(element: XmlElement, into: Set<DispatcherType>): void {
    const type = DISPATCHERS.find((each) => each === element.text);
    if (type !== undefined) into.add(type);
    // Nothing is dispatched in this way, because methods return promises: see docs/decisions/0012.
    else if (element.text !== 'ASYNC') {
      this.#reader.problems.add(
        element,
        'not-a-choice',
        'There is no such way to a servlet',
        `Write one of ${DISPATCHERS.join(', ')}`,
      );
    }
  }

  /** What was read, when all of the descriptor was. */
  finish(): {
    readonly servlets: readonly ServletModel[];
    readonly servletMappings: readonly ServletMappingModel[];
    readonly filters: readonly FilterModel[];
    readonly filterMappings: readonly FilterMappingModel[];
  } {
    for (const { kind, element } of this.#uses) {
      const known = kind === 'servlet' ? this.#servlets : this.#filters;
      if (known.has(element.text)) continue;
      if (kind === 'servlet' && element.text === DEFAULT_SERVLET) continue;
      if (kind === 'servlet' && element.text === PAGE_SERVLET) {
        this.#reader.problems.unsupported(element);
        continue;
      }
      this.#reader.problems.add(
        element,
        'unknown-reference',
        `No ${kind} of this name is declared`,
        `Add a <${kind}> with this name, or correct it`,
      );
    }
    const isServed = (name: string): boolean => this.#servlets.get(name)?.isEnabled !== false;
    return {
      servlets: [...this.#servlets.values()].flatMap(({ model, isEnabled }) =>
        isEnabled && model !== null ? [model] : [],
      ),
      servletMappings: Array.from(this.#mappings, ([pattern, { servletName }]) => ({
        pattern,
        servletName,
      })).filter(({ servletName }) => isServed(servletName)),
      filters: [...this.#filters.values()].filter((model) => model !== null),
      filterMappings: this.#filterMappings,
    };
  }
}
