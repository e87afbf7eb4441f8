import { z } from 'zod';

/** What a schema says of itself in the JSON Schema: keywords that take the place of those that are worked out. `id` makes it a definition of its own. */
export type SchemaNote = Readonly<Record<string, unknown>>;

/** A registry of our own: ids in that of zod would meet those of other copies of this package. */
export const SCHEMA_NOTES: z.core.$ZodRegistry<SchemaNote> = z.registry<SchemaNote>();

/** Notes what a schema is in the JSON Schema. It has to be noted before refinements and transforms are added. */
export function noted<T extends z.ZodType>(schema: T, note: SchemaNote): T {
  SCHEMA_NOTES.add(schema, note);
  return schema;
}

/** Something that only code can give, such as a function: no document has it. */
export function codeOnly<T>(check: (value: unknown) => boolean): z.ZodType<T> {
  return noted(z.custom<T>(check), { not: {} });
}
