/** From the options of this part to its handlers; what the composition root calls. */
import type { Clock } from '../base/index.ts';
import { lowerAscii } from '../http/message/index.ts';
import type { Context, Handler, HeaderFilter, Template } from '../pipeline/index.ts';
import { plainText } from './plain-text.ts';
import { FileCache, type FileCacheModel } from './file-cache.ts';
import { ReadAhead } from './file-send.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { HotMemory } from './hot-memory.ts';
import { DEFAULT_CHARSET_TYPES } from './media-types.ts';
import type {
  FilesRouteModel,
  RedirectRouteModel,
  RespondRouteModel,
  ResponseHeadersModel,
} from './options.ts';
import { Redirect, type RedirectModel } from './redirect.ts';
import { Respond, type RespondModel } from './respond.ts';
import { type HeaderChanges, ResponseHeaders } from './response-headers.ts';
import { StaticFiles, type StaticFilesModel } from './static-files.ts';
import { splitTry, TryFiles, type TryFilesModel } from './try-files.ts';

/** Compiles text of a configuration in which variables may stand. */
export type CompileText = (source: string) => Template;

/** What handlers of this part need from the thread that they run on. */
export interface WebPorts {
  readonly clock: Clock;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** The machine's unless said. */
  readonly files?: FileSystem;
  /** Shared by the routes of a thread; each route has memory of its own unless said. */
  readonly memory?: HotMemory;
  /** Shared by the routes of a thread; each has its own unless said. */
  readonly readAhead?: ReadAhead;
}

/** A files route with everything resolved. */
export type FilesModel = FileCacheModel & StaticFilesModel;

/** A files route at work: its content handler, and what its `tryFiles` asks too. */
export interface FilesRoute {
  readonly handler: Handler;
  readonly cache: FileCache;
}

/** Bytes for kept files where the ports bring no memory that is shared. */
const OWN_MEMORY = 64 * 1024 * 1024;

/** Makes the handler of a files route. */
export function staticFiles(model: FilesModel, ports: WebPorts): FilesRoute {
  const { clock, random, files = nodeFileSystem, readAhead = new ReadAhead() } = ports;
  const memory = ports.memory ?? new HotMemory(OWN_MEMORY);
  const cache = new FileCache(model, { clock, files, memory });
  const handler = new StaticFiles(model, cache, {
    clock,
    random,
    files,
    readAhead,
    isSameLocation,
  });
  return { handler, cache };
}

/** Makes the handler that goes before a files route's. */
export function tryFiles(model: TryFilesModel, route: FilesRoute): Handler {
  return new TryFiles(model, route.cache);
}

/** Makes the handler of a fixed answer. */
export function respond(model: RespondModel): Handler {
  return new Respond(model);
}

/** Makes the handler that sends clients elsewhere, 301 to 308. */
export function redirect(model: RedirectModel): Handler {
  return new Redirect(model);
}

/**
 * Makes the filter for changes to response headers, or null where there are none.
 * @throws TypeError see `ResponseHeaders`.
 */
export function responseHeaders(changes: readonly HeaderChanges[]): HeaderFilter | null {
  return changes.length === 0 ? null : new ResponseHeaders(changes);
}

function isSameLocation(context: Context, path: string): boolean {
  const { locations, fallback } = context.host;
  return (locations.find(path)?.target ?? fallback) === context.location;
}

/**
 * The model of a native `files` route: its paths continue the directory, nothing is stripped, and
 * redirects are relative, as those of routes themselves (nginx: `absolute_redirect off`).
 */
export function filesModel(route: FilesRouteModel): FilesModel {
  const root = Buffer.from(route.files.endsWith('/') ? route.files.slice(0, -1) : route.files);
  return {
    root,
    strip: '',
    dotfiles: route.dotfiles,
    hidesApplications: true,
    symlinks: route.symlinks,
    types: new Map(
      Object.entries(route.types).map(([ending, type]) => [bytes(lowerAscii(ending)), type]),
    ),
    defaultType: route.defaultType,
    charset: route.charset === false ? null : route.charset,
    charsetTypes: DEFAULT_CHARSET_TYPES,
    precompressed: route.precompressed,
    etag: route.etag,
    cacheControl: route.cacheControl === undefined ? null : bytes(route.cacheControl),
    keptFileSize: route.hotFiles.maxFileSize,
    revalidateMs: route.hotFiles.revalidate,
    index: route.index.map(bytes),
    maxRanges: route.maxRanges,
    ifModifiedSince: route.ifModifiedSince,
    directoryRedirect: route.directoryRedirect,
    redirectStyle: 'relative',
  };
}

/** The model of `tryFiles` as `FilesRouteOptions` spells it; the schema has made sure of its form. */
export function tryFilesModel(entries: readonly string[], compile: CompileText): TryFilesModel {
  const tries = entries.slice(0, -1).map((entry) => {
    const { path, wants } = splitTry(entry);
    return { path: compile(path), wants };
  });
  const last = entries.at(-1) ?? '=404';
  if (last.startsWith('=')) {
    // The schema lets nothing but three digits pass behind the sign.
    return { tries, fallback: { kind: 'status', status: Number(last.slice(1)) } };
  }
  if (last.startsWith('@')) return { tries, fallback: { kind: 'named', name: last } };
  const question = last.indexOf('?');
  const path = compile(question === -1 ? last : last.slice(0, question));
  const query = question === -1 ? null : compile(last.slice(question + 1));
  return { tries, fallback: { kind: 'path', path, query } };
}

/** The model of a native `respond` route. */
export function respondModel(route: RespondRouteModel): RespondModel {
  const { respond: status, contentType } = route;
  // As nginx's `return 404`: without a body the page for the status answers.
  const body = route.body === '' && status >= 300 ? null : plainText(route.body);
  return { status, body, contentType, phase: 'content' };
}

/** The model of a native `redirect` route. */
export function redirectModel(route: RedirectRouteModel, compile: CompileText): RedirectModel {
  const { redirect: target, status } = route;
  return { status, target: compile(target), style: 'relative', phase: 'content' };
}

/** The changes that a site and a route ask for, in this order, for answers of every status. */
export function headerChanges(
  models: readonly ResponseHeadersModel[],
  compile: CompileText,
): readonly HeaderChanges[] {
  return models.map(({ remove, set, add }) => ({
    remove,
    set: Object.entries(set).map(([name, value]) => ({ name, value: compile(value) })),
    add: Object.entries(add).flatMap(([name, values]) =>
      values.map((value) => ({ name, value: compile(value) })),
    ),
    always: true,
  }));
}

/** Text of a configuration as the bytes that stand for it on the wire and in the file system. */
function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
