import { DEFAULT_CHARSET_TYPES, type FilesModel } from '../../src/web/index.ts';

/** A files route as it is without options, but for what a test says. */
export function filesModelFor(root: string, changes: Partial<FilesModel> = {}): FilesModel {
  return {
    root: Buffer.from(root),
    strip: '',
    dotfiles: 'deny',
    hidesApplications: true,
    symlinks: 'within-root',
    types: new Map(),
    defaultType: 'application/octet-stream',
    charset: null,
    charsetTypes: DEFAULT_CHARSET_TYPES,
    precompressed: [],
    etag: true,
    cacheControl: null,
    keptFileSize: 64 * 1024,
    revalidateMs: 1000,
    index: ['index.html'],
    maxRanges: 16,
    ifModifiedSince: 'exact',
    directoryRedirect: true,
    redirectStyle: 'absolute',
    ...changes,
  };
}
