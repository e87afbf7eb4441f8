import type { JsonSchema } from './make-schema.ts';

const REFERENCE = {
  description: 'A reference to an environment variable: ${NAME}, ${NAME:-default}, or a text with one.',
  type: 'string',
  pattern: String.raw`\$\{[^}]+\}`,
};

const TO_REFERENCE = { $ref: '#/$defs/Reference' };

/** Lets a reference to an environment variable stand for each value that is no free text: the schema is that of the document as it is written. */
export function allowReferences(schema: JsonSchema): JsonSchema {
  const allowed = everywhere(schema) as JsonSchema;
  return { ...allowed, $defs: { ...(allowed['$defs'] as object), Reference: REFERENCE } };
}

/** Keywords whose values are schemas by name. */
const BY_NAME = new Set(['properties', '$defs']);
/** Keywords whose values say something of what stands there, and are no places of values. */
const LEFT = new Set(['not', 'allOf', 'oneOf', 'propertyNames', 'dependentSchemas', 'default']);

function everywhere(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(everywhere);
  if (typeof value !== 'object' || value === null) return value;
  const schema = Object.fromEntries(
    Object.entries(value).map(([keyword, inner]: [string, unknown]) => {
      if (LEFT.has(keyword)) return [keyword, inner];
      if (!BY_NAME.has(keyword)) return [keyword, keyword === 'anyOf' ? inner : everywhere(inner)];
      return [keyword, Object.fromEntries(Object.entries(Object(inner) as object).map(([name, one]) => [name, everywhere(one)]))];
    }),
  );
  return withReference(schema);
}

function withReference(schema: JsonSchema): JsonSchema {
  const { description, default: fallback, anyOf, ...rules } = schema;
  const told = { ...(description !== undefined && { description }), ...(fallback !== undefined && { default: fallback }) };
  if (Array.isArray(anyOf)) {
    const branches = anyOf.map((branch: JsonSchema) => (isScalar(branch) ? branch : (everywhere(branch) as JsonSchema)));
    const takesOne = anyOf.some((branch) => isScalar(branch as JsonSchema));
    return { ...schema, anyOf: takesOne ? [...branches, TO_REFERENCE] : branches };
  }
  return isScalar(schema) ? { ...told, anyOf: [rules, TO_REFERENCE] } : schema;
}

/** A value that cannot be any text. */
function isScalar({ type, pattern, enum: names, const: only, not, ...others }: JsonSchema): boolean {
  if ('$ref' in others || 'properties' in others) return false;
  if (type === 'number' || type === 'integer' || type === 'boolean') return true;
  return names !== undefined || only !== undefined || (type === 'string' && (pattern !== undefined || not !== undefined));
}
