/**
 * `defineConfig` types a configuration written in TypeScript: a route to an upstream that does not
 * exist does not compile. At run time it only calls the `sites` function; what is wrong with the
 * data is found when the file is loaded, so nothing here throws for bad data.
 */
import type { ProxyRouteOptions, UpstreamOptions } from '../proxy/options.ts';
import type { ApplicationOptions, ApplicationRouteOptions } from '../was/container/options.ts';
import type {
  FilesRouteOptions,
  RedirectRouteOptions,
  RespondRouteOptions,
} from '../web/options.ts';
import type { Config, RouteShared, Sites } from './native.ts';

/** Builders of routes as plain data, typed by the names that the configuration declares. */
export interface Helpers<U extends string = string, A extends string = string> {
  /** Lets a web application answer. */
  readonly app: <N extends A>(
    name: N,
    options?: RouteShared,
  ) => ApplicationRouteOptions<N> & RouteShared;
  /** Serves the files of a directory. */
  readonly files: (
    directory: string,
    options?: Omit<FilesRouteOptions, 'files'> & RouteShared,
  ) => FilesRouteOptions & RouteShared;
  /** Hands requests on to an upstream. */
  readonly proxy: <N extends U>(
    upstream: N,
    options?: Omit<ProxyRouteOptions, 'proxy'> & RouteShared,
  ) => ProxyRouteOptions<N> & RouteShared;
  /** Sends clients to another address, with status 302 unless said. */
  readonly redirect: (
    target: string,
    options?: Omit<RedirectRouteOptions, 'redirect'> & RouteShared,
  ) => RedirectRouteOptions & RouteShared;
  /** Gives a fixed answer. */
  readonly respond: (
    status: number,
    options?: Omit<RespondRouteOptions, 'respond'> & RouteShared,
  ) => RespondRouteOptions & RouteShared;
}

/** `T`, with every property that `Shape` does not know typed `never`, at any depth of plain objects. */
export type Exact<T, Shape> = T extends
  | readonly unknown[]
  | string
  | number
  | boolean
  | undefined
  | ((...args: never[]) => unknown)
  ? T
  : { [K in keyof T]: K extends KeysOf<Shape> ? Exact<T[K], ValueOf<Shape, K>> : never };
type KeysOf<S> = S extends unknown ? keyof S : never;
type ValueOf<S, K> = S extends unknown
  ? K extends keyof S
    ? Exclude<S[K], undefined>
    : never
  : never;

/**
 * Makes the virtual hosts: `({ files }) => ({ … })`, or `() => ({ … })` where no helper is needed. A function, so that it
 * knows the names of the configuration around it; its name is what a compiler shows to whoever writes data in its place.
 */
export interface FunctionThatMakesSites<U extends string, A extends string, S> {
  (make: Helpers<NoInfer<U>, NoInfer<A>>): S & Exact<NoInfer<S>, Sites<NoInfer<U>, NoInfer<A>>>;
}

/**
 * What `defineConfig` takes: a configuration whose `sites` are made by a function. All else is as in `Config`, whose
 * keys come along by themselves. Sites that are data need no `defineConfig`: `export default { … } satisfies Config`.
 */
export interface ConfigInput<U extends string, A extends string, S> extends Omit<
  Config,
  'upstreams' | 'apps' | 'sites'
> {
  /** Named groups of servers that routes hand requests on to. */
  readonly upstreams?: { readonly [name in U]?: UpstreamOptions };
  /** Web applications that routes hand requests to. */
  readonly apps?: { readonly [name in A]?: ApplicationOptions };
  /** Makes the virtual hosts. */
  readonly sites: FunctionThatMakesSites<U, A, S>;
}

const helpers: Helpers = {
  app: (name, options) => ({ ...options, app: name }),
  files: (directory, options) => ({ ...options, files: directory }),
  proxy: (upstream, options) => ({ ...options, proxy: upstream }),
  redirect: (target, options) => ({ ...options, redirect: target }),
  respond: (status, options) => ({ ...options, respond: status }),
};

/**
 * Types a configuration and calls its `sites` function; what it returns is plain data. `sites` is a function only, because
 * a compiler tells what is wrong inside it at its place, but what is wrong inside data or a function at the top.
 */
export function defineConfig<
  U extends string = never,
  A extends string = never,
  S extends Sites<NoInfer<U>, NoInfer<A>> = Sites<U, A>,
>(input: ConfigInput<U, A, S>): Config {
  // JavaScript files get here with anything; the loader says what is wrong with it.
  const given: unknown = input;
  if (typeof given !== 'object' || given === null || typeof input.sites !== 'function')
    return given as Config;
  // Run time knows no names: the helpers take any, and loading checks them. Upstreams that are
  // undefined (`[name in U]?`) are skipped there as well.
  const make = helpers as Helpers<NoInfer<U>, NoInfer<A>>;
  return { ...input, sites: input.sites(make) } as Config;
}
