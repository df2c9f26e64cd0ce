/** What every part may build on: faults, clocks, deadlines, budgets. */
export { defineFaults, Fault } from './fault.ts';
export type { Blame, FaultEntry, FaultKind, Stage } from './fault.ts';
export { ManualClock, systemClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { Deadlines, NEVER } from './deadlines.ts';
export type { Deadlined } from './deadlines.ts';
export { MemoryBudget } from './memory-budget.ts';
export { within } from './within.ts';
export { Secret } from './secret.ts';
export {
  findSyntaxFault,
  hookUserModules,
  type SyntaxPlace,
  type UserModules,
} from './user-modules.ts';
