import type { Fields } from '../../http/message/index.ts';

/** The values of all fields called `name`, in any case, in their order. */
export function valuesOf(fields: Fields, name: string): readonly string[] {
  const values: string[] = [];
  for (let at = fields.indexOfName(name); at >= 0; at = fields.indexOfName(name, at + 1)) {
    values.push(fields.valueAt(at));
  }
  return values;
}

/** The name of each field once, in the spelling in which it came first, behind those that are `known` already. */
export function namesOf(fields: Fields, known: readonly string[] = []): readonly string[] {
  const names = new Map(known.map((name) => [name.toLowerCase(), name]));
  for (const [name] of fields.entries()) {
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return [...names.values()];
}
