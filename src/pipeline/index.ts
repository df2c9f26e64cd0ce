/** From an exchange to its handlers: routing, phases, variables, logs, error pages. */
export { AccessLog } from './access-log.ts';
export { CaptureNames } from './capture-names.ts';
export { RequestContext } from './context.ts';
export {
  CORE_FAMILIES,
  coreVariables,
  fieldReader,
  type ProcessFacts,
  seconds,
} from './core-variables.ts';
export {
  defineFamilies,
  defineVariables,
  type FamilyEntry,
  type VariableEntry,
} from './define-variables.ts';
export { ErrorLog, type LogWriterFacts } from './error-log.ts';
export { ErrorPages } from './error-pages.ts';
export { PIPELINE_FAULTS } from './faults.ts';
export {
  type BodyFilter,
  type Context,
  DONE,
  type EndWork,
  type ErrorPage,
  type Handler,
  type HeaderFilter,
  type Held,
  LIMITED,
  type Limited,
  type Location,
  NEXT,
  type Outcome,
  PENDING,
  type Phase,
  PHASES,
  type PipelinePort,
  type RequestFollower,
  type RequestLog,
  type Routed,
  type TroubleLog,
  type VirtualHost,
} from './handler.ts';
export { type LogEscape } from './log-escape.ts';
export { type LogFile, type LogFiles, systemLogFiles } from './log-file.ts';
export { LOG_LEVELS, type LogLevel } from './log-level.ts';
export { lineText } from './line-batch.ts';
export { compileLogFormat, type LogFormat } from './log-format.ts';
export type { LineSink, LogLease, LogSink } from './log-lease.ts';
export { LogSet } from './log-set.ts';
export { LogTime, type ZoneOffset } from './log-time.ts';
export type { LogTimer } from './log-writer.ts';
export type { ListenerModel } from './model.ts';
export { Pipeline, type PipelineServices, type RequestTally } from './pipeline.ts';
export { answerRedirect } from './redirect-answer.ts';
export { type RandomBytes, RequestIds } from './request-id.ts';
export { requestIdHeader } from './request-id-header.ts';
export { protocolOf, requestLine } from './request-line.ts';
export type { Built, RouteFault } from './route/built.ts';
export { type HostEntry, HostTable, HostTableBuilder, parseHostNames } from './route/host-table.ts';
export {
  type CaptureGroups,
  type Found,
  type LocationEntry,
  type LocationPattern,
  type LocationRow,
  LocationTable,
  parseRoute,
} from './route/location-table.ts';
export { slashRedirect } from './route/slash-redirect.ts';
export { stackText } from './stack-text.ts';
export { compileTemplate, type Template, type TemplateWriting } from './template.ts';
export type { UpstreamTry } from './upstream-try.ts';
export {
  type Evaluate,
  Variable,
  type VariableDefinition,
  type VariableFamily,
  Variables,
} from './variables.ts';
