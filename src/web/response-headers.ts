/**
 * Changes to the header fields of responses (nginx `add_header`, httpd `Header`).
 *
 * Fields of files are shared by all their answers. Where the changes are the same for every request,
 * what comes of shared fields is remembered beside them, so that the hot request costs one look-up.
 */
import { fieldId, FIELD, Fields, isFieldValue } from '../http/message/index.ts';
import type { Context, HeaderFilter, Template } from '../pipeline/index.ts';
import { isShared, share } from './shared-fields.ts';

/** A header field of the configuration, whose value may hold variables. */
export interface NamedText {
  readonly name: string;
  readonly value: Template;
}

/** Changes that apply together: removing first, then setting, then adding. */
export interface HeaderChanges {
  readonly remove: readonly string[];
  readonly set: readonly NamedText[];
  readonly add: readonly NamedText[];
  /**
   * Whether they apply to every status; else only to 200, 201, 204, 206, 301, 302, 303, 304, 307 and 308
   * (nginx `add_header` without `always`).
   */
  readonly always: boolean;
}

const ORDINARY = new Set([200, 201, 204, 206, 301, 302, 303, 304, 307, 308]);

// Framing belongs to the protocol in front; a field of the configuration would contradict it.
const FRAMING = new Set([
  FIELD.connection,
  FIELD.contentLength,
  FIELD.keepAlive,
  FIELD.transferEncoding,
  FIELD.trailer,
  FIELD.upgrade,
]);

/** See the head of this file. */
export class ResponseHeaders implements HeaderFilter {
  readonly name = 'headers';
  readonly #always: readonly HeaderChanges[];
  readonly #all: readonly HeaderChanges[];
  readonly #isConstant: boolean;
  readonly #knownAlways = new WeakMap<Fields, Fields>();
  readonly #knownAll = new WeakMap<Fields, Fields>();

  /**
   * `changes` apply in their order.
   * @throws TypeError for a field that frames the message, or a fixed value that no field can have.
   */
  constructor(changes: readonly HeaderChanges[]) {
    for (const { set, add, remove } of changes) {
      for (const name of [...remove, ...[...set, ...add].map((field) => field.name)]) {
        if (FRAMING.has(fieldId(name))) throw new TypeError(`${name} is not to be changed`);
      }
      for (const { name, value } of [...set, ...add]) {
        if (value.constant !== null && !isFieldValue(value.constant)) {
          throw new TypeError(`The value of ${name} holds a control character`);
        }
      }
    }
    this.#all = changes;
    this.#always = changes.filter((change) => change.always);
    this.#isConstant = changes.every((change) =>
      [...change.set, ...change.add].every((field) => field.value.constant !== null),
    );
  }

  filter(context: Context, status: number, fields: Fields): Fields {
    const isOrdinary = ORDINARY.has(status);
    const changes = isOrdinary ? this.#all : this.#always;
    if (changes.length === 0) return fields;
    if (!this.#isConstant) return changed(context, fields, changes);
    const known = isOrdinary ? this.#knownAll : this.#knownAlways;
    const before = known.get(fields);
    if (before !== undefined) return before;
    const after = changed(context, fields, changes);
    // What only one answer carries is not worth remembering.
    if (isShared(fields)) known.set(fields, share(after));
    return after;
  }
}

function changed(context: Context, fields: Fields, changes: readonly HeaderChanges[]): Fields {
  const copy = fields.copy();
  for (const { remove, set, add } of changes) {
    for (const name of remove) copy.remove(name);
    for (const { name, value } of set) {
      const text = value.constant ?? value.evaluate(context);
      if (isSendable(text)) copy.set(name, text);
      else copy.remove(name);
    }
    for (const { name, value } of add) {
      const text = value.constant ?? value.evaluate(context);
      if (isSendable(text)) copy.append(name, text);
    }
  }
  return copy;
}

/**
 * A field whose variables came out empty is left out, as in nginx, and so is one in which the value of a
 * variable brings a line break; what was to be replaced by it goes all the same.
 */
function isSendable(value: string): boolean {
  return value !== '' && isFieldValue(value);
}
