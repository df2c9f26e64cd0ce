/** HTTP/1.1 without I/O: parsers and writers for both roles, and the connections that they make up. */
export { EVENT } from './message-parser.ts';
export type { BodyFraming, ParserEvent } from './message-parser.ts';
export { DEFAULT_H1_LIMITS } from './limits.ts';
export type { H1Limits } from './limits.ts';
export { RequestParser } from './request-parser.ts';
export { ResponseParser } from './response-parser.ts';
export { chunkLine, fieldLines, HeadOpening, statusLine } from './head-writer.ts';
export { H1ServerConnection } from './server-connection.ts';
export { H1ClientConnection } from './client-connection.ts';
export { H1ClientProtocol } from './client-protocol.ts';
export { requestHead } from './request-writer.ts';
export type { H1ClientSettings } from './client-settings.ts';
export type { H1ServerSettings } from './settings.ts';
export { H1_REQUEST_FAULTS, H1_RESPONSE_FAULTS } from './faults.ts';
