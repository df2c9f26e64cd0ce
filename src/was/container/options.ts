/** Options of web applications and of routes that lead to them. */
import {
  type ModelOf,
  object,
  optional,
  parsed,
  path,
  reference,
  required,
} from '../../schema/index.ts';

/** Where a web application lies, and what its sessions are called. */
export interface ApplicationOptions {
  /**
   * Its folder: files for clients, and `WEB-INF` with the descriptor `web.xml` and the classes of servlets and filters in
   * `classes` (Jakarta Servlet section 10.5).
   */
  readonly root: string;
  /**
   * Name of this server, which stands behind the ids of sessions (`JSESSIONID=<id>.<name>`), so that a balancer in
   * front finds it again: the `route` of a server there, Tomcat's `jvmRoute`, the name of a worker of mod_jk.
   */
  readonly route?: string;
}

/** Lets a web application answer; the prefix of the route is its context path. */
export interface ApplicationRouteOptions<A extends string = string> {
  /** Name of the application in `apps`. */
  readonly app: A;
}

const routeName = parsed({
  expects: 'a name of letters, digits, - and _',
  parse: (text: string) =>
    /^[A-Za-z0-9_-]+$/.test(text)
      ? { value: text }
      : {
          message: `${JSON.stringify(text)} cannot stand behind the id of a session`,
          cure: 'Use letters, digits, - and _',
        },
});

/** Reads `ApplicationOptions`. */
export const applicationOptions = object<ApplicationOptions>()({
  root: required(path({ exists: 'directory' })),
  route: optional(routeName),
});

/** Reads `ApplicationRouteOptions`. */
export const applicationRoute = object<ApplicationRouteOptions>()({
  app: required(reference('apps', 'application')),
});

/** `ApplicationOptions` with an absolute path. */
export type ApplicationOptionsModel = ModelOf<typeof applicationOptions>;

/** `ApplicationRouteOptions`; the name is that of an entry. */
export type ApplicationRouteModel = ModelOf<typeof applicationRoute>;
