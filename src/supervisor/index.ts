/** The parent process: listening sockets, server processes, and what becomes of them. */
export type { ServerProgram } from './generation.ts';
export { addressProbe } from './probe.ts';
export { locateRefusal, refusal, type Refusal } from './refusal.ts';
export { type ServedPort, Supervisor, type SupervisorOptions, threadsOf } from './supervisor.ts';
