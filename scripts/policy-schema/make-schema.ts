import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { documentSchema } from '../../src/policy/document-schema.ts';
import { SCHEMA_NOTES } from '../../src/policy/schema-notes.ts';

/** A JSON Schema, or a part of one. */
export type JsonSchema = { [keyword: string]: unknown };

/** The JSON Schema of policy documents, without descriptions, from the very schema that checks them. */
export function makeSchema(): JsonSchema {
  const made = z.toJSONSchema(documentSchema, { io: 'input', metadata: SCHEMA_NOTES as never, unrepresentable: 'any' });
  return tidied(made, made.$defs as JsonSchema) as JsonSchema;
}

/** Whether a document can never have it: functions and the like. */
function isCodeOnly(schema: unknown): boolean {
  const { not } = Object(schema) as { readonly not?: unknown };
  return typeof not === 'object' && not !== null && Object.keys(not).length === 0;
}

/** Takes out what only code can give, what a `$ref` says again, defaults, which zod has as parsed, and formats, which stand beside a pattern. */
function tidied(value: unknown, definitions: JsonSchema): unknown {
  if (Array.isArray(value)) return value.map((item) => tidied(item, definitions));
  if (typeof value !== 'object' || value === null) return value;
  const { default: _, format: __, $ref, ...schema } = value as JsonSchema;
  const { anyOf, properties } = schema;
  if (typeof $ref === 'string') {
    // Beside a `$ref` stands what a refined schema has from the one that it refines, and what its own note says otherwise.
    const referred = definitions[$ref.slice('#/$defs/'.length)] as JsonSchema;
    const isSame = Object.keys(schema).every((keyword) => isDeepStrictEqual(schema[keyword], referred[keyword]));
    return isSame ? { $ref } : tidied({ ...referred, ...schema }, definitions);
  }
  const rest = Object.fromEntries(
    Object.entries(schema).flatMap(([keyword, inner]) =>
      keyword === 'properties' ? [] : [[keyword, tidied(inner, definitions)]],
    ),
  );
  // The names in here are those of options, not keywords: one is called `default` nowhere, but it could be.
  const options = Object.entries(Object(properties) as JsonSchema).map(([name, inner]) => [name, tidied(inner, definitions)]);
  const own: JsonSchema = properties === undefined ? rest : { ...rest, properties: Object.fromEntries(options) };
  if (!Array.isArray(anyOf)) return own;
  const { anyOf: ___, ...others } = own;
  const left = anyOf.filter((branch) => !isCodeOnly(branch)).map((branch) => tidied(branch, definitions));
  return left.length === 1 ? { ...others, ...(left[0] as JsonSchema) } : { ...others, anyOf: left };
}
