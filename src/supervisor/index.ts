/** The parent process: listening sockets, server processes, and what becomes of them. */
export { adminEndpoint, adminPathOf, readToken, runDirectory } from './admin-place.ts';
export { judgeAccounts, mayBecomeOthers } from './account.ts';
export type { ServerProgram } from './generation.ts';
export { SOCKETS_VARIABLE, takeInheritance } from './inheritance.ts';
export type { InheritedSocket } from './listen-sockets.ts';
export { PidFile } from './pid-file.ts';
export { addressProbe } from './probe.ts';
export { locateRefusal, refusal, type Refusal } from './refusal.ts';
export { ServiceManager } from './service-manager.ts';
export { type ServedPort, Supervisor, type SupervisorOptions } from './supervisor.ts';
