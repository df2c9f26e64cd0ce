/** Typed options: schemas of inputs, reading them into models, and what is wrong with them. */
export {
  type Endpoint,
  endpointText,
  isHostName,
  type Network,
  parseHost,
  parseHostPort,
  parseListen,
  parseNetwork,
  parsePeer,
  parsePort,
  parseUnixPath,
  type PeerAddress,
  plainHostText,
  UNIX_PATH_LIMIT,
} from './address.ts';
export { byKey, byType, type ChoiceModel, judged, notAvailable, refined } from './choice.ts';
export {
  list,
  type ListOptions,
  type NameCheck,
  record,
  type RecordOptions,
} from './collection.ts';
export { diff, type Difference } from './diff.ts';
export { headerName, headerNameFault, headerValue } from './header-field.ts';
export { toJsonSchema } from './json-schema.ts';
export { nearest, nearestNames } from './nearest.ts';
export {
  both,
  type Field,
  type FieldsOf,
  type ModelOfFields,
  object,
  type ObjectSchema,
  optional,
  type Presence,
  required,
  withDefault,
} from './object.ts';
export { checkPaths, type FileKind, type FileLookup, type LogTrial } from './path-check.ts';
export { isPlainObject, ownValue } from './plain.ts';
export {
  type Fault,
  type Path,
  type PlacedFault,
  type Position,
  type Problem,
  PROBLEM_CODES,
  type ProblemCode,
  renderPath,
  renderValue,
} from './problem.ts';
export {
  type Duration,
  duration,
  parseDuration,
  parseSize,
  type QuantityRange,
  type Size,
  size,
} from './quantity.ts';
export { path, reference, type SimilarRecord } from './reference.ts';
export { compileRegex } from './linear-regex.ts';
export {
  boolean,
  integer,
  number,
  type NumberRange,
  oneOf,
  type Parsed,
  parsed,
  string,
  text,
  wrongType,
} from './scalars.ts';
export {
  type AnySchema,
  type Cursor,
  type Facts,
  INVALID,
  type InputOf,
  type Invalid,
  type JsonSchema,
  type Judged,
  type JudgedKind,
  type ModelOf,
  type PathUse,
  type Place,
  problemAt,
  type Resolution,
  resolve,
  type Schema,
} from './schema.ts';
export { secret, secretOrNone } from './secret.ts';
