/** The parent process: listening sockets, server processes, and what becomes of them. */
export { accountOf, judgeAccounts, mayBecomeOthers } from './account.ts';
export { adminEndpoint, adminPathOf, readToken, runDirectory } from './admin-place.ts';
export type { ServerProgram } from './generation.ts';
export { inheritanceText, SOCKETS_VARIABLE, takeInheritance } from './inheritance.ts';
export type { InheritedSocket } from './listen-sockets.ts';
export { logPaths } from './log-files.ts';
export { openingFault } from './open-fault.ts';
export { isRunning, PidFile, runningPid } from './pid-file.ts';
export { addressProbe, tryEndpoint } from './probe.ts';
export { locateRefusal, refusal, type Refusal } from './refusal.ts';
export { ServiceManager } from './service-manager.ts';
export { type ServedPort, Supervisor, type SupervisorOptions } from './supervisor.ts';
