/** Daemun: what configurations and programs import. */
export {
  type Config,
  type ConfigInput,
  defineConfig,
  type Helpers,
  type Route,
  type RouteShared,
  type SiteOptions,
  type Sites,
} from './config/index.ts';
export type { Duration, Size } from './schema/index.ts';
