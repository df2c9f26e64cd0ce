import type { Fields } from '../http/message/index.ts';

const shared = new WeakSet<Fields>();

/**
 * Seals fields and notes that many answers will carry this very object, so that filters which always
 * change fields in the same way may remember what came of it.
 */
export function share(fields: Fields): Fields {
  shared.add(fields);
  return fields.seal();
}

/** Whether `share` was called with these fields. */
export function isShared(fields: Fields): boolean {
  return shared.has(fields);
}
