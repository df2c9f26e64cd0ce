import mime from 'mime';

/**
 * The media type for a file name: by `mime-mapping` of the application, else by the usual list; null for an
 * unknown ending. Endings have no case.
 */
export function mediaTypeOf(file: string, own: ReadonlyMap<string, string>): string | null {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  if (dot < 0) return null;
  const ending = name.slice(dot + 1).toLowerCase();
  return own.get(ending) ?? mime.getType(ending);
}
