/** The composition root: from a resolved configuration to a server at work. */
export { describeSites, type SiteDescription } from './describe.ts';
export { judgeTexts } from './judge.ts';
export type { FromServer, ReloadReport, ServerStart, SiteFault, ToServer } from './port.ts';
export { ServerProcess } from './server-process.ts';
