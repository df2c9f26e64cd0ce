import { errorCodesPage } from './error-codes.ts';
import { optionsReferencePage } from './options-reference.ts';
import type { ReferencePage } from './reference-page.ts';
import { variablesPage } from './variables-reference.ts';

/** All generated pages; a new generator is one file and one entry here. */
export const REFERENCE_PAGES: readonly ReferencePage[] = [
  errorCodesPage,
  optionsReferencePage,
  variablesPage,
];
