/**
 * Preconditions: the order of evaluation of RFC 9110 §13.2.2.
 *
 * A date that cannot be read is as if its field were absent (§13.1.3, §13.1.4), and so is a date
 * condition on a representation without a modification date. nginx differs in four ways: it also
 * looks at the dates when tags are given, fails an unreadable If-Unmodified-Since, compares tags
 * byte by byte, and takes `If-Modified-Since` as `exact` by default.
 */

import { parseHttpDate } from './date.ts';
import { entityTagListHas, isAnyEntityTag, isEntityTag, strongEntityTagEquals } from './etag.ts';

/** The values of the precondition fields as received, null where absent. */
export interface PreconditionFields {
  readonly ifMatch: string | null;
  readonly ifUnmodifiedSince: string | null;
  readonly ifNoneMatch: string | null;
  readonly ifModifiedSince: string | null;
}

/** What the selected representation can be recognised by. */
export interface Validators {
  /** A well-formed entity tag, or null where the representation has none. */
  readonly etag: string | null;
  /** Seconds since the epoch, or -1 where unknown. */
  readonly lastModified: number;
}

/** `proceed` with the method, answer 304, or answer 412. */
export type PreconditionOutcome = 'proceed' | 'not-modified' | 'precondition-failed';

/**
 * When If-Modified-Since counts as "not modified": `before`, at any date from the modification on
 * (RFC 9110 §13.1.3); `exact`, at the very date only (nginx's default). nginx's
 * `if_modified_since off` is the field passed as null.
 */
export type ModifiedSinceRule = 'exact' | 'before';

function tagMatches(value: string, current: Validators, comparison: 'strong' | 'weak'): boolean {
  if (isAnyEntityTag(value)) return true;
  return current.etag !== null && entityTagListHas(value, current.etag, comparison);
}

function isUnmodifiedSince(value: string, lastModified: number, now: number): boolean {
  const date = parseHttpDate(value, now);
  return date === -1 || lastModified <= date;
}

function isModifiedSince(
  value: string,
  lastModified: number,
  now: number,
  rule: ModifiedSinceRule,
): boolean {
  const date = parseHttpDate(value, now);
  if (date === -1) return true;
  return rule === 'exact' ? lastModified !== date : lastModified > date;
}

/**
 * Decides whether a request whose answer would otherwise be 2xx may proceed.
 *
 * `current` is null where the target has no representation yet (a PUT that would create it): `*`
 * does not match then. `now`, in seconds since the epoch, reads two-digit years.
 */
export function evaluatePreconditions(
  method: string,
  fields: PreconditionFields,
  current: Validators | null,
  now: number,
  rule: ModifiedSinceRule = 'before',
): PreconditionOutcome {
  const lastModified = current === null ? -1 : current.lastModified;
  if (fields.ifMatch !== null) {
    if (current === null || !tagMatches(fields.ifMatch, current, 'strong')) {
      return 'precondition-failed';
    }
  } else if (
    fields.ifUnmodifiedSince !== null &&
    lastModified !== -1 &&
    !isUnmodifiedSince(fields.ifUnmodifiedSince, lastModified, now)
  ) {
    return 'precondition-failed';
  }

  const reads = method === 'GET' || method === 'HEAD';
  if (fields.ifNoneMatch !== null) {
    if (current !== null && tagMatches(fields.ifNoneMatch, current, 'weak')) {
      return reads ? 'not-modified' : 'precondition-failed';
    }
  } else if (
    fields.ifModifiedSince !== null &&
    reads &&
    lastModified !== -1 &&
    !isModifiedSince(fields.ifModifiedSince, lastModified, now, rule)
  ) {
    return 'not-modified';
  }
  return 'proceed';
}

/**
 * Whether the Range field of a request is to be obeyed under its If-Range (RFC 9110 §13.1.5):
 * always without one, else if its tag equals the current one by strong comparison or its date is
 * exactly the current Last-Modified. A weak tag and anything unreadable say no, and the whole
 * representation is sent. Only for GET; other methods ignore Range (§14.2).
 */
export function rangeApplies(ifRange: string | null, current: Validators, now: number): boolean {
  if (ifRange === null) return true;
  const first = ifRange.charCodeAt(0);
  if (first === 0x22) {
    return (
      current.etag !== null && isEntityTag(ifRange) && strongEntityTagEquals(ifRange, current.etag)
    );
  }
  if (current.lastModified === -1) return false;
  return parseHttpDate(ifRange, now) === current.lastModified;
}
