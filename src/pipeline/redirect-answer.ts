import { FIELD, Fields } from '../http/message/index.ts';
import { BODY_TYPES, redirectPage } from './built-in-page.ts';
import type { Context } from './handler.ts';

/**
 * Answers with a redirect, whatever the method of the request. `location` is the value of the field: its
 * author has escaped what cannot stand in one.
 */
export function answerRedirect(context: Context, status: number, location: string): void {
  const fields = new Fields();
  fields.appendKnown(FIELD.contentType, BODY_TYPES.html);
  fields.appendKnown(FIELD.location, location);
  context.send(status, fields, redirectPage(status, location));
}
