import { encodePath } from '../../http/message/index.ts';
import { type Context, DONE, type Handler, type Location, type Outcome } from '../handler.ts';
import { answerRedirect } from '../redirect-answer.ts';

/** Sends the client from `/a` to `/a/`, with its query. */
const addSlash: Handler = {
  name: 'add-slash',
  phase: 'content',
  handle(context: Context): Outcome {
    const query = context.query === null ? '' : `?${context.query}`;
    answerRedirect(context, 301, `${encodePath(context.path)}/${query}`);
    return DONE;
  },
};

/**
 * The location of a prefix route's path without its slash: what the route has, but its only handler
 * answers 301. The address is relative (RFC 9110 section 10.2.2), which holds behind any proxy; the path
 * is that of a route, never one that the client made up.
 */
export function slashRedirect(location: Location): Location {
  return { ...location, name: `${location.name} (without slash)`, handlers: [addSlash] };
}
