/** The configuration: its types, how a file becomes a model, and how problems are shown. */
export {
  type Address,
  addressesOf,
  type AddressProtocol,
  type AddressSites,
  protocolOf,
} from './addresses.ts';
export { certificateName, certificatesOf, type CertificateTexts } from './certificates.ts';
export {
  coverOf,
  covers,
  isWide,
  type NarrowAddress,
  plainHost,
  type SocketAddress,
  socketsOf,
} from './covering.ts';
export { type ConfigInput, defineConfig, type Helpers } from './define-config.ts';
export { type FormatOptions, formatProblems, shownPath } from './format-problems.ts';
export {
  checkConfig,
  type Judge,
  type LoadedConfig,
  loadConfig,
  type LoadOptions,
  type Probe,
  resolveConfig,
  type ResolveOptions,
} from './load.ts';
export {
  type Config,
  type ConfigModel,
  configSchema,
  type Route,
  type RouteModel,
  type RouteShared,
  type RouteSharedModel,
  type SiteModel,
  type SiteOptions,
  type Sites,
} from './native.ts';
export type { WrittenListen } from './written-listens.ts';
