/**
 * What a deployment descriptor says of an application, resolved: every name that is used is declared, every
 * pattern is well formed, every default is filled in.
 */
import type { DispatcherType } from '../api/index.ts';

/** See the head of this file. */
export interface WebAppModel {
  /** `display-name`; null for none. */
  readonly displayName: string | null;
  /** `context-param` by name. */
  readonly contextParams: ReadonlyMap<string, string>;
  /** In their order; those with `<enabled>false</enabled>` are left out, with their mappings. */
  readonly servlets: readonly ServletModel[];
  readonly servletMappings: readonly ServletMappingModel[];
  readonly filters: readonly FilterModel[];
  /** In their order. */
  readonly filterMappings: readonly FilterMappingModel[];
  /** `welcome-file` without a slash in front. Servlet section 10.10; `index.html` and `index.htm` unless said. */
  readonly welcomeFiles: readonly string[];
  readonly errorPages: readonly ErrorPageModel[];
  readonly session: SessionModel;
  /** `mime-mapping`: media type by extension in lower case. */
  readonly mimeTypes: ReadonlyMap<string, string>;
  /** `request-character-encoding`; null for none. */
  readonly requestEncoding: string | null;
  /** `response-character-encoding`; null for none. */
  readonly responseEncoding: string | null;
}

/** One declared servlet: its class, and how and when an instance of it is made. */
export interface ServletModel {
  readonly name: string;
  /** `servlet-class`, dots between its parts: `com.example.Hello`. */
  readonly className: string;
  readonly initParams: ReadonlyMap<string, string>;
  /** Servlets with a number of 0 or more are made when the application starts, in that order; null or negative: at the first request. */
  readonly loadOnStartup: number | null;
  /** Null where `getParts` is not allowed. */
  readonly multipart: MultipartModel | null;
}

/** `multipart-config`: limits of uploads. */
export interface MultipartModel {
  /** Directory for files above `fileSizeThreshold`; relative to the application's temporary directory. Empty for that. */
  readonly location: string;
  /** Bytes of one file, -1 for no limit. */
  readonly maxFileSize: number;
  /** Bytes of the whole body, -1 for no limit. */
  readonly maxRequestSize: number;
  /** Bytes above which a file is not kept in memory. */
  readonly fileSizeThreshold: number;
}

/** One `url-pattern` of a `servlet-mapping`. */
export interface ServletMappingModel {
  /** Decoded; `/x/*`, `*.ext`, `/`, empty for the root of the context, or a path. */
  readonly pattern: string;
  readonly servletName: string;
}

/** One declared filter: its class, and what its instance is told. */
export interface FilterModel {
  readonly name: string;
  /** `filter-class`, dots between its parts. */
  readonly className: string;
  readonly initParams: ReadonlyMap<string, string>;
}

/** A `filter-mapping`; each has patterns, servlets, or both. */
export interface FilterMappingModel {
  readonly filterName: string;
  /** As for servlets. */
  readonly patterns: readonly string[];
  /** Names of servlets; `*` for all of them. */
  readonly servletNames: readonly string[];
  /** `REQUEST` alone unless said; none where `ASYNC` is all that was said. */
  readonly dispatchers: ReadonlySet<DispatcherType>;
}

/** An `error-page`: for a status, for a kind of error, or for everything else (neither). */
export interface ErrorPageModel {
  /** 400 to 599, or null. */
  readonly status: number | null;
  /** Name of the error's class, dots between its parts, or null. */
  readonly exceptionType: string | null;
  /** Path within the application; begins with a slash, and may have a query. */
  readonly location: string;
}

/** `session-config`: how long sessions live, and how their ids travel. */
export interface SessionModel {
  /** Minutes without a request; 0 or less for never; 30 unless said. */
  readonly timeout: number;
  readonly cookie: SessionCookieModel;
  /** How the id travels: in a cookie alone unless said. */
  readonly tracking: ReadonlySet<'COOKIE' | 'URL'>;
}

/** `cookie-config`: the cookie that carries the id of a session. */
export interface SessionCookieModel {
  /** `JSESSIONID` unless said. */
  readonly name: string;
  /** Null for none. */
  readonly domain: string | null;
  /** Null for the path of the context. */
  readonly path: string | null;
  /** True unless said. */
  readonly httpOnly: boolean;
  /** True sends it over TLS alone; false where the request came over TLS, which is what there is unless said. */
  readonly secure: boolean;
  /** Seconds, -1 for the end of the browser's session, which is what there is unless said. */
  readonly maxAge: number;
  /** Further attributes by name, none of those above; `SameSite=Lax` unless said. An empty value leaves the name alone. */
  readonly attributes: ReadonlyMap<string, string>;
}
