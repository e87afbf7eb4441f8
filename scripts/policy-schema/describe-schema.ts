import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import type { InterfaceComments, OptionComment } from './doc-comments.ts';
import type { JsonSchema } from './make-schema.ts';

/** Whether a value is one that an option may have. */
type Fits = (option: JsonSchema, value: unknown) => boolean;

/** An entry of `methods` is one of two interfaces. */
const BESIDES: Readonly<Record<string, string>> = { MethodPolicyOptions: 'OpenInferenceEntry' };

/** Gives a schema the descriptions and defaults of the doc comments. Its definitions are called as the interfaces. */
export function describeSchema(schema: JsonSchema, comments: ReadonlyMap<string, InterfaceComments>): JsonSchema {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const fits: Fits = (option, value) => ajv.validate({ ...option, $defs: schema['$defs'] }, value);
  const definitions = Object.entries(schema['$defs'] as Record<string, JsonSchema>).map(([name, definition]) => [
    name,
    described(definition, comments.get(name), comments.get(BESIDES[name] ?? ''), fits),
  ]);
  return { ...described(schema, comments.get('Policy'), undefined, fits), $defs: Object.fromEntries(definitions) };
}

function described(
  schema: JsonSchema,
  comments: InterfaceComments | undefined,
  besides: InterfaceComments | undefined,
  fits: Fits,
): JsonSchema {
  if (comments === undefined) return schema;
  const properties = Object.entries(Object(schema['properties']) as Record<string, JsonSchema>).map(([name, property]) => [
    name,
    withComment(property, comments.options.get(name) ?? besides?.options.get(name), fits),
  ]);
  return { description: comments.text, ...schema, properties: Object.fromEntries(properties) };
}

function withComment(schema: JsonSchema, comment: OptionComment | undefined, fits: Fits): JsonSchema {
  if (comment === undefined) return schema;
  const { text, fallback } = comment;
  if (fallback === undefined) return { description: text, ...schema };
  const value = literal(fallback);
  return {
    description: `${text} Default: ${fallback.replace(/\.?$/, '.')}`,
    ...(value !== undefined && fits(schema, value) && { default: value }),
    ...schema,
  };
}

/** The value of a default that is nothing but a literal. */
function literal(text: string): unknown {
  if (!/^('[^']*'|\d+(\.\d+)?|true|false|[[{].*[\]}])$/.test(text)) return undefined;
  try {
    return parse(text) as unknown;
  } catch {
    return undefined;
  }
}
