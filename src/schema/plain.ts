/** Looking at inputs of unknown type without falling for prototypes. */

/** Is it an object of keys and values, made by a literal, `JSON.parse` or a structured clone? */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** An own property, or undefined; an inherited one such as `constructor` does not count. */
export function ownValue(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
