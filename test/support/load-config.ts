/** The way in to loading configurations, for tests that start its threads. */
export { formatProblems, loadConfig, type LoadedConfig } from '../../src/config/index.ts';
