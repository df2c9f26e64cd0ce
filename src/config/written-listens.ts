/** The listen addresses of an input as written, whatever else is wrong with it. */
import { listenEntry, type ListenModel } from '../net/options.ts';
import { isPlainObject, ownValue, type Path, type Place, resolve } from '../schema/index.ts';

/** One entry of the `listen` of a site that can be read. */
export interface WrittenListen {
  readonly site: string;
  /** Its number in the list. */
  readonly index: number;
  readonly path: Path;
  readonly model: ListenModel;
}

/** Every entry that can be read, in the order of the file; faults of the others are told elsewhere. */
export function writtenListens(sites: unknown, place: Place): readonly WrittenListen[] {
  if (!isPlainObject(sites)) return [];
  const found: WrittenListen[] = [];
  for (const [site, options] of Object.entries(sites)) {
    const listen = isPlainObject(options) ? ownValue(options, 'listen') : undefined;
    if (!Array.isArray(listen)) continue;
    for (const [index, entry] of listen.entries()) {
      const { model } = resolve(listenEntry, entry, { directory: place.directory });
      if (model !== undefined)
        found.push({ site, index, path: ['sites', site, 'listen', index], model });
    }
  }
  return found;
}
