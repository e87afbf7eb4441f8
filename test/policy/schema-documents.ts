import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { type JsonSchema, makeSchema } from '../../scripts/policy-schema/make-schema.ts';

/** The schema of documents after their references to the environment are replaced. */
const SCHEMA: JsonSchema = makeSchema();

const DEFINITIONS = SCHEMA['$defs'] as Record<string, JsonSchema>;
const ajv = new Ajv2020({ strict: false, validateFormats: false });
const acceptsAll = ajv.compile(SCHEMA);

/** Whether the JSON Schema accepts a document. */
export function accepts(document: unknown): boolean {
  return acceptsAll(document);
}

/** Any document that the JSON Schema accepts. */
export function documents(): fc.Arbitrary<unknown> {
  return valuesOf(SCHEMA);
}

/** A value and its place taken from a document, and another one put there. */
export function mutated(document: unknown): fc.Arbitrary<unknown> {
  const places = placesIn(document, []);
  return fc
    .tuple(fc.nat({ max: places.length - 1 }), fc.constantFrom(...REPLACEMENTS), fc.boolean())
    .map(([index, value, isAdded]) => {
      const copy = structuredClone({ document });
      const place = places[index] ?? [];
      const target = ['document', ...place].slice(0, -1).reduce<unknown>((inner, part) => (inner as never)[part], copy) as Record<
        string,
        unknown
      >;
      const key = String(place.at(-1) ?? 'document');
      if (value === DELETED && Array.isArray(target)) target.splice(Number(key), 1);
      else if (value === DELETED) delete target[key];
      else if (isAdded && typeof target[key] === 'object' && target[key] !== null) Object.assign(target[key], { bogus: value });
      else target[key] = value;
      return copy.document;
    });
}

const DELETED = Symbol('deleted');
const REPLACEMENTS = [
  ...[
    DELETED,
    DELETED,
    DELETED,
    null,
    true,
    0,
    1,
    -1,
    1.5,
    0.02,
    1e9,
    '',
    'x',
    '5',
    '10s',
    '0s',
    '101ms',
    '50%',
    '1.5%',
    '101%',
    '2MB',
  ],
  ...[
    'target',
    'auto',
    'failed',
    'UNAVAILABLE',
    'OK',
    'a.B/C',
    [],
    {},
    ['target'],
    [{}],
    [5],
    { failed: [] },
    { calls: 1 },
    { preset: 'a' },
  ],
];

function placesIn(value: unknown, at: (string | number)[]): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [at];
  return [
    at,
    ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...at, Array.isArray(value) ? Number(key) : key])),
  ];
}

const made = new WeakMap<JsonSchema, fc.Arbitrary<unknown>>();

/** Made once for each schema: a schema is compiled with it. */
function valuesOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  const values = made.get(schema) ?? makeValues(schema);
  made.set(schema, values);
  return values;
}

function makeValues(schema: JsonSchema): fc.Arbitrary<unknown> {
  const {
    $ref,
    anyOf,
    const: only,
    enum: names,
    type,
  } = schema as { $ref?: string; anyOf?: JsonSchema[]; const?: unknown; enum?: unknown[]; type?: unknown };
  if ($ref !== undefined) return valuesOf(DEFINITIONS[$ref.slice('#/$defs/'.length)] as JsonSchema);
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(valuesOf));
  if ('const' in schema) return fc.constant(only);
  if (names !== undefined) return fc.constantFrom(...names);
  if (type === 'object') return objects(schema);
  if (type === 'array') return lists(schema);
  if (type === 'string') return texts(schema);
  if (type === 'boolean') return fc.boolean();
  if (type === 'number' || type === 'integer') return numbers(schema);
  if (Array.isArray(type)) return fc.oneof(...type.map((one) => valuesOf({ type: one })));
  // Any message of a fallback.
  return fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
}

/** Keeps what the rules of a schema say beyond the kinds of its parts. */
function within(schema: JsonSchema, values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const check = ajv.compile({ ...schema, $defs: DEFINITIONS });
  return values.filter((value) => check(value));
}

function objects(schema: JsonSchema): fc.Arbitrary<unknown> {
  const {
    properties,
    required = [],
    oneOf,
    additionalProperties,
    propertyNames,
  } = schema as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
    oneOf?: { required: string[] }[];
    additionalProperties?: JsonSchema | false;
    propertyNames?: JsonSchema;
  };
  if (properties === undefined) {
    const names = fc.oneof(
      fc.constantFrom('a', 'b', 'grpc.a'),
      valuesOf(propertyNames ?? { type: 'string' }),
    ) as fc.Arbitrary<string>;
    return within(
      schema,
      fc.dictionary(names, valuesOf(additionalProperties as JsonSchema), { maxKeys: 3, noNullPrototype: true }),
    );
  }
  const choices = oneOf?.map(({ required: [name] }) => name as string) ?? [];
  const chosen = choices.length === 0 ? fc.constant([]) : fc.constantFrom(...choices).map((name) => [name]);
  const options = Object.keys(properties).filter((name) => !choices.includes(name) && !required.includes(name));
  return within(
    schema,
    fc.tuple(chosen, fc.subarray(options, { maxLength: Math.min(5, options.length) })).chain(([choice, some]) => {
      const names = [...required, ...choice, ...some];
      return fc.record(Object.fromEntries(names.map((name) => [name, valuesOf(properties[name] as JsonSchema)])), {
        noNullPrototype: true,
      });
    }),
  );
}

function lists({ items, minItems = 0, ...rules }: JsonSchema): fc.Arbitrary<unknown> {
  const values = fc.array(valuesOf(items as JsonSchema), { minLength: minItems as number, maxLength: 3 });
  return 'uniqueItems' in rules
    ? fc.uniqueArray(valuesOf(items as JsonSchema), {
        minLength: minItems as number,
        maxLength: 3,
        selector: (item) => JSON.stringify(Object.entries(item as object).toSorted(([a], [b]) => a.localeCompare(b))),
      })
    : values;
}

function texts(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { pattern } = schema;
  const free = fc.oneof(
    fc.constantFrom('a', 'b', 'fast', '$', '${A}', 'a # b', ': x', ' ', 'null', '1'),
    fc.string({ minLength: 1, maxLength: 8 }),
  );
  if (typeof pattern !== 'string') return within(schema, free);
  // Its generator knows no lookahead: what that would refuse is filtered.
  const loose = new RegExp(pattern.replaceAll(/\(\?[=!][^)]*\)/g, ''));
  return within(schema, fc.stringMatching(loose, { maxLength: 40 }));
}

function numbers(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { type, minimum, maximum } = schema as { type: string; minimum?: number; maximum?: number };
  const { exclusiveMinimum = minimum ?? -1e15, exclusiveMaximum = maximum ?? 1e15 } = schema as {
    exclusiveMinimum?: number;
    exclusiveMaximum?: number;
  };
  const small = type === 'integer' ? fc.integer({ min: 0, max: 100 }) : fc.double({ min: 0, max: 3, noNaN: true });
  const any = type === 'integer' ? fc.maxSafeInteger() : fc.double({ min: exclusiveMinimum, max: exclusiveMaximum, noNaN: true });
  const bounded =
    type === 'integer' ? fc.integer({ min: minimum ?? 0, max: Math.min(maximum ?? 1_000, (minimum ?? 0) + 1_000) }) : small;
  return within(
    schema,
    fc.oneof({ weight: 4, arbitrary: bounded }, any, small).map((value) => (value === 0 ? 0 : value)),
  );
}
