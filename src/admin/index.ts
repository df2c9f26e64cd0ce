/** What an administrator asks a server process, and orders it to do, over HTTP. */
export type { AdminAccess } from './access.ts';
export { adminHandler, type Audit } from './admin-handler.ts';
