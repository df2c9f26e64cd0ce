/** Files, fixed answers, redirects and response headers. */
export { plainText } from './plain-text.ts';
export { WEB_FAULTS } from './faults.ts';
export { CHUNK_SIZE, ReadAhead } from './file-send.ts';
export { nodeFileSystem } from './file-system.ts';
export type { FileSystem } from './file-system.ts';
export { HotMemory } from './hot-memory.ts';
export { builtInType, contentTypeOf, DEFAULT_CHARSET_TYPES, fileEnding } from './media-types.ts';
export type { MediaTypeModel } from './media-types.ts';
export { threadAlarm } from './limit/alarm.ts';
export type { Alarm } from './limit/alarm.ts';
export { NOT_AWAY, zoneIdentity } from './limit/away.ts';
export type {
  AskedRate,
  AskedShare,
  AwayLimits,
  HeldShare,
  LimitQuestion,
  LimitVerdict,
  VerdictReceiver,
  ZoneName,
} from './limit/away.ts';
export { ConnectionLimit } from './limit/connection-limit.ts';
export { Holds } from './limit/holds.ts';
export { limitVariables } from './limit/limit-variables.ts';
export { LimitZone } from './limit/limit-zone.ts';
export { rateLimitsOf, RequestLimit } from './limit/request-limit.ts';
export type { RedirectModel } from './redirect.ts';
export type { RespondModel } from './respond.ts';
export type { HeaderChanges, NamedText } from './response-headers.ts';
export {
  filesModel,
  headerChanges,
  redirect,
  redirectModel,
  respond,
  respondModel,
  responseHeaders,
  staticFiles,
  tryFiles,
  tryFilesModel,
} from './routes.ts';
export type { CompileText, FilesModel, FilesRoute, WebPorts } from './routes.ts';
export type { RedirectStyle } from './site-address.ts';
export type { TriedPath, TryFallback, TryFilesModel } from './try-files.ts';
