/** The schema of a whole input as JSON Schema, for editors and forms. */
import type { AnySchema, JsonSchema } from './schema.ts';

/**
 * JSON Schema, draft 2020-12. It can say less than `resolve`: references, existing files, and
 * bounds of durations and sizes are checked there only.
 */
export function toJsonSchema(schema: AnySchema, title: string): JsonSchema {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title, ...schema.json };
}
