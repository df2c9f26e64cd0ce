import type { Source } from './source-tree.ts';

/** What a generator made: the whole text of the page, and what is wrong in the sources it was made from. */
export interface GeneratedPage {
  readonly text: string;
  readonly problems: readonly string[];
}

/** A page under docs/reference that is generated: where it lies from the root, and how it is made from the sources. */
export interface ReferencePage {
  readonly path: string;
  readonly generate: (sources: readonly Source[]) => GeneratedPage;
}
