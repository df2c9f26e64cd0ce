/** The composition root: from a resolved configuration to a server at work. */
export { describeSites, type SiteDescription } from './describe.ts';
export { judgeTexts } from './judge.ts';
export { addressProbe } from './probe.ts';
export { locateRefusal, type Refusal } from './refusal.ts';
export { type ServedPort, threadsOf, WebServer, type WebServerOptions } from './web-server.ts';
