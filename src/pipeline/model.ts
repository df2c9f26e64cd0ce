/**
 * The resolved, immutable shape of a configuration that the pipeline runs on. `server` builds it from
 * the options; a reload builds another and swaps the reference, while requests under way keep theirs.
 */
import type { VirtualHost } from './handler.ts';
import type { HostTable } from './route/host-table.ts';

/** What one listen address serves. */
export interface ListenerModel {
  readonly hosts: HostTable<VirtualHost>;
}
