/** What the server remembers of its users between their requests. */
export { MemorySessions, type SessionPorts } from './memory-sessions.ts';
export type { Session } from './session.ts';
export { type RandomBytes, readSessionId } from './session-id.ts';
