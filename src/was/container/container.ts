import { encodePath } from '../../http/message/index.ts';
import { type Context, DONE, type Handler, type Outcome, PENDING } from '../../pipeline/index.ts';
import type { Application } from './application.ts';
import { CONTAINER_FAULTS } from './faults.ts';
import { ContextTable } from './path/context-table.ts';
import { readRequestPath } from './path/request-path.ts';

/** The content handler that hands requests to web applications, each under its context path. */
export class Container implements Handler {
  readonly name = 'application';
  readonly phase = 'content';
  readonly #applications: ContextTable<Application>;

  constructor(applications: readonly Application[]) {
    this.#applications = new ContextTable(applications);
  }

  handle(context: Context): Outcome {
    // Behind an internal redirect the path is the one that rules have chosen, in which nothing is a parameter.
    const raw =
      context.redirects === 0
        ? context.request.path
        : encodePath(context.path).replaceAll(';', '%3B');
    const canonical = readRequestPath(raw);
    if ('refusal' in canonical) {
      context.fail(CONTAINER_FAULTS['suspicious-path'], canonical.refusal);
      return DONE;
    }
    const { path } = canonical;
    if (path !== context.path && context.redirects === 0) {
      const bytes = Buffer.from(path, 'utf8').toString('latin1');
      if (bytes !== context.path && !isSameLocation(context, bytes)) {
        // Rules in front see path parameters, an application does not: what they say of its path holds.
        return context.redirect(bytes, context.query);
      }
    }
    const application = this.#applications.find(path);
    if (application === null) {
      context.fail(CONTAINER_FAULTS['application-missing'], path);
      return DONE;
    }
    application.handle(context, raw, path);
    return PENDING;
  }
}

function isSameLocation({ host, location }: Context, path: string): boolean {
  return (host.locations.find(path)?.target ?? host.fallback) === location;
}
