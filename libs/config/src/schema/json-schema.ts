import { z } from 'zod';
import { providersFileSchema, tarsyFileSchema } from './files.js';

/** JSON Schemas of the configuration files, by the name under which they are shipped beside them. */
export function jsonSchemas(): Readonly<Record<'tarsy.schema.json' | 'llm-providers.schema.json', object>> {
  return {
    'tarsy.schema.json': jsonSchemaOf(tarsyFileSchema, 'tarsy.yaml'),
    'llm-providers.schema.json': jsonSchemaOf(providersFileSchema, 'llm-providers.yaml'),
  };
}

function jsonSchemaOf(schema: z.ZodType, title: string): object {
  return {
    ...z.toJSONSchema(schema, { io: 'input', target: 'draft-7', override: ({ jsonSchema }) => allowEmpty(jsonSchema) }),
    title,
  };
}

/** A key without a value is absent, so sections may be empty. */
function allowEmpty(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.type === 'object' || schema.type === 'array') schema.type = [schema.type, 'null'] as never;
}
