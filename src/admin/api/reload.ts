import { jsonAnswer } from '../answer.ts';
import { ADMIN_PATHS } from '../contract.ts';
import type { Resource } from '../resource.ts';

/** Loads the configuration again. A refusal is 409: it conflicts with what is served, and that stays. */
export const reload: Resource = {
  path: ADMIN_PATHS.reload,
  method: 'POST',
  open: false,
  means: 'load the configuration again: 200, or 409 with the reasons',
  answer: async (view) => {
    const report = await view.reload();
    const outcome = report.taken ? 'taken over' : 'refused by the configuration';
    return jsonAnswer(report.taken ? 200 : 409, report, { outcome });
  },
};
