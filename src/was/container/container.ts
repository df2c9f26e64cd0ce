import { type Context, DONE, type Handler, type Outcome, PENDING } from '../../pipeline/index.ts';
import type { Application } from './application.ts';
import { ContextTable } from './path/context-table.ts';
import { CONTAINER_FAULTS } from './faults.ts';
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
    const { path: raw } = context.request;
    const canonical = readRequestPath(raw);
    if ('refusal' in canonical) {
      context.fail(CONTAINER_FAULTS['suspicious-path'], canonical.refusal);
      return DONE;
    }
    const application = this.#applications.find(canonical.path);
    if (application === null) {
      context.fail(CONTAINER_FAULTS['application-missing'], canonical.path);
      return DONE;
    }
    application.handle(context, canonical.path);
    return PENDING;
  }
}
