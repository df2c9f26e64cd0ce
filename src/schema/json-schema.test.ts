import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byKey, byType } from './choice.ts';
import { list, record } from './collection.ts';
import { toJsonSchema } from './json-schema.ts';
import { object, optional, required, withDefault } from './object.ts';
import { type Duration, duration } from './quantity.ts';
import { integer, oneOf, string } from './scalars.ts';

test('a schema becomes JSON Schema with required keys, defaults, bounds and choices', () => {
  const schema = object<{
    readonly name: string;
    readonly weight?: number;
    readonly idle?: Duration;
    readonly servers?: readonly string[];
  }>()({
    name: required(string()),
    weight: withDefault(integer({ min: 1, max: 9 }), 1),
    idle: optional(duration({ min: '1s' })),
    servers: optional(list(string(), { min: 1 })),
  });
  assert.deepEqual(toJsonSchema(schema, 'Test'), {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Test',
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1 },
      weight: { type: 'integer', minimum: 1, maximum: 9, default: 1 },
      idle: {
        type: 'string',
        pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$',
        $comment: 'A value of at least 1s',
      },
      servers: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
    },
    required: ['name'],
    additionalProperties: false,
  });
});

test('choices by key and by type, and records', () => {
  const a = object<{ readonly a: number }>()({ a: required(integer()) });
  assert.deepEqual(byKey('thing', { a }).json, { oneOf: [a.json] });
  assert.deepEqual(byType({ number: integer(), string: oneOf('auto') }).json, {
    anyOf: [{ type: 'integer' }, { const: 'auto' }],
  });
  assert.deepEqual(record(oneOf('x', 'y')).json, {
    type: 'object',
    additionalProperties: { enum: ['x', 'y'] },
  });
});
