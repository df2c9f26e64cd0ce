/**
 * From the path of a request to the name of a file, as bytes.
 *
 * A decoded path is latin1 text, one character for each byte of the URL, and the file system gets those
 * very bytes: names in UTF-8, in latin1 or in nothing at all are found alike. What the routing should
 * have removed already (NUL, dot segments) is refused again here, because this is the last place before
 * the file system and the cost is paid only when a file is not in memory.
 */

/** Which names under which directory a route serves. */
export interface FilePathModel {
  /** The directory, absolute, without a slash at its end (`/` itself is empty). */
  readonly root: Buffer;
  /**
   * What is taken off the front of the path before it continues the directory, as nginx `alias` does;
   * empty for nginx `root`.
   */
  readonly strip: string;
  /** `deny` refuses segments that begin with a dot, but for `/.well-known/` (RFC 8615). */
  readonly dotfiles: 'deny' | 'allow';
  /** Whether segments called `WEB-INF` or `META-INF`, in any case, are refused. */
  readonly hidesApplications: boolean;
}

/** A name that may be asked of the file system. */
export interface FilePath {
  /** The absolute path, bytes. */
  readonly bytes: Buffer;
  /** The part below the root, latin1; begins with a slash. */
  readonly inner: string;
}

const SLASH = 0x2f;
const DOT = 0x2e;
const HIDDEN = ['web-inf', 'meta-inf'];
const WELL_KNOWN = '.well-known';

/**
 * The file that a decoded path means, or null for a name that is never served: NUL, a `..` or `.`
 * segment, a hidden name, or, below a `strip` that ends inside a segment, another segment than the one
 * the route is for (`/img` stripped of `/img../secret` would climb out, as it does with nginx's alias).
 */
export function filePath(
  model: FilePathModel,
  path: string,
  platform: NodeJS.Platform = process.platform,
): FilePath | null {
  if (!path.startsWith(model.strip) || path.includes('\0')) return null;
  let inner = model.strip === '' ? path : path.slice(model.strip.length);
  if (inner.charCodeAt(0) !== SLASH) {
    if (inner !== '' && !model.strip.endsWith('/')) return null;
    inner = `/${inner}`;
  }
  let from = 1;
  while (from <= inner.length) {
    let to = inner.indexOf('/', from);
    if (to === -1) to = inner.length;
    if (isRefused(model, inner, from, to)) return null;
    if (platform === 'win32' && meansOtherOnWindows(inner, from, to)) return null;
    from = to + 1;
  }
  return { bytes: Buffer.concat([model.root, Buffer.from(inner, 'latin1')]), inner };
}

function isRefused(model: FilePathModel, path: string, from: number, to: number): boolean {
  if (path.charCodeAt(from) === DOT && from < to) {
    const isDots = to - from === 1 || (to - from === 2 && path.charCodeAt(from + 1) === DOT);
    if (isDots) return true;
    const isWellKnown =
      from === 1 && to - from === WELL_KNOWN.length && path.startsWith(WELL_KNOWN, 1);
    if (model.dotfiles === 'deny' && !isWellKnown) return true;
  }
  return model.hidesApplications && HIDDEN.some((name) => isNameAt(path, from, to, name));
}

/** ASCII letters of both cases count as one: some file systems see no difference. */
function isNameAt(path: string, from: number, to: number, name: string): boolean {
  if (to - from !== name.length) return false;
  for (let at = 0; at < name.length; at++) {
    const code = path.charCodeAt(from + at);
    const lower = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
    if (lower !== name.charCodeAt(at)) return false;
  }
  return true;
}

/**
 * Names that Windows takes for something other than what they say: separators and drives, streams
 * (`a.txt::$DATA`), 8.3 short names (`WEB-IN~1`), and dots or blanks at the end, which it drops.
 */
function meansOtherOnWindows(path: string, from: number, to: number): boolean {
  if (from === to) return false;
  for (let at = from; at < to; at++) {
    const code = path.charCodeAt(at);
    if (code < 0x20 || '\\:*?"<>|~'.includes(path.charAt(at))) return true;
  }
  const last = path.charCodeAt(to - 1);
  return last === DOT || last === 0x20;
}
