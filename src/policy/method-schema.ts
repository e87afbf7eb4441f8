import { z } from 'zod';
import { breakerShape, checkBreakerOptions, type ParsedBreakerOptions } from './breaker-options.ts';
import { type FailureWhen, failureWhenSchema } from './failure-when.ts';
import { type FallbackConfig, fallbackSchema } from './fallback-options.ts';
import { type KeySpec, keySchema } from './key-spec.ts';
import type { Classify, MethodName } from './method-options.ts';
import { codeOnly, noted } from './schema-notes.ts';
import { DEFAULT_FAILURE_CODES, failureCodeSchema, STATUS_CODES, statusCodeSchema, statusName } from './status-codes.ts';
import { type StreamConfig, streamSchema } from './stream-options.ts';
import { durationSchema, textSchema } from './units.ts';

/** The options of a method's policy that passed their schemas: undefined where an option is not there. */
export interface ParsedMethod extends ParsedBreakerOptions {
  readonly name: readonly MethodName[];
  readonly key?: KeySpec | undefined;
  readonly deadline?: number | undefined;
  readonly failureCodes?: readonly number[] | undefined;
  readonly classify?: Classify | string | undefined;
  readonly failureWhen?: FailureWhen | string | undefined;
  readonly staleAfter?: number | undefined;
  readonly stream?: StreamConfig | undefined;
  readonly rejectionStatus?: number | undefined;
  readonly cancelledAfter?: number | undefined;
  readonly minBudget?: number | 'auto' | undefined;
  readonly fallback?: FallbackConfig | undefined;
}

const nameSchema = noted(
  z.strictObject(
    {
      service: textSchema('the full name of a service, such as inference.GRPCInferenceService').optional(),
      method: textSchema('the name of a method, such as ModelInfer').optional(),
    },
    { error: 'expected an object such as { service: pkg.Service, method: Method }, or {} for every method' },
  ),
  { id: 'MethodName', dependentRequired: { method: ['service'] } },
)
  .refine(({ service, method }) => method === undefined || service !== undefined, {
    error: 'names a method without its service; add service',
  })
  .transform((name) => name as MethodName);

/** Reads which methods a policy is for. */
export const namesSchema: z.ZodType<readonly MethodName[]> = noted(
  z
    .array(nameSchema, { error: 'expected a list such as [{ service: pkg.Service, method: Method }]' })
    .min(1, { error: 'is empty; expected at least one name ([{}] names every method)' }),
  { uniqueItems: true },
);

const CLASSIFY_EXPECTED = 'expected a function (status, response) => outcome, or the name of a registered one';

/** Options that presets have, too. */
const sharedShape = {
  key: keySchema.optional(),
  deadline: durationSchema.optional(),
  failureCodes: z.array(failureCodeSchema, { error: 'expected a list of status names, such as [UNAVAILABLE]' }).optional(),
  classify: z
    .union([z.string().min(1), codeOnly<Classify>((value) => typeof value === 'function')], { error: CLASSIFY_EXPECTED })
    .optional(),
  failureWhen: failureWhenSchema.optional(),
  staleAfter: durationSchema.optional(),
  stream: streamSchema.optional(),
  rejectionStatus: statusCodeSchema.optional(),
  cancelledAfter: durationSchema.optional(),
  minBudget: z.union([z.literal('auto'), durationSchema], { error: 'expected a duration such as "5ms", or auto' }).optional(),
  fallback: fallbackSchema.optional(),
  ...breakerShape,
};

const PRESET_EXPECTED = 'expected the name of a preset, or a list of names';
const presetName = z.string({ error: PRESET_EXPECTED }).min(1, { error: PRESET_EXPECTED });
const preset = z
  .union([presetName, z.array(presetName).min(1, { error: 'is empty; expected the name of a preset, or leave preset out' })], {
    error: PRESET_EXPECTED,
  })
  .optional();

/** What the options of one object contradict, as JSON Schema has it. */
const CONTRADICTIONS = {
  not: { required: ['shed', 'trip'] },
  allOf: [
    {
      anyOf: [
        { properties: { minBudget: { not: { const: 'auto' } } } },
        { not: { required: ['trip'] } },
        { properties: { trip: { required: ['adaptive'] } } },
      ],
    },
  ],
};

const OPTIONS_EXPECTED = 'expected options, such as { deadline: 20ms }';

/** Reads each option of a preset by itself. */
export const presetSchema: z.ZodType = noted(z.strictObject({ preset, ...sharedShape }, { error: OPTIONS_EXPECTED }), {
  id: 'PresetOptions',
  ...CONTRADICTIONS,
});

const { key: _key, classify: _classify, failureWhen: _failureWhen, ...inferenceShape } = sharedShape;

const openInferenceSchema = noted(
  z.strictObject(
    {
      preset,
      ...inferenceShape,
      byVersion: z.boolean({ error: 'expected true or false' }).optional(),
      streamFallback: fallbackSchema.optional(),
    },
    { error: 'expected options, such as { deadline: 20ms }, or {} for the defaults' },
  ),
  { id: 'OpenInferenceOptions', ...CONTRADICTIONS },
);

/** Reads each option of an entry of `methods` by itself. */
export const entrySchema: z.ZodType = noted(
  z.strictObject(
    { name: namesSchema.optional(), preset, ...sharedShape, openInference: openInferenceSchema.optional() },
    { error: OPTIONS_EXPECTED },
  ),
  {
    id: 'MethodPolicyOptions',
    ...CONTRADICTIONS,
    dependentSchemas: { openInference: { maxProperties: 1 } },
  },
).superRefine((entry, context) => {
  if (entry.openInference === undefined) return;
  for (const [option, input] of Object.entries(entry)) {
    if (option === 'openInference' || input === undefined) continue;
    const message = 'stands beside openInference, which has its own options; move it there, or to an entry of its own';
    context.addIssue({ code: 'custom', path: [option], message, input });
  }
});

const plainMethodSchema = z
  .strictObject({ name: namesSchema.default([{}]), ...sharedShape })
  .superRefine(checkBreakerOptions)
  .superRefine(({ minBudget, trip }, context) => {
    if (minBudget !== 'auto' || trip === undefined || trip.adaptive !== undefined) return;
    const message =
      'is auto, which takes the usual latency from the trip condition adaptive; list adaptive too, or give a duration';
    context.addIssue({ code: 'custom', path: ['minBudget'], message, input: minBudget });
  });

/** Status codes that a source is for, and that its fallback is never asked for: they count as no failure. */
function checkCodes({ fallback, failureCodes, classify }: ParsedMethod, context: z.RefinementCtx): void {
  if (fallback === undefined || classify !== undefined) return;
  const failures = new Set(failureCodes ?? DEFAULT_FAILURE_CODES.map((name) => STATUS_CODES[name]));
  fallback.sources.forEach(({ when }, index) => {
    const stray = [...(when?.codes ?? [])].filter((code) => !fallback.on.codes.has(code) && !failures.has(code)).map(statusName);
    if (stray.length === 0) return;
    const message = `names ${stray.join(', ')}, no failure here, and "on" asks for failures only; add { failed: [${stray.join(', ')}] } to "on"`;
    context.addIssue({ code: 'custom', path: ['fallback', 'sources', index, 'when'], message, input: when });
  });
}

/** Reads the options of a method's policy together, presets filled in. */
export const methodSchema: z.ZodType<ParsedMethod> = plainMethodSchema.superRefine(checkCodes);
