/**
 * The parts of a configuration of which there may be very many, as JSON texts on their way to a thread. Text is cheap
 * to take over, and tells what is the same as before.
 */

/** What a model has very many of. */
export type TextKind = 'sites' | 'upstreams';

/** JSON texts by kind and name. */
export type Texts = Readonly<Record<TextKind, ReadonlyMap<string, string>>>;

/** A site by its main name, or an upstream; null for one that is the same as in the model that is served. */
export type NamedText = readonly [name: string, json: string | null];

/** How many travel in one message. */
const BATCH = 100;

/** Each model of a record as JSON; the order of the record stays. */
export function textsOf(models: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(models).map(([name, model]) => [name, JSON.stringify(model)]));
}

/** What a thread that serves `known` is sent to serve `offered`, in batches; `known` is null for a new thread. */
export function* batches(
  offered: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, string> | null,
): Generator<readonly NamedText[]> {
  let batch: NamedText[] = [];
  for (const [name, json] of offered) {
    batch.push([name, known?.get(name) === json ? null : json]);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
