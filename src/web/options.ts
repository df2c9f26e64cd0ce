/** Options of static files, redirects, fixed answers, response headers and error pages. */
import {
  boolean,
  byType,
  type Cursor,
  type Duration,
  duration,
  type Fault,
  headerName,
  headerNameFault,
  headerValue,
  integer,
  type Invalid,
  judged,
  list,
  type ModelOf,
  object,
  oneOf,
  optional,
  parsed,
  type Parsed,
  path,
  record,
  type RecordOptions,
  refined,
  required,
  type Schema,
  type Size,
  size,
  string,
  text,
  withDefault,
} from '../schema/index.ts';

/** Changes to the header fields of responses; removing comes first, then setting, then adding. */
export interface ResponseHeaderOptions {
  /** Names of fields that are taken out, whoever put them in. */
  readonly remove?: readonly string[];
  /** Fields that replace those of the same name. */
  readonly set?: { readonly [name: string]: string };
  /** Fields added beside those of the same name; a list adds several. */
  readonly add?: { readonly [name: string]: string | readonly string[] };
}

const fieldText = judged(headerValue(), 'template');
const fieldNames: RecordOptions = { name: headerNameFault, judges: 'changed-field' };

/** Reads `ResponseHeaderOptions` into a model with every default filled in, in bytes and milliseconds. */
export const responseHeaders = object<ResponseHeaderOptions>()({
  remove: withDefault(list(judged(headerName(), 'changed-field')), []),
  set: withDefault(record(fieldText, fieldNames), {}),
  add: withDefault(
    record(
      byType({
        string: refined(fieldText, (value): readonly string[] => [value]),
        list: list(fieldText, { min: 1 }),
      }),
      fieldNames,
    ),
    {},
  ),
});

/** Resolved changes to header fields. */
export type ResponseHeadersModel = ModelOf<typeof responseHeaders>;

/** What answers in place of an error. */
export interface ErrorPageOptions {
  /** Path of the page on the same site; it begins with `/`. */
  readonly file: string;
  /** Status of the answer; that of the error unless said (nginx `error_page 404 =200`). */
  readonly status?: number;
}

/** Error pages by status: a path on the same site, or an object with a status. */
export interface ErrorPagesOptions {
  readonly [status: string]: string | ErrorPageOptions;
}

const sitePath = parsed<string, string>({
  expects: 'a path on the site such as "/404.html"',
  pattern: '^/',
  parse: (written): Parsed<string> =>
    written.startsWith('/') && !/[\0\r\n]/.test(written)
      ? { value: written }
      : {
          message: `${JSON.stringify(written)} is not a path on the site`,
          cure: 'Begin it with a slash: "/404.html"',
        },
});

/** Reads `ErrorPageOptions` into a model with every default filled in, in bytes and milliseconds. */
export const errorPage = object<ErrorPageOptions>()({
  file: required(sitePath),
  status: optional(integer({ min: 200, max: 599 })),
});

/** Path of a page and the status it is sent with; undefined keeps that of the error. */
export type ErrorPageModel = ModelOf<typeof errorPage>;

function errorStatusFault(status: string): Fault | undefined {
  return /^[3-5][0-9][0-9]$/.test(status)
    ? undefined
    : {
        code: 'out-of-range',
        message: `${JSON.stringify(status)} is no status that an error page can stand for`,
        cure: 'Write a status from 300 to 599',
      };
}

/** Reads `ErrorPagesOptions` into a model with every default filled in, in bytes and milliseconds. */
const errorPages: Schema<ErrorPagesOptions, { readonly [status: string]: ErrorPageModel }> = record(
  byType({
    string: refined(sitePath, (file): ErrorPageModel => ({ file, status: undefined })),
    object: errorPage,
  }),
  { name: errorStatusFault },
);

/** What a site and each of its routes may say about every answer. */
export interface AnswerOptions {
  /**
   * Changes to the header fields of answers. Those of a route apply after those of its site, and
   * do not replace them.
   */
  readonly headers?: ResponseHeaderOptions;
  /** Pages in place of errors. Those of a route stand before those of its site, status by status. */
  readonly errorPages?: ErrorPagesOptions;
}

/** Reads `AnswerOptions` into a model with every default filled in, in bytes and milliseconds. */
export const answerOptions = object<AnswerOptions>()({
  headers: withDefault(responseHeaders, {}),
  errorPages: withDefault(errorPages, {}),
});

/** Files of small size that are kept in memory. */
export interface HotFileOptions {
  /** Largest file that is kept. `'0B'` keeps none. */
  readonly maxFileSize?: Size;
  /** How long a kept file is served before the file system is asked whether it changed. */
  readonly revalidate?: Duration;
}

/** Reads `HotFileOptions` into a model with every default filled in, in bytes and milliseconds. */
const hotFiles = object<HotFileOptions>()({
  maxFileSize: withDefault(size({ max: '16MiB' }), '1MiB'),
  revalidate: withDefault(duration(), '1s'),
});

/** Memory of a thread for kept files of all routes; `hotFileMemory` at the top of a configuration. */
export const hotFileMemory = size();

/** Answers from a directory: where it is, which names it tries, what it never shows. */
export interface FilesRouteOptions {
  /** Directory that holds the files; the path of the request continues it (nginx `root`). */
  readonly files: string;
  /** Files that answer for a directory, the first that exists (nginx `index`). */
  readonly index?: readonly string[];
  /** Character set named for text types (nginx `charset`); `false` names none. */
  readonly charset?: string | false;
  /** Sends an entity tag made of size and time (nginx `etag`). */
  readonly etag?: boolean;
  /**
   * Encodings for which a file with a further ending (`.br`, `.gz`, `.zst`) answers if it is there
   * and the client takes it, in order of preference (nginx `gzip_static`).
   */
  readonly precompressed?: readonly ('br' | 'gzip' | 'zstd')[];
  /**
   * Paths tried in order, the last one is the fallback: `['$uri', '$uri/', '/index.html']`, or a
   * status such as `'=404'` (nginx `try_files`).
   */
  readonly tryFiles?: readonly string[];
  /** Ranges in one request; 0 ignores `Range`; more ranges than allowed get the whole file (nginx `max_ranges`). */
  readonly maxRanges?: number;
  /** How `If-Modified-Since` is compared with the file's time (nginx `if_modified_since`). */
  readonly ifModifiedSince?: 'exact' | 'before' | 'off';
  /** Value of `Cache-Control`; none is sent unless said. */
  readonly cacheControl?: string;
  /** Answers for names that begin with a dot: `deny` is 404, so that `.git` and `.env` stay inside. */
  readonly dotfiles?: 'deny' | 'allow';
  /** Symbolic links: followed if they end under the directory, always, or never (nginx `disable_symlinks`). */
  readonly symlinks?: 'within-root' | 'follow' | 'deny';
  /** Media types by file ending without its dot, added to the built-in ones (nginx `types`). */
  readonly types?: { readonly [ending: string]: string };
  /** Media type of files with an unknown ending (nginx `default_type`). */
  readonly defaultType?: string;
  /** Redirects a directory without its slash at the end to the path with it. */
  readonly directoryRedirect?: boolean;
  /** Small files kept in memory. */
  readonly hotFiles?: HotFileOptions;
}

const MEDIA_TYPE =
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:[ \t]*;[\x20-\x7e]*)?$/;

const mediaType = parsed<string, string>({
  expects: 'a media type such as "text/html"',
  parse: (written): Parsed<string> =>
    MEDIA_TYPE.test(written)
      ? { value: written }
      : {
          message: `${JSON.stringify(written)} is not a media type`,
          cure: 'Write it like "text/html"',
        },
});

function endingFault(ending: string): Fault | undefined {
  const last = ending.slice(ending.lastIndexOf('.') + 1);
  if (/^[^./\0].*\.[^./\0]+$/.test(ending))
    return {
      code: 'wrong-form',
      message: `The ending ${JSON.stringify(ending)} has a dot inside, and only what follows the last dot of a name tells its type`,
      cure: `Write ${JSON.stringify(last)}`,
    };
  return /^[^./\0][^/\0]*$/.test(ending)
    ? undefined
    : {
        code: 'wrong-form',
        message: `${JSON.stringify(ending)} is not a file ending`,
        cure: 'Write it without its dot: "html"',
      };
}

const indexName = parsed<string, string>({
  expects: 'a file name such as "index.html"',
  parse: (name): Parsed<string> =>
    /^[^/\0\r\n]+$/.test(name) && name !== '.' && name !== '..'
      ? { value: name }
      : {
          message: `${JSON.stringify(name)} is not a file name`,
          cure: 'Write a name without a slash',
        },
});

const charsetName = parsed<string, string>({
  expects: 'the name of a character set such as "utf-8"',
  parse: (name): Parsed<string> =>
    /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)
      ? { value: name }
      : {
          message: `${JSON.stringify(name)} is not the name of a character set`,
          cure: 'Write it like "utf-8", or false for none',
        },
});

const tryFiles = refined(
  list(string(), { min: 2, noun: 'path and a fallback' }),
  (tries, cursor) => {
    for (const [index, entry] of tries.entries()) {
      const status = entry.startsWith('=');
      const last = index === tries.length - 1;
      if (status ? last && /^=[1-5][0-9][0-9]$/.test(entry) : /^[/$]/.test(entry)) {
        if (!status) cursor.at(index).judges('template', entry);
        continue;
      }
      if (entry.startsWith('@'))
        return cursor.at(index).report({
          code: 'not-available',
          message: `There are no named locations such as ${JSON.stringify(entry)} in this version`,
          cure: `End the list with a path that another route answers: "/${entry.slice(1)}$uri" and a route "/${entry.slice(1)}/*"`,
        });
      return cursor.at(index).report({
        code: 'wrong-form',
        message:
          status && !last
            ? `The status ${JSON.stringify(entry)} stands before the end of the list`
            : `${JSON.stringify(entry)} is neither a path nor a status`,
        cure: 'Begin paths with "/" or "$uri"; the last entry may be a status such as "=404"',
      });
    }
    return tries;
  },
);

/** Reads `FilesRouteOptions` into a model with every default filled in, in bytes and milliseconds. */
export const filesRoute = object<FilesRouteOptions>()({
  files: required(path({ exists: 'directory' })),
  index: withDefault(list(indexName), ['index.html']),
  charset: withDefault(byType({ string: charsetName, boolean: oneOf(false) }), false),
  etag: withDefault(boolean(), true),
  precompressed: withDefault(list(oneOf('br', 'gzip', 'zstd')), []),
  tryFiles: optional(tryFiles),
  maxRanges: withDefault(integer({ min: 0, max: 1000, unit: 'ranges' }), 16),
  ifModifiedSince: withDefault(oneOf('exact', 'before', 'off'), 'exact'),
  cacheControl: optional(headerValue()),
  dotfiles: withDefault(oneOf('deny', 'allow'), 'deny'),
  symlinks: withDefault(oneOf('within-root', 'follow', 'deny'), 'within-root'),
  types: withDefault(record(mediaType, { name: endingFault }), {}),
  defaultType: withDefault(mediaType, 'application/octet-stream'),
  directoryRedirect: withDefault(boolean(), true),
  hotFiles: withDefault(hotFiles, {}),
});

/** A resolved route that serves files. */
export type FilesRouteModel = ModelOf<typeof filesRoute>;

/** A route that sends clients elsewhere. */
export interface RedirectRouteOptions {
  /** Target: an absolute address or a path; it may hold variables such as `$request_uri`. */
  readonly redirect: string;
  /** 301 and 308 are kept by browsers; 307 and 308 keep the method. */
  readonly status?: 301 | 302 | 303 | 307 | 308;
}

const redirectTarget = refined(judged(headerValue(), 'template'), (target, cursor) =>
  /^(?:[A-Za-z][A-Za-z0-9+.-]*:|[/$])/.test(target)
    ? target
    : cursor.report({
        code: 'wrong-form',
        message: `${JSON.stringify(target)} is neither an address nor a path`,
        cure: 'Begin it with "https://" or "/"',
      }),
);

/** Reads `RedirectRouteOptions` into a model with every default filled in, in bytes and milliseconds. */
export const redirectRoute = object<RedirectRouteOptions>()({
  redirect: required(redirectTarget),
  status: withDefault(oneOf(301, 302, 303, 307, 308), 302),
});

/** A resolved route that sends clients elsewhere. */
export type RedirectRouteModel = ModelOf<typeof redirectRoute>;

/** A route with a fixed answer. */
export interface RespondRouteOptions {
  /** Status of the answer. */
  readonly respond: number;
  /** Body of the answer, sent as it is written, in UTF-8 and without variables; none for 204 and 304. */
  readonly body?: string;
  /** Media type of the body. */
  readonly contentType?: string;
}

/** Schema of `RespondRouteOptions`; `checkRespond` judges what it reads. */
export const respondRoute = object<RespondRouteOptions>()({
  respond: required(integer({ min: 200, max: 599 })),
  body: withDefault(text(), ''),
  contentType: withDefault(mediaType, 'text/plain; charset=utf-8'),
});

/** A resolved route with a fixed answer. */
export type RespondRouteModel = ModelOf<typeof respondRoute>;

/** Refuses a body for a status that has none (RFC 9110, sections 15.3.5 and 15.4.5). */
export function checkRespond<M extends RespondRouteModel>(model: M, cursor: Cursor): M | Invalid {
  if (model.body === '' || (model.respond !== 204 && model.respond !== 304)) return model;
  return cursor.at('body').report({
    code: 'conflict',
    message: `An answer with status ${model.respond} has no body`,
    cure: 'Remove the body, or answer with another status',
  });
}
