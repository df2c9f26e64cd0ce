import { jsonAnswer } from '../answer.ts';
import { ADMIN_PATHS } from '../contract.ts';
import type { Resource } from '../resource.ts';

/** What is served, inherited and default values filled in; secrets are left to the file. */
export const config: Resource = {
  path: ADMIN_PATHS.config,
  method: 'GET',
  open: false,
  means: 'the configuration that is served',
  answer: (view) => jsonAnswer(200, withoutSecrets(view.config())),
};

function withoutSecrets(served: object): unknown {
  return JSON.parse(
    JSON.stringify(served, (name, value: unknown) =>
      name === 'secret' && typeof value === 'string' ? '(hidden)' : value,
    ),
  );
}
