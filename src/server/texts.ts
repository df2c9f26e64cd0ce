/**
 * The parts of a configuration of which there may be very many, as JSON texts on their way to a thread. Text is cheap
 * to take over, and tells what is the same as before.
 */
import type { PeerZoneHandle } from '../proxy/index.ts';

/** What a model has very many of. */
export type TextKind = 'certificates' | 'sites' | 'upstreams';

/** JSON texts by kind and name. */
export type Texts = Readonly<Record<TextKind, ReadonlyMap<string, string>>>;

/**
 * A certificate, an upstream, or a site by its main name; null for one that is the same as in the model that is served. An upstream that
 * is new comes with what all threads know of its servers.
 */
export type NamedText = readonly [name: string, json: string | null, zone?: PeerZoneHandle];

/** How many travel in one message. */
const BATCH = 100;

/** Each model of a record as JSON; the order of the record stays. */
export function textsOf(models: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(models).map(([name, model]) => [name, JSON.stringify(model)]));
}

/**
 * What a thread that serves `known` is sent to serve `offered`, in batches; `known` is null for a new thread. `zones` go
 * with what is new.
 */
export function* batches(
  offered: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, string> | null,
  zones: ReadonlyMap<string, PeerZoneHandle> = new Map(),
): Generator<readonly NamedText[]> {
  let batch: NamedText[] = [];
  for (const [name, json] of offered) {
    const zone = zones.get(name);
    if (known?.get(name) === json) batch.push([name, null]);
    else batch.push(zone === undefined ? [name, json] : [name, json, zone]);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
