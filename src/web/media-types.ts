/**
 * Media types by file ending.
 *
 * For the endings in nginx's `mime.types` (1.22, as Debian ships it) the type is nginx's, so that a site
 * that moves here keeps its headers; the rest comes from the npm package `mime`, which follows the IANA
 * registry.
 */
import mime from 'mime';
import { lowerAscii } from '../http/message/index.ts';

const NGINX_TYPES: readonly (readonly [type: string, endings: string])[] = [
  ['text/html', 'html htm shtml'],
  ['text/css', 'css'],
  ['text/xml', 'xml'],
  ['image/gif', 'gif'],
  ['image/jpeg', 'jpeg jpg'],
  ['application/javascript', 'js'],
  ['application/atom+xml', 'atom'],
  ['application/rss+xml', 'rss'],
  ['text/mathml', 'mml'],
  ['text/plain', 'txt'],
  ['text/vnd.sun.j2me.app-descriptor', 'jad'],
  ['text/vnd.wap.wml', 'wml'],
  ['text/x-component', 'htc'],
  ['image/avif', 'avif'],
  ['image/png', 'png'],
  ['image/svg+xml', 'svg svgz'],
  ['image/tiff', 'tif tiff'],
  ['image/vnd.wap.wbmp', 'wbmp'],
  ['image/webp', 'webp'],
  ['image/x-icon', 'ico'],
  ['image/x-jng', 'jng'],
  ['image/x-ms-bmp', 'bmp'],
  ['font/woff', 'woff'],
  ['font/woff2', 'woff2'],
  ['application/java-archive', 'jar war ear'],
  ['application/json', 'json'],
  ['application/mac-binhex40', 'hqx'],
  ['application/msword', 'doc'],
  ['application/pdf', 'pdf'],
  ['application/postscript', 'ps eps ai'],
  ['application/rtf', 'rtf'],
  ['application/vnd.apple.mpegurl', 'm3u8'],
  ['application/vnd.google-earth.kml+xml', 'kml'],
  ['application/vnd.google-earth.kmz', 'kmz'],
  ['application/vnd.ms-excel', 'xls'],
  ['application/vnd.ms-fontobject', 'eot'],
  ['application/vnd.ms-powerpoint', 'ppt'],
  ['application/vnd.oasis.opendocument.graphics', 'odg'],
  ['application/vnd.oasis.opendocument.presentation', 'odp'],
  ['application/vnd.oasis.opendocument.spreadsheet', 'ods'],
  ['application/vnd.oasis.opendocument.text', 'odt'],
  ['application/vnd.openxmlformats-officedocument.presentationml.presentation', 'pptx'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.wap.wmlc', 'wmlc'],
  ['application/wasm', 'wasm'],
  ['application/x-7z-compressed', '7z'],
  ['application/x-cocoa', 'cco'],
  ['application/x-java-archive-diff', 'jardiff'],
  ['application/x-java-jnlp-file', 'jnlp'],
  ['application/x-makeself', 'run'],
  ['application/x-perl', 'pl pm'],
  ['application/x-pilot', 'prc pdb'],
  ['application/x-rar-compressed', 'rar'],
  ['application/x-redhat-package-manager', 'rpm'],
  ['application/x-sea', 'sea'],
  ['application/x-shockwave-flash', 'swf'],
  ['application/x-stuffit', 'sit'],
  ['application/x-tcl', 'tcl tk'],
  ['application/x-x509-ca-cert', 'der pem crt'],
  ['application/x-xpinstall', 'xpi'],
  ['application/xhtml+xml', 'xhtml'],
  ['application/xspf+xml', 'xspf'],
  ['application/zip', 'zip'],
  ['application/octet-stream', 'bin exe dll deb dmg iso img msi msp msm'],
  ['audio/midi', 'mid midi kar'],
  ['audio/mpeg', 'mp3'],
  ['audio/ogg', 'ogg'],
  ['audio/x-m4a', 'm4a'],
  ['audio/x-realaudio', 'ra'],
  ['video/3gpp', '3gpp 3gp'],
  ['video/mp2t', 'ts'],
  ['video/mp4', 'mp4'],
  ['video/mpeg', 'mpeg mpg'],
  ['video/quicktime', 'mov'],
  ['video/webm', 'webm'],
  ['video/x-flv', 'flv'],
  ['video/x-m4v', 'm4v'],
  ['video/x-mng', 'mng'],
  ['video/x-ms-asf', 'asx asf'],
  ['video/x-ms-wmv', 'wmv'],
  ['video/x-msvideo', 'avi'],
];

/** The types to which nginx adds its `charset` unless `charset_types` says otherwise. */
export const DEFAULT_CHARSET_TYPES: readonly string[] = [
  'text/html',
  'text/xml',
  'text/plain',
  'text/vnd.wap.wml',
  'application/javascript',
  'application/rss+xml',
];

const byEnding = new Map<string, string>();
for (const [type, endings] of NGINX_TYPES) {
  for (const ending of endings.split(' ')) byEnding.set(ending, type);
}

/** What decides about the Content-Type of a file. */
export interface MediaTypeModel {
  /** Types by ending in lower case, before the built-in ones (nginx `types`). */
  readonly types: ReadonlyMap<string, string>;
  /** The type of files whose ending is unknown (nginx `default_type`). */
  readonly defaultType: string;
  /** The charset that is named for `charsetTypes`; null for none (nginx `charset`). */
  readonly charset: string | null;
  /** Types without parameters (nginx `charset_types`). */
  readonly charsetTypes: readonly string[];
}

/** The ending of the last segment of a path, ASCII letters in lower case; empty for none. */
export function fileEnding(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot === -1 || path.includes('/', dot) ? '' : lowerAscii(path.slice(dot + 1));
}

/** The built-in type for an ending in lower case, or null. */
export function builtInType(ending: string): string | null {
  return ending === '' ? null : (byEnding.get(ending) ?? mime.getType(`.${ending}`));
}

/** Own types first, then the built-in ones, then the default; with the charset where the type is listed for it. */
export function contentTypeOf(model: MediaTypeModel, path: string): string {
  const ending = fileEnding(path);
  const type = model.types.get(ending) ?? builtInType(ending) ?? model.defaultType;
  return model.charset !== null && model.charsetTypes.includes(type)
    ? `${type}; charset=${model.charset}`
    : type;
}
