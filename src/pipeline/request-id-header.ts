import type { Fields } from '../http/message/index.ts';
import type { Context } from './context.ts';
import type { HeaderFilter } from './handler.ts';

/**
 * Shows the client the id under which the logs know its request, in the response field `name`. A field
 * of that name from a back end is replaced: the id must be the one that the operator can search for.
 */
export function requestIdHeader(name: string): HeaderFilter {
  return {
    name: 'request-id',
    filter(context: Context, _status: number, fields: Fields): Fields {
      const copy = fields.copy();
      copy.set(name, context.requestId);
      return copy;
    },
  };
}
