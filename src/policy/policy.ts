import { z } from 'zod';
import { DEFAULTS } from '../core/defaults.ts';
import { ConfigError, type ConfigProblem } from '../core/errors.ts';
import type { BreakerConfig } from '../core/options.ts';
import type { Outcome } from '../core/outcome.ts';
import { type BreakerOptions, breakerShape, checkBreakerOptions, toBreakerConfig } from './breaker-options.ts';
import { type FailureWhen, failureWhenSchema } from './failure-when.ts';
import { type FallbackConfig, type FallbackOptions, fallbackSchema } from './fallback-options.ts';
import { DEFAULT_KEY, type KeyFunction, type KeyPart, type KeySpec, keySchema } from './key-spec.ts';
import { checkAgainst } from './problems.ts';
import type { SignalTripConfig, SignalTripOptions } from './signal-options.ts';
import {
  DEFAULT_FAILURE_CODES,
  failureCodeSchema,
  STATUS_CODES,
  type StatusName,
  statusCodeSchema,
  statusName,
} from './status-codes.ts';
import { type StreamConfig, type StreamOptions, streamSchema } from './stream-options.ts';
import type { TripOptions } from './trip-options.ts';
import { type Duration, durationSchema } from './units.ts';

/** Which methods a policy is for, as in gRPC's service config: a method, all of a service, or (empty) all there are. */
export interface MethodName {
  /** Full service name, such as `inference.GRPCInferenceService`. */
  service?: string;
  /** Method name, such as `ModelInfer`. Needs `service`. */
  method?: string;
}

/** The status that a call ended with, as a {@link Classify} function sees it. */
export interface EndedStatus {
  /** The gRPC status code. */
  readonly code: number;
  /** Its text. */
  readonly details: string;
}

/** Says how a call counts; undefined leaves it to `failureCodes`. `response` is the last message, undefined without one. */
export type Classify = (status: EndedStatus, response: unknown) => Outcome | undefined;

/** What trips the breakers of a policy: any of the conditions and signals that are listed. */
export interface PolicyTripOptions extends TripOptions, SignalTripOptions {}

/** The policy of some methods. */
export interface MethodPolicyOptions extends BreakerOptions {
  /** What trips its breakers. @default { adaptive: {} } */
  trip?: PolicyTripOptions;
  /** Which methods; the most specific name over all policies wins, and policies are not merged. @default [{}], every method */
  name?: readonly MethodName[];
  /** What tells one breaker from another. @default ['target', 'method'] */
  key?: readonly KeyPart[] | KeyFunction;
  /** Set on calls whose caller set none, and where the caller's is later. A call's deadline is never lengthened. @default none */
  deadline?: Duration;
  /** The status codes that count as failures, instead of the default ones. @default DEADLINE_EXCEEDED, UNAVAILABLE, INTERNAL, UNKNOWN, RESOURCE_EXHAUSTED, DATA_LOSS */
  failureCodes?: readonly StatusName[];
  /** Code that says how a call counts, before `failureCodes` is asked; a text is the name of a registered function. */
  classify?: Classify | string;
  /**
   * A response message that reports a failure under status OK: a field that is set then (`response.error_message`), code, or the name of a
   * registered function. It is asked for each message. @default none
   */
  failureWhen?: FailureWhen | string;
  /**
   * An answer that would reach its caller later than this after the call's start is not delivered: the fallback answers, or DEADLINE_EXCEEDED.
   * It shortens the deadline, too. For methods with a single response. @default none
   */
  staleAfter?: Duration;
  /** How streamed responses are watched and judged. */
  stream?: StreamOptions;
  /**
   * The status code of a refused call without a fallback. Clients that retry UNAVAILABLE by themselves would hammer an open breaker: give them
   * another. @default 'UNAVAILABLE'
   */
  rejectionStatus?: StatusName;
  /** A caller that cancels after so long, without an answer, has given up: it counts as a failure. For deadlines that are not gRPC's. @default never */
  cancelledAfter?: Duration;
  /**
   * A deadline shorter than this that is missed says nothing of the dependency. `auto`: half of the method's usual latency, as `adaptive` has
   * learned it. @default none
   */
  minBudget?: Duration | 'auto';
  /** What callers get instead of an error. @default none: UNAVAILABLE, or the call's own status */
  fallback?: FallbackOptions;
}

/** A policy: the same in code and, with functions by their registered names, as a YAML or JSON document. */
export interface Policy {
  /**
   * `.proto` files and descriptor sets that messages of fallbacks are checked against, relative to the document. Needs `@grpc/proto-loader`.
   * @default none: services are registered in code
   */
  protos?: readonly string[];
  /** At most so many breakers, besides an `_OTHER` for each entry of `methods` that the keys beyond share. @default 10000 */
  maxBreakers?: number;
  /** Policies by method. @default one for every method, with the defaults */
  methods?: readonly MethodPolicyOptions[];
}

/** The policy of some methods, as parsed: numbers only, defaults filled in. */
export interface MethodPolicy {
  /** Its place in the document, such as `methods[0]`. */
  readonly path: string;
  readonly names: readonly MethodName[];
  readonly key: KeySpec;
  /** Ends the names of its breakers where its keys may be those of a policy before it. */
  readonly keySuffix: string;
  /** Milliseconds, Infinity for none. */
  readonly deadlineMs: number;
  readonly failureCodes: ReadonlySet<number>;
  readonly classify: Classify | undefined;
  readonly failureWhen: FailureWhen | undefined;
  /** Names of registered functions and fields of the response in place of the two above; src/policy/registered.ts resolves them. */
  readonly named: { readonly classify: string | undefined; readonly failureWhen: string | undefined };
  /** Milliseconds, Infinity for none. */
  readonly staleAfterMs: number;
  readonly stream: StreamConfig;
  /** The status code of a refused call. */
  readonly rejectionCode: number;
  /** A caller's cancel after so many milliseconds without an answer is a failure; Infinity for never. */
  readonly cancelledAfterMs: number;
  /** Milliseconds, 0 for none, `auto` for half of the usual latency. */
  readonly minBudget: number | 'auto';
  readonly fallback: FallbackConfig | undefined;
  /** What trips it from outside. */
  readonly signals: SignalTripConfig;
  readonly breaker: BreakerConfig;
}

/** A policy as parsed. */
export interface ParsedPolicy {
  readonly protos: readonly string[];
  readonly maxBreakers: number;
  readonly methods: readonly MethodPolicy[];
}

const nameSchema = z
  .strictObject({ service: z.string().min(1).optional(), method: z.string().min(1).optional() })
  .refine(({ service, method }) => method === undefined || service !== undefined, {
    error: 'names a method without its service; add service',
  })
  .transform((name) => name as MethodName);

const namesSchema = z
  .array(nameSchema, { error: 'expected a list such as [{ service: "pkg.Service", method: "Method" }]' })
  .min(1, { error: 'is empty; expected at least one name ([{}] names every method)' })
  .default([{}]);

const plainMethodSchema = z
  .strictObject({
    name: namesSchema,
    key: keySchema.optional(),
    deadline: durationSchema.optional(),
    failureCodes: z.array(failureCodeSchema, { error: 'expected a list of status names' }).optional(),
    classify: z
      .union([z.string().min(1), z.custom<Classify>((value) => typeof value === 'function')], {
        error: 'expected a function (status, response) => outcome, or the name of a registered one',
      })
      .optional(),
    failureWhen: failureWhenSchema.optional(),
    staleAfter: durationSchema.optional(),
    stream: streamSchema.optional(),
    rejectionStatus: statusCodeSchema.optional(),
    cancelledAfter: durationSchema.optional(),
    minBudget: z.union([z.literal('auto'), durationSchema], { error: 'expected a duration such as "5ms", or auto' }).optional(),
    fallback: fallbackSchema.optional(),
    ...breakerShape,
  })
  .superRefine(checkBreakerOptions)
  .superRefine(({ minBudget, trip }, context) => {
    if (minBudget !== 'auto' || trip === undefined || trip.adaptive !== undefined) return;
    const message =
      'is auto, which takes the usual latency from the trip condition adaptive; list adaptive too, or give a duration';
    context.addIssue({ code: 'custom', path: ['minBudget'], message, input: minBudget });
  });

/** Status codes that a source is for, and that its fallback is never asked for: they count as no failure. */
function checkCodes({ fallback, failureCodes, classify }: z.output<typeof plainMethodSchema>, context: z.RefinementCtx): void {
  if (fallback === undefined || classify !== undefined) return;
  const failures = new Set(failureCodes ?? DEFAULT_FAILURE_CODES.map((name) => STATUS_CODES[name]));
  fallback.sources.forEach(({ when }, index) => {
    const stray = [...(when?.codes ?? [])].filter((code) => !fallback.on.codes.has(code) && !failures.has(code)).map(statusName);
    if (stray.length === 0) return;
    const message = `names ${stray.join(', ')}, no failure here, and "on" asks for failures only; add { failed: [${stray.join(', ')}] } to "on"`;
    context.addIssue({ code: 'custom', path: ['fallback', 'sources', index, 'when'], message, input: when });
  });
}

const methodSchema = plainMethodSchema.superRefine(checkCodes);

const policySchema = z.strictObject({
  protos: z.array(z.string().min(1), { error: 'expected a list of files' }).optional(),
  maxBreakers: z
    .int({ error: 'expected a whole number' })
    .min(1, { error: 'expected at least 1' })
    .max(10_000_000, { error: 'expected at most 10000000' })
    .optional(),
  methods: z.array(methodSchema, { error: 'expected a list of policies' }).optional(),
});

type ParsedMethod = z.output<typeof methodSchema>;

/** Names that stand more than once, also in methods that cannot be read for another reason. */
function repeatedNames(methods: readonly unknown[]): ConfigProblem[] {
  const seen = new Map<string, string>();
  return methods.flatMap((method, at) => {
    const names = namesSchema.safeParse((method as { name?: unknown } | null | undefined)?.name).data ?? [];
    return names.flatMap((name, index) => {
      const path = `${name.service ?? ''}/${name.method ?? ''}`;
      const here = `methods[${at}].name[${index}]`;
      const before = seen.get(path);
      seen.set(path, here);
      if (before === undefined) return [];
      const what = path === '/' ? 'every method' : path;
      return [{ path: here, message: `names ${what} again, which ${before} did; each name may stand once` }];
    });
  });
}

/**
 * Reads and checks a policy.
 * @param policy - the policy
 * @param what - what it is called in errors, such as its file
 * @throws ConfigError with every problem in it
 */
export function parsePolicy(policy: unknown, what = 'policy'): ParsedPolicy {
  const { value, problems } = checkPolicy(policy);
  if (problems.length > 0) throw new ConfigError(what, problems);
  return value;
}

/** A policy as far as it can be read, with every problem in it: methods that have one are left out. */
export function checkPolicy(policy: unknown): { readonly value: ParsedPolicy; readonly problems: readonly ConfigProblem[] } {
  const checked = checkAgainst(policySchema, policy);
  const methods = (policy as { methods?: unknown } | null | undefined)?.methods;
  const given = Array.isArray(methods) ? (methods as readonly unknown[]) : [];
  const repeated = repeatedNames(given);
  if ('value' in checked) return { value: toParsedPolicy(checked.value, checked.value.methods ?? []), problems: repeated };
  const readable = given.map((method) => methodSchema.safeParse(method).data);
  return { value: toParsedPolicy({}, readable), problems: [...checked.problems, ...repeated] };
}

/** Undefined stands for a method that cannot be read. */
function toParsedPolicy(
  policy: { maxBreakers?: number | undefined; protos?: readonly string[] | undefined },
  methods: readonly (ParsedMethod | undefined)[],
): ParsedPolicy {
  const all = methods.length === 0 ? [methodSchema.parse({})] : methods;
  const parsed = all.flatMap((method, index) => (method === undefined ? [] : [toMethodPolicy(method, index, all)]));
  return { protos: policy.protos ?? [], maxBreakers: policy.maxBreakers ?? DEFAULTS.maxBreakers, methods: parsed };
}

function toMethodPolicy(method: ParsedMethod, index: number, all: readonly (ParsedMethod | undefined)[]): MethodPolicy {
  const path = `methods[${index}]`;
  const mayMeet = ({ key = DEFAULT_KEY }: ParsedMethod) => key.function !== undefined || !key.method;
  const isAmbiguous = mayMeet(method) && all.slice(0, index).some((other) => other !== undefined && mayMeet(other));
  return {
    path,
    names: method.name,
    key: method.key ?? DEFAULT_KEY,
    keySuffix: isAmbiguous ? `#${path}` : '',
    deadlineMs: method.deadline ?? Infinity,
    failureCodes: new Set(method.failureCodes ?? DEFAULT_FAILURE_CODES.map((name) => STATUS_CODES[name])),
    classify: typeof method.classify === 'string' ? undefined : method.classify,
    failureWhen: typeof method.failureWhen === 'string' ? undefined : method.failureWhen,
    named: { classify: textOf(method.classify), failureWhen: textOf(method.failureWhen) },
    staleAfterMs: method.staleAfter ?? Infinity,
    stream: method.stream ?? streamSchema.parse({}),
    rejectionCode: method.rejectionStatus ?? STATUS_CODES.UNAVAILABLE,
    cancelledAfterMs: method.cancelledAfter ?? Infinity,
    minBudget: method.minBudget ?? 0,
    fallback: method.fallback,
    signals: { signal: method.trip?.signal, prometheus: method.trip?.prometheus },
    breaker: toBreakerConfig(method, { jitter: DEFAULTS.policyJitter, rampUpMs: DEFAULTS.policyRampUpMs }),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
