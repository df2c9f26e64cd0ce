import { FIELD } from '../../http/message/index.ts';
import { ADMIN_PATHS } from '../contract.ts';
import { exposition, EXPOSITION_TYPES } from '../metrics/exposition.ts';
import { families } from '../metrics/families.ts';
import { expositionFormat } from '../metrics/negotiation.ts';
import type { Resource } from '../resource.ts';

/** Everything that can be counted, for Prometheus and what understands the same. */
export const metrics: Resource = {
  path: ADMIN_PATHS.metrics,
  method: 'GET',
  open: false,
  means: 'the same as OpenMetrics, or as Prometheus text for "Accept: text/plain"',
  answer: async (view, { request }) => {
    const format = expositionFormat(request.fields.joined(FIELD.accept));
    const text = exposition(families(await view.status(), view.ready), format);
    return { status: 200, type: EXPOSITION_TYPES[format], text, fields: [['Vary', 'Accept']] };
  },
};
