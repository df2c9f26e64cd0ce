/** The composition root: from a resolved configuration to a server at work. */
export { describeSites, type SiteDescription } from './describe.ts';
export type { Refusal } from './refusal.ts';
export { type ServedPort, WebServer, type WebServerOptions } from './web-server.ts';
