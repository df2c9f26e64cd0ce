/** AJP 1.3 without I/O: the packets of both roles, and both sides of a connection. */
export type { AjpClientCall } from './client-call.ts';
export { AjpClientConnection } from './client-connection.ts';
export { AjpClientProtocol } from './client-protocol.ts';
export type { AjpClientSettings, AjpPing } from './client-settings.ts';
export { LEAST_PACKET, MOST_PACKET, SERVER_PACKET, TO_CONTAINER, TO_SERVER } from './codes.ts';
export type { TextAttribute } from './codes.ts';
export { AJP_REQUEST_FAULTS, AJP_RESPONSE_FAULTS } from './faults.ts';
export { forwardRequest, readForwardRequest } from './forward-request.ts';
export type { AjpRequest, ReadRequest } from './forward-request.ts';
export { PacketReader } from './packet-reader.ts';
export type { PacketFlaw } from './packet-reader.ts';
export { Payload } from './payload.ts';
export {
  bodyChunkHead,
  CPING,
  CPONG,
  endResponse,
  FLUSH,
  getBodyChunk,
  LAST_BODY_PACKET,
  latin1,
  mostRequestBody,
  mostResponseBody,
  readContainerMessage,
  requestBodyHead,
  responseHead,
} from './response-messages.ts';
export type { ContainerMessage } from './response-messages.ts';
export { AjpServerConnection } from './server-connection.ts';
export type { AjpServerSettings } from './server-settings.ts';
